package sim

import "statefulsim/scenarios"

// tally counts the Kubernetes Events that were told, as far as somebody has asked for them.
type tally struct {
	upTo  int                   // how many events of the recording it has seen
	facts []scenarios.EventFact // in the order in which they were told first
	at    map[[3]string]int     // the place of each among them, by its reason, object and message
}

// Events counts what was told since it was last asked.
func (f facts) Events() []scenarios.EventFact {
	t, all := &f.w.judge.told, f.w.rec.Events
	for ; t.upTo < len(all); t.upTo++ {
		if e := &all[t.upTo]; e.Verb == "event" {
			t.count(e)
		}
	}
	return t.facts
}

// count takes in one Kubernetes Event. One like it that was told before is counted, as kubectl shows it.
func (t *tally) count(e *Event) {
	object := e.Kind + "/" + e.Name
	key := [3]string{e.Reason, object, e.Detail}
	i, known := t.at[key]
	if !known {
		if t.at == nil {
			t.at = map[[3]string]int{}
		}
		i = len(t.facts)
		t.at[key] = i
		t.facts = append(t.facts, scenarios.EventFact{Reason: e.Reason, Object: object, Message: e.Detail, FirstSeconds: e.At.Seconds()})
	}
	t.facts[i].Count++
	t.facts[i].LastSeconds = e.At.Seconds()
}
