package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

// tale is what is told of one thing that happened: events in their order, and the failover that they are of, if they are.
type tale struct {
	failover *sim.Failover // nil: what a fault led to
	events   []*sim.Event
}

// unrecovered is how much is told of what followed a loss from which nobody recovered.
const unrecovered = 30 * time.Second

// causesSince are the events that led from a fault to an event: from the step of the scenario that was the fault, or else from the event
// that is said to be the cause.
func causesSince(s *story.Story, seq, from int) []*sim.Event {
	chain := s.Chain(seq)
	for i, e := range slices.Backward(chain) {
		if isFault(e) {
			return chain[i:]
		}
	}
	return slices.DeleteFunc(chain, func(e *sim.Event) bool { return e.Seq < from })
}

// isFault tells whether a step of the scenario begins with an event.
func isFault(e *sim.Event) bool { return e.Kind == "Step" && e.Verb == "begin" }

// spine is the causal chain of a failover: from what took the primary to the end of each of its phases.
func spine(s *story.Story, f *sim.Failover) []*sim.Event {
	told := causesSince(s, f.CauseSeq, f.CauseSeq)
	for _, phase := range f.Phases {
		told = append(told, causesSince(s, phase.Seq, f.CauseSeq)...)
	}
	return inOrder(told)
}

// inOrder sorts events by their numbers, and leaves out those that are there twice.
func inOrder(events []*sim.Event) []*sim.Event {
	slices.SortFunc(events, func(a, b *sim.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	return slices.Compact(events)
}

// taleOf chooses what is told of a failover: its causal chain whatever it takes, and then of what else happened meanwhile the most
// telling, until there are as many events as may be. What only repeats that is left out.
func taleOf(s *story.Story, f *sim.Failover, most int) tale {
	told := spine(s, f)
	known := map[said]bool{}
	for _, e := range told {
		known[saidOf(e)] = true
	}
	meanwhile := during(s, f)
	if first := slices.IndexFunc(meanwhile, func(e *sim.Event) bool { return e.Kind == "Request" && e.Verb == "fail" }); first >= 0 {
		told = append(told, meanwhile[first])
	}
	for rank := range ranks {
		for _, e := range meanwhile {
			if len(told) < most && rankOf(e, f) == rank && !known[saidOf(e)] {
				told, known[saidOf(e)] = append(told, e), true
			}
		}
	}
	return tale{f, inOrder(told)}
}

// said is what readers of a picture see of an event besides its instant: two of which it is the same repeat each other.
type said struct{ actor, text string }

func saidOf(e *sim.Event) said { return said{e.Actor, story.Sentence(e, sim.Headline)} }

// during are the events between the loss of a primary and the recovery.
func during(s *story.Story, f *sim.Failover) []*sim.Event {
	end := f.At + unrecovered
	if f.Recovered {
		end = f.At + f.Recovery
	}
	var events []*sim.Event
	for i := max(f.CauseSeq-1, 0); i < len(s.Rec.Events) && s.Rec.Events[i].At <= end; i++ {
		events = append(events, &s.Rec.Events[i])
	}
	return events
}

// ranks is how many ranks there are.
const ranks = 4

// rankOf says how telling an event is of a failover; ranks is not at all. Only the database's own pods and the endpoints count.
func rankOf(e *sim.Event, f *sim.Failover) int {
	switch {
	case e.Kind == "Primary" && e.Name == f.Set:
		return 0
	case e.Kind == "Message" && e.Reason == "RequestVote" && ofSet(e.Name, f.Set):
		return 1
	case (e.Kind == "Peer" || e.Kind == "Instance") && e.Level == sim.Headline && ofSet(e.Name, f.Set):
		return 1
	case e.Kind == "Pod" && (e.Reason == "NotReady" || e.Reason == "Role") && ofSet(e.Name, f.Set),
		e.Kind == "EndpointSlice" && strings.Contains(e.Detail, "ready endpoints"):
		return 2
	case e.Kind == "Message" && e.Reason == "RequestPreVote" && ofSet(e.Name, f.Set):
		return 3
	}
	return ranks
}

// ofSet tells whether a pod, or a message from one, is of a StatefulSet.
func ofSet(name, set string) bool { return strings.HasPrefix(name, set+"-") }

// farthest is how many events are looked at to tell what a fault led to.
const farthest = 2000

// taleOfFault tells what the first fault of a run led to, as far as that is more than messages: what matters most first, until there
// are as many events as may be. It is nil if there was no fault.
func taleOfFault(s *story.Story, most int) *tale {
	for i := range s.Rec.Events {
		if e := &s.Rec.Events[i]; isFault(e) {
			if led := effects(s, e); len(led) > 0 {
				return &tale{nil, inOrder(append([]*sim.Event{e}, telling(led, most-1)...))}
			}
		}
	}
	return nil
}

// effects are the events that one led to, by whatever way, but for messages and what commands print. Of those that repeat each other only
// the first is there.
func effects(s *story.Story, of *sim.Event) []*sim.Event {
	known := map[said]bool{}
	var told []*sim.Event
	for next := []*sim.Event{of}; len(next) > 0 && len(told) < farthest; next = next[1:] {
		for _, e := range s.Effects(next[0].Seq) {
			this := saidOf(e)
			if e.Level == sim.Detail || e.Kind == "Terminal" || known[this] {
				continue
			}
			known[this] = true
			told, next = append(told, e), append(next, e)
		}
	}
	return told
}

// telling chooses as many of the events as may be: the headlines first.
func telling(events []*sim.Event, most int) []*sim.Event {
	slices.SortStableFunc(events, func(a, b *sim.Event) int { return cmp.Compare(a.Level, b.Level) })
	return events[:min(len(events), most)]
}
