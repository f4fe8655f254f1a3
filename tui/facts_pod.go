package tui

import (
	"strings"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

func (v *view) podFacts() *facts {
	p := v.scene.Pod(v.selected.name)
	if p == nil {
		return nil
	}
	is := p.Status
	if p.Ready {
		is += ", Ready"
	} else if p.Status == "Running" {
		is += ", not Ready"
	}
	if p.Role != "" {
		is += ", " + p.Role
	}
	where, node := "no node", v.scene.Node(p.Node)
	if node != nil {
		where = p.Node + after(nodeTrouble(node))
	}
	f := &facts{state: p.State, lines: []fact{{"is", is}, {"on", where}}}
	if p.Restarts > 0 {
		f.lines = append(f.lines, fact{"restarts", count(p.Restarts)})
	}
	set := v.scene.Set(sim.DisplayName(p.Namespace, p.Set))
	if set != nil {
		f.lines = append(f.lines, fact{"set", set.Name + ", ordinal " + count(p.Ordinal) + ", " + revisionWords(p, set)})
	}
	for i := range p.Volumes {
		f.lines = append(f.lines, fact{"volume", p.Volumes[i].Claim + ": " + attachedWords(&p.Volumes[i])})
	}
	if p.Cut || node != nil && node.Cut {
		f.lines = append(f.lines, fact{"network", hitByFault})
	}
	if len(p.Services) > 0 {
		f.lines = append(f.lines, fact{"reached", "by " + strings.Join(p.Services, ", ")})
	} else {
		f.lines = append(f.lines, fact{"reached", "by no Service"})
	}
	f.rules = podRules(p, node, set)
	return f
}

// after puts what there is to add behind a name.
func after(more string) string {
	if more == "" {
		return ""
	}
	return " (" + more + ")"
}

// revisionWords tells which revision a pod is at.
func revisionWords(p *story.Pod, set *story.Set) string {
	switch {
	case set.Current == "" || p.Revision == set.Update && set.Current == set.Update:
		return "revision " + p.Revision
	case set.Current == set.Update:
		return "revision " + p.Revision + ", which its set has left for " + set.Update
	case p.Update:
		return "the new revision " + p.Revision
	case p.Revision == set.Current:
		return "the old revision " + p.Revision
	}
	return "revision " + p.Revision + ", older than both of its set"
}
