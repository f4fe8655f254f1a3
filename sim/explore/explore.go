// Package explore looks for trouble that nobody thought of: it draws schedules of faults from seeds, runs them, and makes those that
// break something as short as they can be.
//
// A schedule has two phases. While its faults last, the invariants and what the scenario says about always and never must hold.
// Then all is healed, and within a bounded time the world must be well again. What is found is a scenario file: it replays by
// itself.
package explore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
	"statefulsim/sim"
)

// Options say what a search draws.
type Options struct {
	Faults        []string // the kinds of faults, by the keys of steps; nil: Usual
	Configuration bool     // draw the replicas, the policies, the nodes and the timings too
	Bug           string   // the deliberate bug of the simulator that is to be found; "" is none
}

// Usual are the kinds of faults that are drawn unless others are asked for: all that a correct system survives.
func Usual() []string {
	return []string{"kill", "oomKill", "crashLoop", "hang", "slowStart", "failProbe", "slowProbe", "evict", "crash", "reboot", "restartKubelet",
		"partition", "hold", "degrade", "dns", "disk", "storage", "stop", "slow", "stale", "transferLeadership", kubectlSteps}
}

// kubectlSteps stands for what people do with kubectl: deletions, scaling, rollouts, drains.
const kubectlSteps = "kubectl"

// Verdicts of a seed.
const (
	Passed   = "passed"   // nothing broke
	Failed   = "failed"   // something broke, and again when it was run a second time
	Unstable = "unstable" // it broke, and the second run was another: the simulator is at fault
	Broken   = "broken"   // the simulator itself failed
)

// Result is what came of a seed. It is one line of JSON in what a search writes down.
type Result struct {
	Seed      uint64  `json:"seed"`
	Verdict   string  `json:"verdict"`
	Invariant string  `json:"invariant,omitempty"` // the first that broke
	Message   string  `json:"message,omitempty"`
	At        float64 `json:"atSeconds,omitempty"` // when it broke
	Virtual   float64 `json:"virtualSeconds"`      // how long the run was
	Wall      float64 `json:"wallMillis"`          // of all runs of the seed
	Runs      int     `json:"runs"`                // one, and those that confirmed and shrank
	Drawn     int     `json:"drawnSteps"`          // how many faults the seed drew
	Steps     int     `json:"steps,omitempty"`     // how many were left in the end
	Hash      string  `json:"hash"`                // of the trace of the first run
	Scenario  string  `json:"scenario,omitempty"`  // what replays it
}

// Search draws and judges the seeds of one scenario.
type Search struct {
	stage   *stage
	options Options
}

// New prepares a search. The error names a fault that cannot be drawn, or a bug that there is not.
func New(base *scenarios.Scenario, o Options) (*Search, error) {
	if o.Bug != "" {
		if _, err := sim.BugNamed(o.Bug); err != nil {
			return nil, err
		}
	}
	if o.Faults == nil {
		o.Faults = Usual()
	}
	if err := drawable(o.Faults); err != nil {
		return nil, err
	}
	stage, err := newStage(base, o.Faults)
	switch {
	case err != nil:
		return nil, err
	case len(stage.targets["pods"]) == 0:
		return nil, fmt.Errorf("there is nothing to hit: the manifests of scenario %s have no pods of a StatefulSet", base.Name)
	}
	return &Search{stage, o}, nil
}

// drawable tells which of some kinds of faults cannot be drawn.
func drawable(faults []string) error {
	known := []string{kubectlSteps}
	for _, kind := range scenarios.Actions() {
		if kind.Key != "heal" { // everything is healed in the end
			known = append(known, kind.Key)
		}
	}
	for _, fault := range faults {
		if !slices.Contains(known, fault) {
			return fmt.Errorf("%s is no fault that can be drawn: %s", words.Quoted(fault), words.DidYouMean(fault, known))
		}
	}
	return nil
}

// Draw returns the scenario of a seed.
func (s *Search) Draw(seed uint64) *scenarios.Scenario {
	drawn := s.stage.draw(seed)
	if s.options.Configuration {
		configure(drawn, seed)
	}
	return drawn
}

// Seed runs a seed. What fails is run again, and then made as short as it can be. The error is that of ctx.
func (s *Search) Seed(ctx context.Context, seed uint64) (Result, error) {
	t := &trial{ctx: ctx, seed: seed, bug: s.options.Bug}
	began := time.Now()
	drawn := s.Draw(seed)
	first := t.run(drawn)
	r := Result{Seed: seed, Verdict: Passed, Drawn: len(drawn.Steps), Hash: first.hash, Virtual: first.virtual.Seconds()}
	switch {
	case first.err != nil:
		r.Verdict, r.Message = Broken, first.err.Error()
	case first.violation != nil:
		r.Invariant, r.Message, r.At = first.violation.Invariant, first.violation.Message, first.violation.At.Seconds()
		if second := t.run(drawn); second.hash != first.hash {
			r.Verdict = Unstable
			break
		}
		short := t.shrink(drawn, r.Invariant)
		r.Verdict, r.Steps, r.Scenario = Failed, len(short.Steps), written(short, r, s.options.Bug)
	}
	r.Runs, r.Wall = t.runs, float64(time.Since(began).Microseconds())/1000
	return r, ctx.Err()
}

// BrokenSeed is the result of a seed at which the process ended that tried it.
func BrokenSeed(seed uint64, err error) Result {
	return Result{Seed: seed, Verdict: Broken, Message: "the process that tried the seed ended, and what it said stands above: " + err.Error(), Runs: 1}
}

// written prints a scenario that was found, with how it is replayed.
func written(s *scenarios.Scenario, r Result, bug string) string {
	var b strings.Builder
	command := fmt.Sprintf("sim run FILE --seed %d", r.Seed)
	if bug != "" {
		command += " --bug " + bug
	}
	found := *s
	found.Name = fmt.Sprintf("%s-seed-%d", s.Name, r.Seed)
	found.Title = "Breaks " + r.Invariant
	found.Why = r.Message
	if err := scenarios.Write(&b, &found, "Found by a search, and replayed by: "+command); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	return b.String()
}

// trial runs the scenarios of one seed.
type trial struct {
	ctx  context.Context
	seed uint64
	bug  string
	runs int
}

// outcome is what a search needs of a run.
type outcome struct {
	err       error
	violation *sim.Violation // the first; nil if nothing broke
	hash      string
	virtual   time.Duration
}

func (t *trial) run(s *scenarios.Scenario) outcome {
	t.runs++
	rec, err := sim.Run(t.ctx, s, sim.Options{Seed: t.seed, StopWhenDecided: true, Bug: t.bug})
	if err != nil {
		return outcome{err: err}
	}
	return outcome{violation: firstFailure(rec), hash: rec.Hash, virtual: rec.Virtual}
}

// firstFailure is the earliest of what broke: an invariant, or an expectation about always or never.
func firstFailure(rec *sim.Recording) *sim.Violation {
	all := slices.Clone(rec.Violations)
	for _, o := range rec.Expectations {
		if !o.Passed && o.Message != "" { // one that is not decided has no message
			all = append(all, sim.Violation{Invariant: o.Name, At: o.At, Message: o.Message})
		}
	}
	if len(all) == 0 || rec.Interrupted {
		return nil
	}
	first := slices.MinFunc(all, func(a, b sim.Violation) int { return int(a.At - b.At) })
	return &first
}
