package report

import (
	"time"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

// longestEvent is how long an event, which takes no time, is drawn at most: long enough to be hit with a mouse.
const longestEvent = time.Millisecond

// failovers writes the phases of each failover, and the events that led to the recovery with who did them.
func (t *tracing) failovers(s *story.Story) {
	for i := range s.Rec.Failovers {
		f := &s.Rec.Failovers[i]
		tid := t.thread(failoverProcess, "failover of "+f.Set)
		t.phases(tid, f)
		t.chain(spine(s, f))
	}
}

// phases writes a slice for the whole failover, and one within it for each phase.
func (t *tracing) phases(tid int, f *sim.Failover) {
	end := f.At
	for _, phase := range f.Phases {
		end += phase.Took
	}
	t.slice(failoverProcess, tid, f.OldPrimary+" → "+dashed(f.NewPrimary), "failover", f.At, end,
		map[string]any{"cause": f.Cause, "recovered": f.Recovered, "lost writes": f.LostWrites})
	from := f.At
	for _, phase := range f.Phases {
		t.slice(failoverProcess, tid, phase.Name, "phase", from, from+phase.Took, map[string]any{"event": phase.Seq})
		from += phase.Took
	}
}

// place is where an event is drawn.
type place struct {
	tid int
	at  int64
}

// chain draws events, each in the thread of who did it, with an arrow from each to those that it led to.
func (t *tracing) chain(events []*sim.Event) {
	threads := map[string]int{}
	drawn := map[int]place{}
	for i, e := range events {
		tid := threads[e.Actor]
		if tid == 0 {
			tid = t.thread(failoverProcess, e.Actor)
			threads[e.Actor] = tid
		}
		t.slice(failoverProcess, tid, story.Sentence(e, sim.Detail), "event", e.At, e.At+room(events[i:]), map[string]any{"event": e.Seq})
		drawn[e.Seq] = place{tid, e.At.Microseconds()}
		if cause, known := drawn[e.Cause]; known {
			t.flow(cause, drawn[e.Seq])
		}
	}
}

// room is how long the first of some events can be drawn without reaching into the next of its actor. Those of one microsecond are drawn
// on top of each other.
func room(events []*sim.Event) time.Duration {
	first := events[0]
	for _, e := range events[1:] {
		if e.Actor == first.Actor && e.At.Microseconds() > first.At.Microseconds() {
			return min(longestEvent, e.At-first.At)
		}
	}
	return longestEvent
}

// flow draws an arrow.
func (t *tracing) flow(from, to place) {
	t.flows++
	t.put(traceEvent{Name: "led to", Cat: "cause", Ph: "s", Ts: from.at, Pid: failoverProcess, Tid: from.tid, ID: t.flows})
	t.put(traceEvent{Name: "led to", Cat: "cause", Ph: "f", Ts: to.at, Pid: failoverProcess, Tid: to.tid, ID: t.flows, Bind: "e"})
}
