package tui

import (
	"image/color"

	"charm.land/lipgloss/v2"

	"statefulsim/sim/story"
)

// theme is how things look: every colour and every sign of the program. What a colour tells, a sign or a word tells too, so that nothing is
// lost without colours.
type theme struct {
	plain, faint, strong, title, key, cursor, border, focused, good, warn, bad lipgloss.Style

	states map[story.State]lipgloss.Style
	marks  map[story.MarkKind]lipgloss.Style
	terms  []lipgloss.Style // of raft's terms, one after the other, and then from the beginning

	ink inks // the same, as panes use them
}

// The palettes: the first colour is for a light background, the second for a dark one. They are told apart by those who do not see red from
// green, after the palette of Okabe and Ito.
var (
	grey   = shade{"#6c6c6c", "#8a8a8a"}
	blue   = shade{"#005f9e", "#56b4e9"}
	green  = shade{"#00724f", "#2cc295"}
	yellow = shade{"#8a6a00", "#f0c945"}
	orange = shade{"#b34a00", "#f0a04b"}
	red    = shade{"#b0003a", "#ff6f91"}
	purple = shade{"#8a3a75", "#dd9bc8"}
	cyan   = shade{"#006d78", "#5fd7e0"}
	pale   = shade{"#d7e8f5", "#1d3a50"} // behind what is selected
)

type shade struct{ light, dark string }

// newTheme makes the looks for a background; without colours, everything is told by signs, bold, faint and reversed letters alone.
func newTheme(dark, colours bool) *theme {
	of := func(s shade) color.Color {
		switch {
		case !colours:
			return lipgloss.NoColor{}
		case dark:
			return lipgloss.Color(s.dark)
		}
		return lipgloss.Color(s.light)
	}
	in := func(s shade) lipgloss.Style { return lipgloss.NewStyle().Foreground(of(s)) }
	t := &theme{
		plain: lipgloss.NewStyle(), faint: in(grey), strong: lipgloss.NewStyle().Bold(true), title: in(blue).Bold(true), key: in(cyan).Bold(true),
		border: in(grey), focused: in(blue).Bold(true), good: in(green), warn: in(orange).Bold(true), bad: in(red).Bold(true),
		cursor: lipgloss.NewStyle().Reverse(true),
		states: map[story.State]lipgloss.Style{
			story.Waiting: in(grey), story.Starting: in(yellow), story.Serving: in(green), story.Primary: in(blue).Bold(true), story.Unready: in(orange),
			story.Ending: in(purple), story.Failed: in(red).Bold(true), story.Apart: in(grey), story.Broken: in(red),
		},
		marks: map[story.MarkKind]lipgloss.Style{
			story.FaultMark: in(orange).Bold(true), story.HealMark: in(cyan), story.ElectionMark: in(blue), story.LossMark: in(red), story.RecoverMark: in(green),
			story.PassMark: in(green), story.FailMark: in(red).Bold(true),
		},
	}
	for _, s := range []shade{blue, orange, green, purple, yellow, cyan, red} {
		t.terms = append(t.terms, in(s))
	}
	if colours {
		t.cursor = lipgloss.NewStyle().Background(of(pale)).Bold(true)
	} else {
		t.faint = t.faint.Faint(true)
	}
	t.ink = inksOf(t)
	return t
}

// sign tells a state in one cell.
func sign(s story.State) string { return signs[s] }

var signs = map[story.State]string{
	story.Waiting: "○", story.Starting: "◔", story.Serving: "●", story.Primary: "★", story.Unready: "◐", story.Ending: "◌", story.Failed: "✗", story.Apart: "·",
	story.Broken: "✗",
}

// markSign tells what a mark on the time line stands for in one cell.
func markSign(k story.MarkKind) string { return markSigns[k] }

var markSigns = map[story.MarkKind]string{
	story.FaultMark: "▼", story.HealMark: "△", story.ElectionMark: "◆", story.LossMark: "◇", story.RecoverMark: "✓", story.PassMark: "✓", story.FailMark: "✗",
}
