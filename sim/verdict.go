package sim

import (
	"slices"
	"strings"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
	"statefulsim/sim/check"
)

// judgeHistories judges the clients' histories when the run is over: linearizability per register, and acknowledged writes that
// are missing in what the registers took in, oldest first.
func (w *world) judgeHistories(applied map[string][]string) {
	all := w.rec.History
	if ok, message := check.Linearizable(w.promised(all)); !ok {
		w.violate("linearizable", message)
	}
	for _, lost := range check.Lost(all, applied) {
		c := w.clients[lost.Client]
		c.result.Lost++
		w.rec.Lost = append(w.rec.Lost, LostWrite{Client: lost.Client, Key: lost.Key, Value: lost.Value, At: lost.Return})
		w.blameFailover(lost)
		if w.scenario.Runs[setOf(lost.Key).Name].MayLose() {
			continue
		}
		w.violate("no-acknowledged-write-lost", "client "+c.spec.Name+" was told at "+seconds(lost.Return)+" that "+lost.Key+"="+lost.Value+" is written, and it is gone")
	}
}

// promised leaves out what a database answered that does not promise linearizability: one that is not raft.
func (w *world) promised(all []check.Operation) []check.Operation {
	return slices.DeleteFunc(slices.Clone(all), func(op check.Operation) bool {
		return w.scenario.Runs[setOf(op.Key).Name].Kind != scenarios.Raft
	})
}

// setOf is the set that a register belongs to: see registerOf.
func setOf(register string) store.Key {
	namespace, rest, _ := strings.Cut(register, "/")
	name, _, _ := strings.Cut(rest, "/")
	return store.Key{Kind: store.StatefulSet, Namespace: namespace, Name: name}
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
	w.broken = true
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

// blameFailover counts a lost write against the first failover of its set that ended after it was acknowledged, or else, for
// one that an old primary went on to acknowledge, against the last one.
func (w *world) blameFailover(lost check.Operation) {
	set := setOf(lost.Key)
	var last *Failover
	for i := range w.rec.Failovers {
		f := &w.rec.Failovers[i]
		if f.Set != DisplayName(set.Namespace, set.Name) {
			continue
		}
		if last = f; f.end() >= lost.Return {
			break
		}
	}
	if last != nil {
		last.LostWrites++
	}
}
