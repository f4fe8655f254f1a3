package sim

import (
	"slices"
	"time"

	"statefulsim/sim/check"
)

// judgeHistories judges the clients' histories when the run is over: linearizability per register, and acknowledged writes that
// are missing in what the registers took in, oldest first.
func (w *world) judgeHistories(applied map[string][]string) {
	var all []check.Operation
	for _, c := range w.clients {
		all = append(all, c.history...)
	}
	if ok, message := check.Linearizable(all); !ok {
		w.violate("linearizable", message)
	}
	for _, lost := range check.Lost(all, applied) {
		c := w.clients[lost.Client]
		c.result.Lost++
		w.blameFailover(lost.Return)
		w.violate("no-acknowledged-write-lost", "client "+c.spec.Name+" was told at "+seconds(lost.Return)+" that "+lost.Key+"="+lost.Value+" is written, and it is gone")
	}
}

func (w *world) violate(name, message string) {
	w.breach(Violation{Invariant: name, At: w.loop.Now(), Message: message})
}

// breach keeps a violation: against the run, unless the scenario is there to show it.
func (w *world) breach(v Violation) {
	if slices.Contains(w.scenario.Breaks, v.Invariant) {
		w.rec.Broken = append(w.rec.Broken, v)
		return
	}
	w.rec.Violations = append(w.rec.Violations, v)
}

// notBroken is the invariant that a scenario breaks which says that it breaks another, and does not.
const notBroken = "breaks-what-it-says"

// judgeBreaks holds the scenario to what it says it breaks.
func (w *world) judgeBreaks() {
	for _, name := range w.scenario.Breaks {
		if !slices.ContainsFunc(w.rec.Broken, func(v Violation) bool { return v.Invariant == name }) {
			w.violate(notBroken, "the scenario says that it breaks "+name+", and it was kept all the time")
		}
	}
}

// blameFailover counts a lost write against the first failover that ended after it was acknowledged.
func (w *world) blameFailover(at time.Duration) {
	for i := range w.rec.Failovers {
		if f := &w.rec.Failovers[i]; f.end() >= at {
			f.LostWrites++
			return
		}
	}
}
