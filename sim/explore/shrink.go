package explore

import (
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios"
)

// mostShrinking bounds the runs that make a failure short.
const mostShrinking = 120

// shrink makes a scenario that breaks an invariant as short as it can while it still breaks that: it leaves out steps and clients,
// and shortens what is left, until nothing of that can be done.
func (t *trial) shrink(s *scenarios.Scenario, invariant string) *scenarios.Scenario {
	until := t.runs + mostShrinking
	for changed := true; changed && t.runs < until && t.ctx.Err() == nil; {
		changed = false
		for _, smaller := range simpler(s) {
			if t.runs >= until || t.ctx.Err() != nil {
				break
			}
			o := t.run(smaller)
			if o.err == nil && o.violation != nil && o.violation.Invariant == invariant {
				s, changed = smaller, true
				break
			}
		}
	}
	return s
}

// simpler lists scenarios that are a little simpler than s, the boldest first.
func simpler(s *scenarios.Scenario) (all []*scenarios.Scenario) {
	all = append(all, withoutSteps(s)...)
	for i := range s.Clients {
		if named(s, "client "+s.Clients[i].Name) {
			continue
		}
		all = append(all, with(s, func(c *scenarios.Scenario) { c.Clients = slices.Delete(slices.Clone(s.Clients), i, i+1) }))
	}
	for i := range s.Steps {
		for _, step := range shorter(s.Steps[i]) {
			all = append(all, with(s, func(c *scenarios.Scenario) { c.Steps[i] = step }))
		}
	}
	return all
}

// named tells whether a step names a target.
func named(s *scenarios.Scenario, target string) bool {
	return slices.ContainsFunc(s.Steps, func(step scenarios.Step) bool { return strings.Contains(step.Do.String(), target) })
}

// withoutSteps leaves out halves of the steps, then single ones. What undoes a step goes with it, and never alone.
func withoutSteps(s *scenarios.Scenario) (all []*scenarios.Scenario) {
	var names []string
	for _, step := range s.Steps {
		if len(step.Follows) == 0 {
			names = append(names, step.Name)
		}
	}
	without := func(names []string) {
		all = append(all, with(s, func(c *scenarios.Scenario) { c.Steps = remaining(c.Steps, names) }))
	}
	n := len(names)
	if n > 2 {
		without(names[n/2:])
		without(names[:n/2])
	}
	for i := range n {
		without(names[i : i+1])
	}
	return all
}

// remaining are the steps without those of some names, and without those that undo them.
func remaining(steps []scenarios.Step, without []string) (left []scenarios.Step) {
	gone := func(name string) bool { return slices.Contains(without, name) }
	for _, step := range steps {
		if gone(step.Name) || len(step.Follows) > 0 && gone(step.Follows[0]) {
			continue
		}
		step.Follows = slices.DeleteFunc(slices.Clone(step.Follows), gone)
		left = append(left, step)
	}
	return left
}

// shorter lists steps that come sooner or last less long, at rounder instants.
func shorter(s scenarios.Step) (all []scenarios.Step) {
	add := func(change func(*scenarios.Step)) {
		c := s
		if change(&c); c.After != s.After || c.For != s.For {
			all = append(all, c)
		}
	}
	add(func(c *scenarios.Step) { c.After = 0 })
	add(func(c *scenarios.Step) { c.After = s.After.Round(time.Second) })
	if s.For > time.Second {
		add(func(c *scenarios.Step) { c.For = max(s.For/2, time.Second).Round(time.Second) })
		add(func(c *scenarios.Step) { c.For = s.For.Round(time.Second) })
	}
	return all
}

// with returns a copy of a scenario with a change. Steps can be changed in place.
func with(s *scenarios.Scenario, change func(*scenarios.Scenario)) *scenarios.Scenario {
	c := *s
	c.Steps = slices.Clone(s.Steps)
	change(&c)
	return &c
}
