package raftnode_test

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// TestMain starts the tests again in a process whose goroutines are never preempted: that can only be asked for in the
// environment. One processor and no collector do the rest for runs that repeat.
func TestMain(m *testing.M) {
	if !strings.Contains(os.Getenv("GODEBUG"), "asyncpreemptoff=1") {
		os.Exit(again())
	}
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	os.Exit(m.Run())
}

func again() int {
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Env = append(os.Environ(), "GODEBUG="+strings.TrimPrefix(os.Getenv("GODEBUG")+",asyncpreemptoff=1", ","))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return 1
	}
	return 0
}
