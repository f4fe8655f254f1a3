package sim

import (
	"slices"
	"time"
)

// Double is two processes of one identity that lived at the same time: one member of a set, twice.
type Double struct {
	Pod, Container string        // the pod's name, with its namespace in front unless that is "default"
	Nodes          [2]string     // of the process that ran already, and of the one that started beside it
	From, Until    time.Duration // Until is the end of the run for two that outlived it
	Began          int           // the event that started the second process
	Apart          int           // the event that cut the first one's node off, so that nobody could stop it; 0 if nothing did
	Ended          int           // the event that ended one of them; 0 if both outlived the run
}

// twins are the two processes of a double that is not over.
type twins struct {
	old, young *process
	record     int // its place in the recording
}

// startedBeside notes that a process started, and which others of its identity live.
func (w *world) startedBeside(p *process) {
	name := p.name()
	for _, other := range w.live[name] {
		double := Double{Pod: p.sandbox.name(), Container: p.container, From: w.loop.Now(), Began: p.birth,
			Nodes: [2]string{other.sandbox.place.Node, p.sandbox.place.Node}, Apart: other.sandbox.machine.silencedBy()}
		w.doubles = append(w.doubles, twins{other, p, len(w.rec.Doubles)})
		w.rec.Doubles = append(w.rec.Doubles, double)
	}
	w.live[name] = append(w.live[name], p)
}

// endedBeside notes that a process ended, because of that event, and tells of each double that this ends.
func (w *world) endedBeside(p *process, seq int) {
	name := p.name()
	if w.live[name] = slices.DeleteFunc(w.live[name], func(other *process) bool { return other == p }); len(w.live[name]) == 0 {
		delete(w.live, name)
	}
	w.doubles = slices.DeleteFunc(w.doubles, func(t twins) bool {
		if t.old != p && t.young != p {
			return false
		}
		double := &w.rec.Doubles[t.record]
		double.Until, double.Ended = w.loop.Now(), seq
		left := double.Nodes[0]
		if t.old == p {
			left = double.Nodes[1]
		}
		w.because(seq, w.actor, func() {
			w.tell(Event{Verb: "restore", Kind: "Invariant", Name: "one-process-per-identity", Reason: "Restored", Level: Headline,
				Detail: "container " + p.container + " of pod " + double.Pod + " runs on node " + left + " alone, after " +
					seconds(double.Until-double.From) + " with two"})
		})
		return true
	})
}

// closeDoubles dates those that outlive the run.
func (w *world) closeDoubles() {
	for _, t := range w.doubles {
		w.rec.Doubles[t.record].Until = w.loop.Now()
	}
}
