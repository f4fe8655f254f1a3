package story

import (
	"fmt"
	"slices"
	"strings"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// lastingSteps names the steps of a scenario whose effect lasts, as events do.
func lastingSteps(s *scenarios.Scenario) map[string]bool {
	lasting := map[string]bool{}
	for i := range s.Steps {
		key, _, _ := strings.Cut(s.Steps[i].Do.String(), ":")
		if slices.ContainsFunc(scenarios.Actions(), func(a scenarios.ActionKind) bool { return a.Key == key && a.Lasts }) {
			lasting[stepName(s, i)] = true
		}
	}
	return lasting
}

// stepName is what events call the i-th step of a scenario, counted from 0: one without a name is called by its number.
func stepName(s *scenarios.Scenario, i int) string {
	if name := s.Steps[i].Name; name != "" {
		return name
	}
	return fmt.Sprintf("step %d", i+1)
}

// step takes in that a step begins, or ends. One that could not be done had no effect, but one that comes again may still have that of
// the time before.
func (l *loom) step(e *sim.Event) {
	if !l.lasting[e.Name] {
		return
	}
	switch t := l.faults.named(e.Name); e.Verb {
	case "begin":
		t.become(Span{From: l.at, State: Broken, Text: e.Detail, Seq: l.seq})
	case "heal":
		t.end(l.at)
	case "fail", "skip":
		if t.open && t.last().Seq == e.Cause {
			t.end(l.at)
		}
	}
}
