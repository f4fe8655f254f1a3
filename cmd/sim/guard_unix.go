//go:build unix

package main

import (
	"os"
	"syscall"
)

// endings are the signals that ask a process to end, but for that of the keyboard.
func endings() []os.Signal { return []os.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} }
