package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
	"statefulsim/sim"
)

// Sweep runs one scenario again and again, each time with one more fault, at another event of its run.
type Sweep struct {
	base   *scenarios.Scenario
	seed   uint64
	action scenarios.Action
	last   time.Duration // for how long a fault that lasts stays
	points []sim.Event
}

// Point is what came of the fault after one event.
type Point struct {
	Seq      int     `json:"seq"`       // of the event
	At       float64 `json:"atSeconds"` // right after it the fault came
	Event    string  `json:"event"`     // in words
	Verdict  string  `json:"verdict"`   // one of the outcomes below
	Message  string  `json:"message,omitempty"`
	Recovery float64 `json:"recoverySeconds"` // of the slowest failover; 0 without one
	Lost     int     `json:"lostWrites"`
}

// What a fault can come to, from the best to the worst.
const (
	Survived = "survived"    // all was well again
	NoTarget = "no target"   // nobody was there to be hit
	NoQuorum = "quorum lost" // the world did not recover in time, and raft peers were left without a leader
	Stuck    = "no progress" // the world did not recover in time for another reason
	Lost     = "data lost"   // acknowledged writes are missing
	Violated = "broken"      // another invariant broke
)

// NewSweep runs the scenario once without any more faults, and prepares one run for each of its events that matter at least as much
// as the level says.
func NewSweep(ctx context.Context, base *scenarios.Scenario, seed uint64, fault string, target string, level sim.Level) (*Sweep, error) {
	action, lasts, err := actionOn(fault, target)
	if err != nil {
		return nil, err
	}
	s := &Sweep{base: base, seed: seed, action: action}
	if err := s.possible(); err != nil {
		return nil, err
	}
	if lasts {
		s.last = time.Minute
	}
	rec, err := sim.Run(ctx, s.scenario(nil), sim.Options{Seed: seed, StopWhenDecided: true})
	if err != nil {
		return nil, err
	}
	for _, e := range rec.Events {
		// Several events of one instant are one point: nothing can come between them.
		if n := len(s.points); e.Level <= level && (n == 0 || s.points[n-1].At < e.At) {
			s.points = append(s.points, e)
		}
	}
	return s, nil
}

// actionOn makes an action from its key and the words of its target.
func actionOn(key, target string) (a scenarios.Action, lasts bool, err error) {
	var known []string
	for _, kind := range scenarios.Actions() {
		if kind.Key == key {
			a, err = kind.Make(map[string]string{kind.Fields[0].Key: target})
			return a, kind.Lasts, err
		}
		known = append(known, kind.Key)
	}
	return nil, false, fmt.Errorf("%s is no fault: %s", words.Quoted(key), words.DidYouMean(key, known))
}

// possible tells what is wrong with the fault in this scenario, such as a target that there never is.
func (s *Sweep) possible() error {
	var text strings.Builder
	if err := scenarios.Write(&text, s.scenario(&scenarios.Step{Name: "sweep", Do: s.action, Optional: true})); err != nil {
		return err
	}
	_, err := scenarios.Parse(s.base.File, []byte(text.String()), nil)
	var problems scenarios.Problems
	if errors.As(err, &problems) {
		return fmt.Errorf("the fault %q: %s; %s", s.action, problems[0].What, problems[0].Cure) // whose place is in no file of the user's
	}
	return err
}

// Len is how many points there are.
func (s *Sweep) Len() int { return len(s.points) }

// Point runs the scenario with the fault right after the i-th event.
func (s *Sweep) Point(ctx context.Context, i int) (Point, error) {
	e := s.points[i]
	p := Point{Seq: e.Seq, At: e.At.Seconds(), Event: e.Actor + ": " + e.Verb + " " + e.Kind + " " + e.Name, Verdict: Survived}
	if e.Reason != "" {
		p.Event += ", " + e.Reason
	}
	step := scenarios.Step{Name: "sweep", At: e.At + 1, For: s.last, Do: s.action, Optional: true}
	rec, err := sim.Run(ctx, s.scenario(&step), sim.Options{Seed: s.seed, StopWhenDecided: true})
	if err != nil {
		return p, err
	}
	for _, f := range rec.Failovers {
		p.Recovery = max(p.Recovery, f.Recovery.Seconds())
	}
	for _, c := range rec.Clients {
		p.Lost += c.Lost
	}
	p.judge(rec)
	return p, nil
}

func (p *Point) judge(rec *sim.Recording) {
	first := firstFailure(rec)
	switch {
	case p.Lost > 0:
		p.Verdict, p.Message = Lost, fmt.Sprintf("%d acknowledged writes are missing", p.Lost)
	case first != nil && first.Invariant == "recovers":
		p.Verdict, p.Message = Stuck, first.Message
		if leaderless(rec) {
			p.Verdict = NoQuorum
		}
	case first != nil:
		p.Verdict, p.Message = Violated, first.Invariant+": "+first.Message
	case slices.ContainsFunc(rec.Events, func(e sim.Event) bool { return e.Kind == "Step" && e.Name == "sweep" && e.Verb == "skip" }):
		p.Verdict = NoTarget
	}
}

// leaderless tells whether raft peers were there at the end, and none of them led.
func leaderless(rec *sim.Recording) bool {
	if len(rec.Frames) == 0 {
		return false
	}
	peers := rec.Frames[len(rec.Frames)-1].Raft
	return len(peers) > 0 && !slices.ContainsFunc(peers, func(p sim.PeerState) bool { return p.Role == "Leader" })
}

// scenario is the base with one more step, judged by whether it recovers.
func (s *Sweep) scenario(step *scenarios.Step) *scenarios.Scenario {
	c := *s.base
	c.Recovers, c.For = patience, s.base.For+patience
	c.Expect = slices.DeleteFunc(slices.Clone(c.Expect), func(e scenarios.Expectation) bool {
		return e.Mode != scenarios.Always && e.Mode != scenarios.Never
	})
	c.Steps = slices.Clone(c.Steps)
	for i := range c.Steps {
		c.Steps[i].Optional = true // the fault may take what they need
	}
	if step != nil {
		c.Steps = append(c.Steps, *step)
	}
	return &c
}

// Bad tells whether the fault cost more than time.
func (p Point) Bad() bool { return p.Verdict != Survived && p.Verdict != NoTarget }

// Range is a stretch of bad points that follow each other and came to the same.
type Range struct {
	First, Last Point
	Events      int
}

// Ranges lists the stretches of bad points.
func Ranges(points []Point) (ranges []Range) {
	open := false
	for _, p := range points {
		switch last := len(ranges) - 1; {
		case !p.Bad():
			open = false
		case open && ranges[last].First.Verdict == p.Verdict:
			ranges[last].Last = p
			ranges[last].Events++
		default:
			ranges = append(ranges, Range{p, p, 1})
			open = true
		}
	}
	return ranges
}

// FirstPrimary is the target of a sweep for which nothing else is said: the primary of the first set that has one, or the first pod.
func FirstPrimary(s *scenarios.Scenario) (string, error) {
	first := ""
	for _, m := range s.Objects {
		set, is := m.Object.(*appsv1.StatefulSet)
		if !is {
			continue
		}
		if runs := s.Runs[set.Name]; runs.Leads() {
			return "the primary of " + set.Name, nil
		}
		if first == "" {
			first = fmt.Sprintf("%s-%d", set.Name, firstOrdinal(set))
		}
	}
	if first == "" {
		return "", fmt.Errorf("scenario %s has no StatefulSet", s.Name)
	}
	return first, nil
}
