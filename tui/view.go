package tui

import (
	"time"

	"statefulsim/sim/story"
)

// view is what panes are drawn from: a story, an instant of it, and what of it is selected.
type view struct {
	story    *story.Story
	scene    *story.Scene // at the instant at
	at       time.Duration
	seq      int // the selected event: the last one that had happened, or one that was gone to
	selected thing
	playing  bool // time goes on by itself
	theme    *theme
	memo     *memo // what the panes have found out already; it may be nil
}

// thing is what can be selected in the world: its kind in the words of Kubernetes, in lower case, and its name as the story has it, with
// its namespace in front unless that is "default".
type thing struct {
	kind string // "pod", "node", "zone", "volume" (a claim), "service", "statefulset", "client", "fault", "component" or "" for nothing
	name string
}

// drawing is what a pane shows: lines with their styles in them, each at most as wide as the pane, and where in them things can be
// clicked.
type drawing struct {
	lines []string
	spots []spot
}

// spot is where a thing stands in a drawing, in cells from its left upper corner.
type spot struct {
	thing
	x, y, width int
}
