package tui

import (
	"strings"

	"charm.land/lipgloss/v2"

	"statefulsim/sim/story"
)

// ink is a style that was made ready to be put around many short pieces of text: what stands before them and after them.
type ink struct{ on, off string }

// inks are the styles of a theme as panes use them.
type inks struct {
	plain, faint, strong, title, good, warn, bad, cursor ink

	states map[story.State]ink
	terms  []ink
}

func inksOf(t *theme) inks {
	made := inks{
		plain: inkOf(t.plain), faint: inkOf(t.faint), strong: inkOf(t.strong), title: inkOf(t.title), good: inkOf(t.good), warn: inkOf(t.warn),
		bad: inkOf(t.bad), cursor: inkOf(t.cursor), states: map[story.State]ink{},
	}
	for state, style := range t.states {
		made.states[state] = inkOf(style)
	}
	for _, style := range t.terms {
		made.terms = append(made.terms, inkOf(style))
	}
	return made
}

// inkOf takes a style apart into what it puts before and after a letter.
func inkOf(s lipgloss.Style) ink {
	on, off, _ := strings.Cut(s.Render("x"), "x")
	return ink{on, off}
}

// term is the ink of a term of raft.
func (i *inks) term(n uint64) ink { return i.terms[n%uint64(len(i.terms))] }
