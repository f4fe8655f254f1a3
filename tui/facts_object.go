package tui

import (
	"strings"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

func (v *view) volumeFacts() *facts {
	c := v.scene.Claim(v.selected.name)
	if c == nil {
		return nil
	}
	node := ""
	if p := v.scene.Pod(sim.DisplayName(c.Namespace, c.Pod)); p != nil {
		node = p.Node
	}
	_, state := attachment(c, node)
	f := &facts{state: state, rules: volumeRules(c, node), lines: []fact{
		{"is", attachedWords(c)}, {"claim", c.Phase + ", " + c.Size + ", class " + c.Class},
	}}
	if c.Name != "" {
		f.lines = append(f.lines, fact{"volume", c.Name})
	}
	if c.Pod == "" {
		f.lines = append(f.lines, fact{"used", "by no pod"})
	} else {
		f.lines = append(f.lines, fact{"used", "by pod " + c.Pod})
	}
	return f
}

// attachedWords says where a volume is attached.
func attachedWords(v *story.Volume) string {
	var parts []string
	for _, p := range []struct {
		how   string
		nodes []string
	}{{"attached to ", v.Attached}, {"being attached to ", v.Attaching}, {"being detached from ", v.Detaching}} {
		if len(p.nodes) > 0 {
			parts = append(parts, p.how+strings.Join(p.nodes, ", "))
		}
	}
	switch {
	case v.Phase == "":
		return "there is no such claim"
	case len(parts) == 0 && v.Phase == "Bound":
		return "attached to no node"
	case len(parts) == 0:
		return v.Phase
	}
	return strings.Join(parts, ", ")
}

func (v *view) serviceFacts() *facts {
	s := v.scene.Service(v.selected.name)
	if s == nil {
		return nil
	}
	f := &facts{state: story.Serving, rules: serviceRules(s), lines: []fact{{"selects", s.Selector}}}
	if s.Headless {
		f.lines = append(f.lines, fact{"is", "headless: its name resolves to its pods themselves"})
	}
	if len(s.Reaches) == 0 {
		f.state = story.Failed
		return adding(f, "reaches", []string{"nobody"})
	}
	var names []string
	for _, name := range s.Reaches {
		if v.scene.Pod(sim.DisplayName(s.Namespace, name)) == nil {
			name += " (gone)"
		}
		names = append(names, name)
	}
	return adding(f, "reaches", names)
}

func (v *view) setFacts() *facts {
	s := v.scene.Set(v.selected.name)
	if s == nil {
		return nil
	}
	f := &facts{state: story.Serving, rules: setRules(s), lines: []fact{
		{"is", count(s.Ready) + " of " + count(s.Replicas) + " Ready, " + count(s.Updated) + " at the revision " + s.Update},
		{"makes", s.Policy + ", update strategy " + s.Strategy},
	}}
	if s.Ready < s.Replicas {
		f.state = story.Unready
	}
	if s.Current != s.Update {
		f.lines = append(f.lines, fact{"update", "from " + s.Current + " to " + s.Update + ", partition " + count(s.Partition)})
	}
	return adding(f, "image", []string{s.Image})
}
