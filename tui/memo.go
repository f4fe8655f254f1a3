package tui

import (
	"time"

	"statefulsim/sim"
	"statefulsim/sim/story"
	"statefulsim/sim/why"
)

// memo keeps what takes long to find out and stays the same from one frame to the next. Without one it is found out each time.
type memo struct {
	clients struct {
		story *story.Story
		width int
		found []story.Client
	}
	stuck struct {
		story *story.Story
		at    time.Duration
		found []why.Finding
	}
	lately struct {
		story *story.Story
		seq   int
		about thing
		found []*sim.Event
	}
}

// wholeRun is what clients went through in the whole run, in so many buckets.
func (v *view) wholeRun(width int) []story.Client {
	m := v.kept()
	if known := &m.clients; known.story != v.story || known.width != width {
		known.story, known.width = v.story, width
		known.found = v.story.Clients(0, v.story.Rec.Virtual, width)
	}
	return m.clients.found
}

// stuck is what is stuck now. In a big world it takes longer to find out than a frame may, and so while time goes on it is looked for once
// in a second of the run.
func (v *view) stuck() []why.Finding {
	m := v.kept()
	same := func(a, b time.Duration) bool {
		return a == b || v.playing && a.Truncate(time.Second) == b.Truncate(time.Second)
	}
	if known := &m.stuck; known.story != v.story || !same(known.at, v.at) {
		known.story, known.at = v.story, v.at
		known.found = why.At(v.story.Rec, v.at)
	}
	return m.stuck.found
}

// lately is what happened last to the selected thing, the latest first.
func (v *view) lately() []*sim.Event {
	m := v.kept()
	if known := &m.lately; known.story != v.story || known.seq != v.scene.Seq || known.about != v.selected {
		known.story, known.seq, known.about = v.story, v.scene.Seq, v.selected
		known.found = v.eventsAbout(v.selected)
	}
	return m.lately.found
}

func (v *view) kept() *memo {
	if v.memo == nil {
		return &memo{}
	}
	return v.memo
}
