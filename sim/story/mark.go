package story

import (
	"slices"
	"sort"
	"time"

	"statefulsim/scenarios"
	"statefulsim/scenarios/kubectl"
	"statefulsim/sim"
)

// MarkKind is what a mark on the time line stands for.
type MarkKind string

// The kinds of marks.
const (
	FaultMark    MarkKind = "fault"    // a step of the scenario begins that breaks or changes something
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
	Text string // its sentence, which says whom it is about
}

func marksOf(rec *sim.Recording) (marks []Mark) {
	quiet := quietSteps(rec.Scenario)
	for i := range rec.Events {
		e := &rec.Events[i]
		kind := markOf(e)
		if kind == "" || kind == FaultMark && quiet[e.Name] {
			continue
		}
		marks = append(marks, Mark{Kind: kind, At: e.At, Seq: e.Seq, Text: markText(e)})
	}
	return marks
}

// markText is an event's sentence. A peer's begins with the actor, whose name is not seen at a mark.
func markText(e *sim.Event) string {
	text := Sentence(e, sim.Headline)
	if e.Kind == "Peer" && e.Actor == "raft/"+e.Name {
		return e.Name + " " + text
	}
	return text
}

// quietSteps names the steps that break and change nothing: those that heal, whose effect has marks of its own, and commands that only
// look.
func quietSteps(s *scenarios.Scenario) map[string]bool {
	quiet := map[string]bool{}
	for i := range s.Steps {
		switch do := s.Steps[i].Do.(type) {
		case scenarios.Heal:
			quiet[stepName(s, i)] = true
		case scenarios.Kubectl:
			quiet[stepName(s, i)] = looks(do.Do)
		}
	}
	return quiet
}

// looks tells whether a command changes nothing.
func looks(c kubectl.Command) bool {
	switch c := c.(type) {
	case kubectl.Get, kubectl.Wait:
		return true
	case kubectl.Rollout:
		return c.Verb == "status" || c.Verb == "history"
	}
	return false
}

// markOf is the kind of mark that an event gets, or "". A step that was to be refused, and was, is no failure.
func markOf(e *sim.Event) MarkKind {
	switch e.Kind {
	case "Step":
		switch {
		case e.Verb == "begin":
			return FaultMark
		case e.Verb == "heal":
			return HealMark
		case e.Verb == "fail" && e.Reason == "Refused":
			return FailMark
		}
	case "Peer":
		if e.Verb == "become" && e.Reason == "Leader" {
			return ElectionMark
		}
	case "Primary":
		return map[string]MarkKind{"promote": ElectionMark, "lose": LossMark, "recover": RecoverMark, "split": FailMark}[e.Verb]
	case "Expectation":
		if e.Reason == "Passed" {
			return PassMark
		}
		return FailMark
	case "Invariant":
		if e.Verb == "violate" {
			return FailMark
		}
	}
	return ""
}

// Next returns the first mark of one of the kinds after an instant, or the last one before it if back is set; with no kinds any. ok is false
// if there is none.
func (s *Story) Next(at time.Duration, back bool, kinds ...MarkKind) (m Mark, ok bool) {
	first, step := sort.Search(len(s.Marks), func(i int) bool { return s.Marks[i].At > at }), 1
	if back {
		first, step = sort.Search(len(s.Marks), func(i int) bool { return s.Marks[i].At >= at })-1, -1
	}
	for i := first; i >= 0 && i < len(s.Marks); i += step {
		if len(kinds) == 0 || slices.Contains(kinds, s.Marks[i].Kind) {
			return s.Marks[i], true
		}
	}
	return Mark{}, false
}
