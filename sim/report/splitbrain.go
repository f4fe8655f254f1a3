package report

import (
	"strings"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
)

// SplitBrain is a time in which a set had more than one primary that took writes.
type SplitBrain struct {
	Set          string   `json:"set"`  // name of the StatefulSet
	Pods         []string `json:"pods"` // who took writes, in the order in which they began to: "db-0 on node-a"
	FromSeconds  float64  `json:"fromSeconds"`
	UntilSeconds float64  `json:"untilSeconds"` // 0 for one that outlived the run
	Writes       int      `json:"writes"`       // acknowledged meanwhile by those that are not the youngest primary
	BecauseSeq   int      `json:"becauseSeq"`   // of the event that made the second one a primary
}

func splitBrain(s sim.SplitBrain) SplitBrain {
	return SplitBrain{Set: s.Set, Pods: each(s.Pods, func(pod string) string { return pod }), FromSeconds: s.From.Seconds(),
		UntilSeconds: s.Until.Seconds(), Writes: s.Writes, BecauseSeq: s.Because}
}

// splitBrains tells of each time in which a set had more than one primary: who, how long, what came of it, and what led to it.
func (p *page) splitBrains(rec *sim.Recording) {
	if len(rec.SplitBrains) == 0 {
		return
	}
	p.heading("More than one writable primary")
	for i := range rec.SplitBrains {
		s := &rec.SplitBrains[i]
		lasted := "to the end of the run"
		if s.Until > 0 {
			lasted = "to " + words.Seconds(s.Until) + ", " + words.Seconds(s.Until-s.From) + " long"
		}
		p.put(plain("  "), bad(s.Set), plain(": "+strings.Join(s.Pods, " and ")+" took writes from "+words.Seconds(s.From)+" "+lasted))
		p.put(plain("    "), plain(words.Count(s.Writes, "write")+" acknowledged by the older one meanwhile"))
		p.chain(rec, "the younger one came of:", s.Because)
	}
}
