package engine

import (
	"os"
	"strings"
)

// steady is the setting without which goroutines are preempted at instants that no seed decides. It can only come from the
// environment: neither go.mod nor a //go:debug line may set it.
const steady = "asyncpreemptoff=1"

// SteadyEnv returns the environment in which a process has to be started again so that its runs repeat. ok is false if the
// process has it already.
func SteadyEnv() (env []string, ok bool) {
	was := os.Getenv("GODEBUG")
	for setting := range strings.SplitSeq(was, ",") {
		if setting == steady {
			return nil, false
		}
	}
	if was != "" {
		was += ","
	}
	return append(os.Environ(), "GODEBUG="+was+steady), true
}
