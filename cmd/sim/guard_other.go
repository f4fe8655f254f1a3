//go:build !unix

package main

import "os"

// endings are the signals that ask a process to end, but for that of the keyboard: there are none.
func endings() []os.Signal { return nil }
