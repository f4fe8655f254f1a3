package story

import (
	"time"

	"statefulsim/sim"
)

// MarkKind is what a mark on the time line stands for.
type MarkKind string

// The kinds of marks.
const (
	FaultMark    MarkKind = "fault"    // a step of the scenario that begins
	HealMark     MarkKind = "heal"     // … and what it did is over
	ElectionMark MarkKind = "election" // somebody becomes the leader or the primary
	LossMark     MarkKind = "loss"     // a primary is lost
	RecoverMark  MarkKind = "recover"  // … and clients write again
	PassMark     MarkKind = "pass"     // an expectation that was decided before the end holds
	FailMark     MarkKind = "fail"     // an expectation or an invariant does not hold, a step could not be done, two primaries
)

// Mark is an instant that people want to jump to.
type Mark struct {
	Kind MarkKind
	At   time.Duration
	Seq  int    // of the event
	Text string // its sentence
}

func marksOf(rec *sim.Recording) []Mark { return nil }

// Next returns the first mark of one of the kinds after an instant, or the last one before it if back is set; with no kinds any. ok is false
// if there is none.
func (s *Story) Next(at time.Duration, back bool, kinds ...MarkKind) (m Mark, ok bool) {
	return Mark{}, false
}
