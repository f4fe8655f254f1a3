//go:build !linux

package volume

// temporaryRoot is where temporary volumes go; "" is where the system has its temporary files.
func temporaryRoot() string { return "" }
