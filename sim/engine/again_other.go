//go:build !unix

package engine

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
)

// replaceProcess runs the same program with another environment and ends with its exit code. An interrupt from the keyboard
// reaches both processes, and is left to the new one. It returns only an error.
func replaceProcess(environ []string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	signal.Ignore(os.Interrupt)
	again := exec.Command(program, os.Args[1:]...)
	again.Env, again.Stdin, again.Stdout, again.Stderr = environ, os.Stdin, os.Stdout, os.Stderr
	err = again.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		signal.Reset(os.Interrupt)
		return err
	}
	os.Exit(again.ProcessState.ExitCode())
	return nil
}
