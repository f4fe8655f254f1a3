package tui

import (
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
