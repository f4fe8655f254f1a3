package report

import (
	"os"
	"testing"

	"statefulsim/sim/engine"
)

// TestMain starts the tests again in the environment that repeatable runs need.
func TestMain(m *testing.M) {
	if err := engine.StartAgain(os.Environ()); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
