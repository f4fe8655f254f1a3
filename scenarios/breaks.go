package scenarios

import (
	"slices"

	"statefulsim/scenarios/words"
)

// Breakable are the names of the invariants that a scenario may say it breaks: all that the simulator judges, but for
// those that say whether the scenario itself could be played.
var Breakable = []string{
	"one-process-per-identity", "process-of-bound-pod", "ordered-creation", "ordered-scale-down", "ordered-update",
	"exclusive-volume", "claim-keeps-volume", "pod-keeps-claims", "identity-in-dns", "budget-respected",
	"one-leader-per-term", "log-matching", "leader-completeness", "commit-never-falls", "state-machines-agree",
	"linearizable", "no-acknowledged-write-lost", "recovers",
}

func (r *reader) readBreaks(n *node) {
	for _, item := range r.list(n, "breaks") {
		name := r.str(item)
		switch {
		case !slices.Contains(Breakable, name):
			r.wrong(item, "no invariant is named "+words.Quoted(name), words.DidYouMean(name, Breakable))
		case slices.Contains(r.scenario.Breaks, name):
			r.wrong(item, words.Quoted(name)+" stands there twice", "once is enough")
		default:
			r.scenario.Breaks = append(r.scenario.Breaks, name)
		}
	}
}
