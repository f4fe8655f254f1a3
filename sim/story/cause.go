package story

import (
	"slices"

	"statefulsim/sim"
)

// Event returns the event of a number, or nil.
func (s *Story) Event(seq int) *sim.Event {
	if seq < 1 || seq > len(s.Rec.Events) {
		return nil
	}
	return &s.Rec.Events[seq-1]
}

// Chain returns an event and those that led to it, the first cause first.
func (s *Story) Chain(seq int) (chain []*sim.Event) {
	for e := s.Event(seq); e != nil; e = s.Event(e.Cause) {
		chain = append(chain, e)
	}
	slices.Reverse(chain)
	return chain
}

// Effects returns the events that an event led to directly, in their order.
func (s *Story) Effects(seq int) (effects []*sim.Event) {
	if s.Event(seq) == nil {
		return nil
	}
	for i := s.effects.first[seq]; i > 0; i = s.effects.next[i] {
		effects = append(effects, s.Event(int(i)))
	}
	return effects
}

// effects is the index of what led to what: two lists in a million events are eight megabytes and a millisecond or two.
type effects struct {
	first []int32 // by the number of an event: that of the first that it led to, 0 if there is none
	next  []int32 // by the number of an event: that of the next with the same cause
}

func effectsOf(rec *sim.Recording) effects {
	x := effects{make([]int32, len(rec.Events)+1), make([]int32, len(rec.Events)+1)}
	for i := range slices.Backward(rec.Events) {
		e := &rec.Events[i]
		x.next[e.Seq], x.first[e.Cause] = x.first[e.Cause], int32(e.Seq)
	}
	return x
}
