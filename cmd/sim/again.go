package main

import "statefulsim/sim/engine"

// startAgain starts the process again, once, with an environment in which runs repeat; it returns if that is not needed,
// and with an error if it cannot be done.
func startAgain(environ []string) error {
	if again := engine.RepeatableEnv(environ); again != nil {
		return replaceProcess(again)
	}
	return nil
}
