package main

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"statefulsim/sim/explore"
)

// workerCommand starts this program again with the same command line, as a worker. When ctx is over the worker is asked to end, so
// that it takes away what it keeps of volumes, and is ended if it does not.
func workerCommand(ctx context.Context) *exec.Cmd {
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0]
	}
	cmd := exec.CommandContext(ctx, program, append(os.Args[1:], "--worker")...)
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return cmd.Process.Kill() // Windows knows no other way
		}
		return nil
	}
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// workerContext returns a context that ends when whoever started this worker asks for it. An interrupt from the keyboard reaches
// workers too, and is for the other process to see to.
func workerContext(parent context.Context) (context.Context, context.CancelFunc) {
	signal.Ignore(os.Interrupt)
	return signal.NotifyContext(parent, syscall.SIGTERM)
}

// contextOf returns the context of a worker, or of a command that a user can interrupt.
func contextOf(worker bool, parent context.Context) (context.Context, context.CancelFunc) {
	if worker {
		return workerContext(parent)
	}
	return interruptible(parent)
}

// serve does a worker's tasks. That it was asked to end is told by whoever asked.
func serve(ctx context.Context, task func(context.Context, uint64) (any, error)) error {
	err := explore.Serve(ctx, os.Stdin, os.Stdout, task)
	if ctx.Err() != nil {
		return exit(wentBad)
	}
	return err
}
