package tui

import (
	"os"
	"runtime/debug"
	"testing"

	"statefulsim/sim/engine"
)

// TestMain starts the tests again in the environment that repeatable runs need.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // as the command has it
	if err := engine.StartAgain(os.Environ()); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
