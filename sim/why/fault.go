package why

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// fault is a step of the scenario whose effect lasts.
type fault struct {
	name  string
	step  *scenarios.Step
	begun *sim.Event
	end   time.Duration // when it is healed, as the scenario has it; 0: never
}

// lasting lists the faults that have begun and were not healed.
func (s *scene) lasting() (faults []fault) {
	for i := range s.events {
		e := &s.events[i]
		if e.Kind != "Step" {
			continue
		}
		switch e.Verb {
		case "begin":
			if step := s.step(e.Name); step != nil && lasts(step) {
				faults = append(faults, fault{e.Name, step, e, s.healing(step, e)})
			}
		case "heal":
			faults = slices.DeleteFunc(faults, func(f fault) bool { return f.name == e.Name })
		}
	}
	return faults
}

// lasts tells whether what a step does can be healed: a killed process cannot.
func lasts(step *scenarios.Step) bool {
	key := keyOf(step)
	return slices.ContainsFunc(scenarios.Actions(), func(a scenarios.ActionKind) bool { return a.Key == key && a.Lasts })
}

// keyOf is the key by which the language has what a step does.
func keyOf(step *scenarios.Step) string {
	key, _, _ := strings.Cut(step.Do.String(), ":")
	return key
}

// step finds a step by the name that events give it.
func (s *scene) step(name string) *scenarios.Step {
	for i := range s.rec.Scenario.Steps {
		step := &s.rec.Scenario.Steps[i]
		if step.Name == name || step.Name == "" && name == fmt.Sprintf("step %d", i+1) {
			return step
		}
	}
	return nil
}

// theStep names a step in a sentence. One without a name is called by its number.
func theStep(name string) string {
	if strings.HasPrefix(name, "step ") {
		return name
	}
	return "the step " + name
}

// healing is when a step that has begun is healed: after its own length, or by a later step that has an instant.
func (s *scene) healing(step *scenarios.Step, begun *sim.Event) (end time.Duration) {
	if step.For > 0 {
		end = begun.At + step.For
	}
	for i := range s.rec.Scenario.Steps {
		later := &s.rec.Scenario.Steps[i]
		heal, ok := later.Do.(scenarios.Heal)
		if ok && later.At > s.at && (heal.Step == "" || heal.Step == step.Name) && (end == 0 || later.At < end) {
			end = later.At
		}
	}
	return end
}

// doing returns the faults that last and do one of these things, by the keys that the language has for them.
func (s *scene) doing(keys ...string) (faults []fault) {
	for i := range s.faults {
		if slices.Contains(keys, keyOf(s.faults[i].step)) {
			faults = append(faults, s.faults[i])
		}
	}
	return faults
}

// blamed are the events with which such faults began, for a chain of causes.
func (s *scene) blamed(keys ...string) (from []int) {
	for _, f := range s.doing(keys...) {
		from = append(from, f.begun.Seq)
	}
	return from
}

// words are how a sentence names a fault.
func (f *fault) words() string { return theStep(f.name) + " (" + f.step.Do.String() + ")" }

// stillLasts tells whether a step is one of the faults that last.
func (s *scene) stillLasts(name string) bool {
	return slices.ContainsFunc(s.faults, func(f fault) bool { return f.name == name })
}

// endOf is when a fault that lasts is healed, 0 if it is not or if there is no such fault.
func (s *scene) endOf(name string) time.Duration {
	for i := range s.faults {
		if s.faults[i].name == name {
			return s.faults[i].end
		}
	}
	return 0
}
