package main

import (
	"errors"
	"fmt"

	"statefulsim/sim/engine"
)

// bug is an error that only this program is to blame for.
type bug struct {
	args  []string // of the command line
	what  string
	stack []byte // may be empty
}

func (b *bug) Error() string {
	return fmt.Sprintf(`sim: %s

This is a bug of sim, not of your scenario. Please report it with the scenario's file, what stands above, and this:
  command: %s
  version: %s
%s`, b.what, quoted(append([]string{"sim"}, b.args...)), version(), b.stack)
}

// blamed turns a panic of the simulator, as sim.Run hands it out, into a bug that names the command that leads to it.
func blamed(err error, args []string) error {
	var panicked *engine.Panic
	if errors.As(err, &panicked) {
		return &bug{args: args, what: fmt.Sprint("panic: ", panicked.Value), stack: panicked.Stack}
	}
	return err
}
