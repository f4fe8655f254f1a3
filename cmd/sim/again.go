package main

import "strings"

// A run repeats exactly only while goroutines are not preempted at arbitrary instructions. Only the environment can ask the
// Go runtime for that, at the start of a process.
const unpreempted = "asyncpreemptoff=1"

// startAgain starts the process again, once, with an environment in which runs repeat; it returns if that is not needed,
// and with an error if it cannot be done.
func startAgain(environ []string) error {
	if again := repeatable(environ); again != nil {
		return replaceProcess(again)
	}
	return nil
}

// repeatable returns the environment in which runs repeat, or nil if this is one. Of settings that contradict each other
// the last one counts.
func repeatable(environ []string) []string {
	settings := ""
	var others []string
	for _, variable := range environ {
		if value, is := strings.CutPrefix(variable, "GODEBUG="); is {
			settings = value
		} else {
			others = append(others, variable)
		}
	}
	if settings == unpreempted || strings.HasSuffix(settings, ","+unpreempted) {
		return nil
	}
	if settings != "" {
		settings += ","
	}
	return append(others, "GODEBUG="+settings+unpreempted)
}
