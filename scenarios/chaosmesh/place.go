package chaosmesh

import (
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios"
)

// placed is a step with the time that it has in its workflow.
type placed struct {
	*scenarios.Step
	origin      string // what its instants count from: "" is the beginning, or the name of the step that waits for a condition
	when        string // for the step that begins a workflow: the condition
	from, until time.Duration
	settled     bool
}

// place finds out when each step comes.
func (x *export) place() {
	steps := x.scenario.Steps
	x.placed = make([]placed, len(steps))
	for i := range steps {
		x.placed[i].Step = &steps[i]
	}
	for i := range steps {
		x.settle(i)
	}
	for i := range steps {
		x.healed(&x.placed[i])
	}
}

// settle finds when a step begins and, unless another one heals it, when it is over.
func (x *export) settle(i int) *placed {
	p := &x.placed[i]
	if p.settled {
		return p
	}
	p.settled = true
	switch {
	case p.When != nil:
		p.origin, p.when, p.from = p.Name, p.When.String(), p.After
	case len(p.Follows) > 0:
		x.follow(p)
	default:
		p.from = p.At
	}
	p.until = p.from + p.For
	switch {
	case p.Every > 0 && p.Until > 0:
		p.until = max(p.Until, p.from+p.Every)
	case p.Every > 0 || p.For == 0 && lasts(p.Do):
		if p.until = x.scenario.For; p.until <= p.from {
			p.until += p.from
		}
	}
	return p
}

// follow places a step after those that it follows, if all of them count from the same.
func (x *export) follow(p *placed) {
	for i, name := range p.Follows {
		before := x.settle(x.named(name))
		x.healed(before)
		if i > 0 && before.origin != p.origin {
			p.origin, p.from = p.Name, p.After
			p.when = "these steps are over: " + strings.Join(p.Follows, ", ")
			return
		}
		p.origin = before.origin
		p.from = max(p.from, before.until+p.After)
	}
}

func (x *export) named(name string) int {
	return slices.IndexFunc(x.scenario.Steps, func(s scenarios.Step) bool { return s.Name == name })
}

// healed ends a step's fault when another step heals it, if that counts from the same.
func (x *export) healed(p *placed) {
	for i := range x.placed {
		heal, is := x.placed[i].Do.(scenarios.Heal)
		if !is || heal.Step != "" && heal.Step != p.Name {
			continue
		}
		if by := x.settle(i); by.origin == p.origin && by.from > p.from && (p.Every > 0 || lasts(p.Do)) {
			p.until = min(p.until, by.from)
		}
	}
}

// lasts tells whether a fault lasts until it is healed.
func lasts(a scenarios.Action) bool {
	kind := kindOf(a)
	return kind != nil && kind.Lasts
}

// kindOf describes an action; nil for a command.
func kindOf(a scenarios.Action) *scenarios.ActionKind {
	key, _, _ := strings.Cut(a.String(), ":")
	kinds := scenarios.Actions()
	i := slices.IndexFunc(kinds, func(k scenarios.ActionKind) bool { return k.Key == key })
	if i < 0 {
		return nil
	}
	return &kinds[i]
}
