package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"statefulsim/scenarios"
	"statefulsim/sim/engine"
)

// stepRefused is the invariant that a scenario breaks whose step cannot be done, or never begins.
const stepRefused = "every-step-happens"

// stage is a step of the scenario, and how far it has come.
type stage struct {
	*scenarios.Step
	name      string
	due       bool          // its condition has held, and it begins after a while
	begun     bool          // it has begun, once at least
	over      bool          // its fault is healed or its command has ended, and it does not come again
	next      *engine.Event // when it comes again; nil if it does not
	waits     int           // how many of the steps that it follows are not over
	followers []*stage
}

// schedule queues the scenario's steps: those of an instant, those that wait for a condition, and those that follow others.
func (w *world) schedule() {
	for i := range w.scenario.Steps {
		step := &w.scenario.Steps[i]
		name := step.Name
		if name == "" {
			name = fmt.Sprintf("step %d", i+1)
		}
		w.stages = append(w.stages, &stage{Step: step, name: name})
	}
	for _, s := range w.stages {
		begin := func() { w.because(0, "step", func() { w.begin(s) }) }
		switch {
		case s.When != nil:
			w.judge.waiting = append(w.judge.waiting, &waiting{s.When, readsOf(s.When), func() {
				s.due = true
				w.loop.Push(w.loop.Now()+s.After+1, begin)
			}})
		case len(s.Follows) > 0:
			s.waits = len(s.Follows)
			for _, name := range s.Follows {
				if first := w.stageNamed(name); first != nil {
					first.followers = append(first.followers, s)
				}
			}
		default:
			w.loop.Push(s.At, begin)
		}
	}
}

func (w *world) stageNamed(name string) *stage {
	if i := slices.IndexFunc(w.stages, func(s *stage) bool { return s.name == name }); i >= 0 {
		return w.stages[i]
	}
	return nil
}

// begin carries out a step, queues its end if it has one, and when it comes again.
func (w *world) begin(s *stage) {
	again := s.begun
	s.begun = true
	w.repeat(s)
	w.judge.stepBegan(s.name)
	w.liveness.disturbed()
	seq := w.tell(Event{Verb: "begin", Kind: "Step", Name: s.name, Reason: "Step", Detail: s.Do.String(), Level: Headline})
	w.because(seq, "step", func() {
		if command, ok := s.Do.(scenarios.Kubectl); ok {
			w.kubectl(command, s.name, func(err error) { w.because(seq, "step", func() { w.answered(s, err) }) })
		} else if err := w.inject(s.Do, s.name, seq); err != nil {
			w.refused(s, err, again)
			return
		}
		if s.For > 0 {
			w.after(s.For, func() { w.heal(s.name) })
		}
		w.stepOver(s)
	})
}

// repeat queues the next time at which a step comes that comes every so often.
func (w *world) repeat(s *stage) {
	s.next = nil
	at := w.loop.Now() + s.Every
	if s.Every > 0 && at < w.scenario.For && (s.Until == 0 || at < s.Until) {
		s.next = w.loop.Push(at, func() { w.because(0, "step", func() { w.begin(s) }) })
	}
}

// endRepetition lets the step of that name, or with "" every one that has begun, not come again.
func (w *world) endRepetition(name string) {
	for _, s := range w.stages {
		if s.next != nil && (name == "" || s.name == name) {
			s.next.Cancel()
			s.next = nil
			w.stepOver(s)
		}
	}
}

// stepOver lets those steps begin that follow this one, if it is over: it does not come again, and nothing is left of what it did.
func (w *world) stepOver(s *stage) {
	if !s.begun || s.over || s.next != nil || w.underWay(s.name) {
		return
	}
	s.over = true
	cause := w.cause
	for _, f := range s.followers {
		if f.waits--; f.waits == 0 {
			w.loop.Push(w.loop.Now()+f.After+1, func() { w.because(cause, "step", func() { w.begin(f) }) })
		}
	}
}

// underWay tells whether a fault of the step is not healed yet, or a command of it has not ended.
func (w *world) underWay(step string) bool {
	return slices.ContainsFunc(w.faults, func(f fault) bool { return f.step == step }) ||
		slices.ContainsFunc(w.terminals, func(t *terminal) bool { return t.step == step })
}

// ended hears that what a step did has ended.
func (w *world) ended(step string) {
	if s := w.stageNamed(step); s != nil {
		w.stepOver(s)
	}
}

// answered takes in how a command ended.
func (w *world) answered(s *stage, err error) {
	switch {
	case err == nil && s.Fails != "":
		w.unlessOptional(s, "was to fail with "+strconv.Quote(s.Fails)+", and did not")
	case err != nil && s.Fails != "" && strings.Contains(err.Error(), s.Fails):
		w.tell(Event{Verb: "fail", Kind: "Step", Name: s.name, Reason: "RefusedAsExpected", Detail: err.Error(), Level: Headline})
	case err != nil:
		w.notDone(s, err)
	}
	w.stepOver(s)
}

// refused takes in that a fault could not be made. One that was there before, and comes again, may find nothing to hit.
func (w *world) refused(s *stage, err error, again bool) {
	if again || s.Optional {
		w.tell(Event{Verb: "skip", Kind: "Step", Name: s.name, Reason: "Skipped", Detail: err.Error(), Level: Headline})
	} else {
		w.notDone(s, err)
	}
	w.stepOver(s)
}

// notDone tells that a step could not be done.
func (w *world) notDone(s *stage, err error) {
	w.tell(Event{Verb: "fail", Kind: "Step", Name: s.name, Reason: "Refused", Detail: err.Error(), Level: Headline})
	w.unlessOptional(s, "could not be done: "+err.Error())
}

// unlessOptional fails the run because of a step that did not happen as it should have.
func (w *world) unlessOptional(s *stage, message string) {
	if !s.Optional {
		w.violate(stepRefused, "the step at "+s.Pos.String()+" "+message)
	}
}

// judgeSteps tells at the end of a run which steps never began.
func (w *world) judgeSteps() {
	for _, s := range w.stages {
		switch {
		case s.begun:
		case s.When != nil:
			w.unlessOptional(s, "never began: "+s.When.String()+" did not hold early enough")
		default:
			w.unlessOptional(s, "never began: "+strings.Join(w.notOver(s.Follows), " and ")+" was not over early enough")
		}
	}
}

// notOver are those of the steps that are not over or, if all are, all of them.
func (w *world) notOver(names []string) []string {
	var open []string
	for _, name := range names {
		if s := w.stageNamed(name); s == nil || !s.over {
			open = append(open, name)
		}
	}
	if open == nil {
		return names
	}
	return open
}
