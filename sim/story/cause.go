package story

import "statefulsim/sim"

// Event returns the event of a number, or nil.
func (s *Story) Event(seq int) *sim.Event {
	if seq < 1 || seq > len(s.Rec.Events) {
		return nil
	}
	return &s.Rec.Events[seq-1]
}

// Chain returns an event and those that led to it, the first cause first.
func (s *Story) Chain(seq int) (chain []*sim.Event) { return nil }

// Effects returns the events that an event led to directly, in their order.
func (s *Story) Effects(seq int) (effects []*sim.Event) { return nil }
