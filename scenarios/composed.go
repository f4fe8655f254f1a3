package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"statefulsim/scenarios/words"
)

// stepPlan is a step as it stands in a file. One that holds others becomes several plain steps, and so does one that heals such a
// one.
type stepPlan struct {
	n           *node
	name, label string // label is the name that it has if the file gives none
	key         string // "sequence" or "parallel" for one that holds others, or ""
	parts       []*stepPlan
	optional    bool
	steps       []int // the plain steps that it has become, by their places in the scenario
}

// planned makes plans of the items of a list, and names those that the file does not: "step 3", and "step 3.2" within it.
func planned(items []*node, prefix string) (plans []*stepPlan) {
	for i, item := range items {
		label := prefix + strconv.Itoa(i+1)
		p := &stepPlan{n: item, name: label, label: label}
		for _, key := range []string{"sequence", "parallel"} {
			if v := item.value(key); v != nil {
				p.key = key
				if v.kind == sequence {
					p.parts = planned(v.values, label+".")
				}
			}
		}
		plans = append(plans, p)
	}
	return plans
}

// nameStep takes in the names of a step and of those in it.
func (r *reader) nameStep(p *stepPlan) {
	if v := p.n.value("name"); v != nil {
		p.name = r.stepName(v)
	}
	switch {
	case slices.Contains(r.known.steps, p.name):
		r.wrong(cmp.Or(p.n.value("name"), p.n), "two steps are named "+words.Quoted(p.name), "give each its own name")
	case p.name != "" && !outerName.MatchString(p.name):
		r.known.plans[p.name] = p
		r.known.steps = append(r.known.steps, p.name)
	}
	for _, part := range p.parts {
		r.nameStep(part)
	}
}

// stepName reads a name that a step is given. It can be one that steps have which stand in others: a scenario that is written has
// them taken apart.
func (r *reader) stepName(n *node) string {
	if innerName.MatchString(n.text) {
		return n.text
	}
	name := r.name(n, "a step")
	if name == allSteps {
		r.wrong(n, `no step can be named "all"`, `"heal: all" means every step`)
	}
	return name
}

// composed reads a step that begins at that moment, and those in it: one after the other, or all at that moment.
func (r *reader) composed(p *stepPlan, from moment) {
	p.optional = r.boolean(p.n.value("optional")) || p.optional
	if p.key == "" {
		r.plain(p, from)
		return
	}
	r.onlyHolds(p)
	for i, part := range p.parts {
		begins := from
		if p.key == "sequence" && i > 0 {
			begins = moment{follows: p.parts[i-1 : i]}
		}
		part.optional = p.optional
		if r.fits(part.n, &stepForm) {
			r.composed(part, r.within(p, part, begins))
		}
		p.steps = append(p.steps, part.steps...)
	}
}

// onlyHolds refuses what a step cannot have that holds others.
func (r *reader) onlyHolds(p *stepPlan) {
	if p.n.value("sequence") != nil && p.n.value("parallel") != nil {
		r.wrong(p.n.value("parallel"), "the step has both sequence and parallel", "make a step of the one within the other")
	}
	if list := p.n.value(p.key); list.kind != sequence && list.kind != null {
		r.list(list, "the steps of a "+p.key)
	} else if len(p.parts) == 0 {
		r.wrong(p.n, "the "+p.key+" holds no steps", p.key+": [{kill: mysql-0}, {kill: mysql-1}]")
	}
	for _, k := range p.n.keys {
		switch {
		case k.name == "every", k.name == "until", k.name == "for", k.name == "fails":
			r.wrongKey(k, "a "+p.key+" has no "+k.name, "give it to the steps in it")
		case slices.Contains(actionNames(), k.name):
			r.wrongKey(k, "the step has both "+p.key+" and "+k.name, "make a step of the "+p.key+" of it")
		}
	}
}

