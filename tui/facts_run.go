package tui

import (
	"slices"
	"strings"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

func (v *view) clientFacts() *facts {
	i := slices.IndexFunc(v.story.Rec.Clients, func(c sim.ClientResult) bool { return c.Name == v.selected.name })
	if i < 0 {
		return nil
	}
	c, spec := &v.story.Rec.Clients[i], &v.story.Rec.Scenario.Clients[i]
	does := "reads "
	if spec.Writes {
		does = "writes "
	}
	from := "outside the cluster"
	if spec.Zone != "" {
		from = spec.Zone
	}
	f := &facts{state: story.Serving, rules: clientRules, lines: []fact{
		{"does", does + sim.DisplayName(spec.Namespace, spec.Service) + ", " + decimal(spec.Rate, -1) + " requests a second"},
		{"from", from},
		{"in all", count(c.Acknowledged) + " succeeded, " + count(c.Failed) + " failed, " + count(c.Unknown) + " without an answer"},
	}}
	if c.Lost > 0 {
		f.state = story.Failed
		f.lines = append(f.lines, fact{"lost", count(c.Lost) + " writes that it was told are done"})
	}
	return f
}

func (v *view) faultFacts() *facts {
	i := slices.IndexFunc(v.scene.Faults, func(f story.Fault) bool { return f.Step == v.selected.name })
	if i < 0 {
		return nil
	}
	fault := &v.scene.Faults[i]
	f := &facts{state: story.Broken, lines: []fact{{"does", fault.Text}}}
	for i := range v.scene.Links {
		if l := &v.scene.Links[i]; l.Cut.Step == fault.Step {
			f.lines = append(f.lines, fact{"network", l.Text})
			if l.Cut.Until > 0 {
				f.lines = append(f.lines, fact{"until", exact(l.Cut.Until)})
			}
		}
	}
	return f
}

func (v *view) componentFacts() *facts {
	f := &facts{state: story.Serving, rules: componentRules(v.selected.name), lines: []fact{{"is", "at work"}}}
	for _, absent := range v.scene.Absent {
		if how, ok := strings.CutPrefix(absent, v.selected.name+" "); ok {
			f.state, f.lines = story.Failed, []fact{{"is", how}}
		}
	}
	return f
}
