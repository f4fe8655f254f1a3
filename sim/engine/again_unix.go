//go:build unix

package engine

import (
	"os"
	"syscall"
)

// replaceProcess makes this process the same program with another environment. It returns only an error.
func replaceProcess(environ []string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(program, os.Args, environ)
}
