package sim

import (
	"errors"
	"os"
	"os/exec"
	"runtime/debug"
	"testing"

	"statefulsim/sim/engine"
)

// TestMain starts the tests again in the environment that repeatable runs need.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // as the command has it
	env := engine.RepeatableEnv(os.Environ())
	if env == nil {
		os.Exit(m.Run())
	}
	again := exec.Command(os.Args[0], os.Args[1:]...)
	again.Env, again.Stdin, again.Stdout, again.Stderr = env, os.Stdin, os.Stdout, os.Stderr
	err := again.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		os.Exit(0)
	case errors.As(err, &exit):
		os.Exit(exit.ExitCode())
	default:
		panic(err)
	}
}
