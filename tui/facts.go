package tui

import (
	"slices"
	"strings"

	"statefulsim/sim/story"
)

// facts are what is known of a thing at an instant, and the rules that it lives by.
type facts struct {
	state story.State
	look  ink
	lines []fact
	rules []rule
}

// fact is a line of text with a word for it.
type fact struct{ what, text string }

// facts looks the selected thing up; nil if it does not exist now.
func (v *view) facts() (f *facts) {
	switch v.selected.kind {
	case "pod":
		f = v.podFacts()
	case "node":
		f = v.nodeFacts()
	case "zone":
		f = v.zoneFacts()
	case "volume":
		f = v.volumeFacts()
	case "service":
		f = v.serviceFacts()
	case "statefulset":
		f = v.setFacts()
	case "client":
		f = v.clientFacts()
	case "fault":
		f = v.faultFacts()
	case "component":
		f = v.componentFacts()
	}
	if f != nil {
		f.look = v.theme.ink.states[f.state]
	}
	return f
}

// adding adds names, if there are any.
func adding(f *facts, what string, names []string) *facts {
	if len(names) > 0 {
		f.lines = append(f.lines, fact{what, strings.Join(names, ", ")})
	}
	return f
}

// pod finds a pod by its name as a thing, or returns nil.
func (v *view) pod(name string) *story.Pod {
	same := func(p story.Pod) bool { return fullName(p.Namespace, p.Name) == name }
	for i := range v.scene.Zones {
		for j := range v.scene.Zones[i].Nodes {
			pods := v.scene.Zones[i].Nodes[j].Pods
			if k := slices.IndexFunc(pods, same); k >= 0 {
				return &pods[k]
			}
		}
	}
	if k := slices.IndexFunc(v.scene.Unbound, same); k >= 0 {
		return &v.scene.Unbound[k]
	}
	return nil
}

// set finds a StatefulSet likewise.
func (v *view) set(name string) *story.Set {
	i := slices.IndexFunc(v.scene.Sets, func(s story.Set) bool { return fullName(s.Namespace, s.Name) == name })
	if i < 0 {
		return nil
	}
	return &v.scene.Sets[i]
}