// within is the moment at which a step begins that stands in another, given when its turn comes.
func (r *reader) within(p, part *stepPlan, turn moment) moment {
	for _, key := range stepTimes {
		if v := part.n.value(key); v != nil {
			r.wrong(v, "a step in a "+p.key+" has no "+key+": it begins when its turn comes", "leave it out, or say with after how much later")
		}
	}
	after := part.n.value("after")
	begins := turn.later(r.duration(after))
	if after != nil && begins.at > turn.at {
		r.withinRun(after, begins.at)
	}
	return begins
}

// addStep adds a plain step to the scenario. To heal a step that holds others is to heal each of those.
func (r *reader) addStep(p *stepPlan, s Step, from moment) {
	heal, heals := s.Do.(Heal)
	healed := []string{heal.Step}
	if of := r.known.plans[heal.Step]; heals && of != nil {
		healed = of.leaves()
	}
	for i, name := range healed {
		if heals {
			s.Do = Heal{Step: name}
		}
		if len(healed) > 1 {
			s.Name = p.label + "." + strconv.Itoa(i+1)
		}
		p.steps = append(p.steps, len(r.scenario.Steps))
		if from.follows != nil {
			r.known.waits = append(r.known.waits, wait{len(r.scenario.Steps), p, from.follows})
		}
		r.scenario.Steps = append(r.scenario.Steps, s)
	}
}

// leaves are the names of the plain steps that a step holds.
func (p *stepPlan) leaves() (names []string) {
	if p.key == "" {
		return []string{p.name}
	}
	for _, part := range p.parts {
		names = append(names, part.leaves()...)
	}
	return names
}

// wait says that a plain step follows others.
type wait struct {
	step    int // its place in the scenario
	of      *stepPlan
	follows []*stepPlan
}

// at is what is pointed at if something is wrong with it.
func (w *wait) at() *node {
	if v := w.of.n.value("follows"); v != nil {
		return v
	}
	return w.of.n
}

// settleFollows writes into the plain steps which others they follow, now that all are read.
func (r *reader) settleFollows() {
	steps := r.scenario.Steps
	after := make([][]int, len(steps))
	for _, w := range r.known.waits {
		for _, p := range w.follows {
			for _, i := range p.steps {
				if steps[i].Every > 0 && steps[i].Until == 0 && !healedBy(steps, steps[i].Name) {
					r.wrong(w.at(), words.Quoted(steps[i].Name)+" comes again and again until the run ends, so that nothing can follow it", "give it an until, or heal it")
				}
				after[w.step] = append(after[w.step], i)
				steps[w.step].Follows = append(steps[w.step].Follows, steps[i].Name)
			}
		}
	}
	for _, w := range r.known.waits {
		if circle := circleFrom(w.step, after); circle != nil {
			r.wrong(w.at(), "the steps wait for each other: "+r.toldCircle(circle), "let one of them begin at an instant, or when a condition holds")
			return
		}
	}
}

// healedBy tells whether one of the steps heals the one of that name.
func healedBy(steps []Step, name string) bool {
	return slices.ContainsFunc(steps, func(s Step) bool {
		heal, heals := s.Do.(Heal)
		return heals && (heal.Step == "" || heal.Step == name)
	})
}

// circleFrom finds the way from a step along what each follows back to itself, or nil if there is none.
func circleFrom(start int, follows [][]int) []int {
	seen := make([]bool, len(follows))
	var walk func(at int, way []int) []int
	walk = func(at int, way []int) []int {
		way = append(way, at)
		for _, next := range follows[at] {
			if next == start {
				return way
			}
			if !seen[next] {
				seen[next] = true
				if circle := walk(next, way); circle != nil {
					return circle
				}
			}
		}
		return nil
	}
	return walk(start, nil)
}

// toldCircle returns "a follows b, which follows a".
func (r *reader) toldCircle(circle []int) string {
	var b strings.Builder
	b.WriteString(r.scenario.Steps[circle[0]].Name)
	for i := range circle {
		next := r.scenario.Steps[circle[(i+1)%len(circle)]].Name
		fmt.Fprintf(&b, "%s follows %s", map[bool]string{true: "", false: ", which"}[i == 0], next)
	}
	return b.String()
}
