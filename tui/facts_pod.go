package tui

import (
	"strings"

	"statefulsim/sim/story"
)

func (v *view) podFacts() *facts {
	p := v.pod(v.selected.name)
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
	where := "no node"
	if p.Node != "" {
		where = p.Node
	}
	f := &facts{state: p.State, lines: []fact{{"is", is + restarts(p.Restarts)}, {"on", where}}}
	set := v.set(fullName(p.Namespace, p.Set))
	if set != nil {
		f.lines = append(f.lines, fact{"set", set.Name + ", ordinal " + count(p.Ordinal) + ", " + revisionWords(p, set)})
	}
	for i := range p.Volumes {
		f.lines = append(f.lines, fact{"volume", p.Volumes[i].Claim + ": " + attachedWords(&p.Volumes[i])})
	}
	if len(p.Services) > 0 {
		f.lines = append(f.lines, fact{"reached", "by " + strings.Join(p.Services, ", ")})
	} else {
		f.lines = append(f.lines, fact{"reached", "by no Service"})
	}
	f.rules = podRules(p, set)
	return f
}

func restarts(n int32) string {
	switch n {
	case 0:
		return ""
	case 1:
		return ", restarted once"
	}
	return ", restarted " + count(n) + " times"
}

// revisionWords tells which revision a pod is at.
func revisionWords(p *story.Pod, set *story.Set) string {
	switch {
	case set.Current == set.Update:
		return "revision " + p.Revision
	case p.Update:
		return "the new revision " + p.Revision
	case p.Revision == set.Current:
		return "the old revision " + p.Revision
	}
	return "revision " + p.Revision + ", older than both of its set"
}
