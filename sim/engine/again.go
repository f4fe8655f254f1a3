package engine

import "strings"

// unpreempted is the setting without which goroutines are preempted at instants that no seed decides. Only the environment can
// ask the Go runtime for it, at the start of a process: neither go.mod nor a //go:debug line may set it.
const unpreempted = "asyncpreemptoff=1"

// RepeatableEnv returns the environment in which a process has to be started again so that its runs repeat, or nil if it has
// that already. Of settings that contradict each other the last one counts.
func RepeatableEnv(environ []string) []string {
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

// StartAgain starts this process again, once, with an environment in which runs repeat. It returns nil if that is not needed, and
// the reason if it cannot be done.
func StartAgain(environ []string) error {
	if again := RepeatableEnv(environ); again != nil {
		return replaceProcess(again)
	}
	return nil
}
