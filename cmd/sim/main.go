// The global source of math/rand, from which raft draws its time-outs, can be seeded only with this.
//
//go:debug randseednop=0

// Command sim runs scenarios of Kubernetes StatefulSets in virtual time and tells what came of them.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"syscall"

	"statefulsim/scenarios"
)

// The exit codes.
const (
	wentWell = iota // the command did what it was asked to, and what was expected of the world held
	wentBad         // an expectation or an invariant failed, or the user stopped the run
	badInput        // a file or the command line is at fault; nothing was run
	ownFault        // this program is at fault
)

func main() {
	// A run makes much and keeps most of it to its end: collecting at each doubling costs a third of the time.
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(400)
	}
	os.Exit(run(os.Args[1:]))
}

// run runs the command line.
func run(args []string) (code int) {
	defer func() {
		if v := recover(); v != nil {
			code = exitCode(&bug{args: args, what: fmt.Sprint(v), stack: debug.Stack()})
		}
	}()
	root := command()
	root.SetArgs(args)
	return exitCode(root.Execute())
}

// exitCode tells the user about an error, if there is anything to tell, and turns it into an exit code.
func exitCode(err error) int {
	var failed exit
	var ours *bug
	var problems scenarios.Problems
	switch {
	case err == nil:
		return wentWell
	case errors.Is(err, syscall.EPIPE): // whoever read the output has seen enough
		return wentWell
	case errors.As(err, &failed):
		return int(failed)
	case errors.As(err, &ours):
		fmt.Fprintln(os.Stderr, harmless(ours.Error()))
		return ownFault
	case errors.As(err, &problems): // each begins with its place, where editors look for it
		fmt.Fprintln(os.Stderr, err)
		return badInput
	}
	fmt.Fprintf(os.Stderr, "sim: %s\n", harmless(err.Error()))
	return badInput
}

// exit is an error about which everything has been said already. It is the exit code.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }
