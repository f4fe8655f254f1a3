package tui

import (
	"time"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

// goTo looks at an instant, after all that happened by then.
func (m *model) goTo(at time.Duration) {
	at = min(max(at, 0), m.tale.end())
	m.look(at, m.tale.last(at))
}

// goToEvent looks at the instant of an event.
func (m *model) goToEvent(seq int) {
	if e := m.tale.Event(seq); e != nil {
		m.player.stop()
		m.look(e.At, seq)
	}
}

// look moves the cursor. The scene is read anew only if something happened in between.
func (m *model) look(at time.Duration, seq int) {
	v := &m.view
	if v.scene != nil && v.story == m.tale.Story && v.scene.Seq == m.tale.last(at) {
		scene := *v.scene
		scene.At = at
		v.scene = &scene
	} else {
		v.scene = m.tale.At(at)
	}
	v.story, v.at, v.seq = m.tale.Story, at, seq
}

// step goes to another event of the list: the n-th after the cursor, or before it.
func (m *model) step(n int) {
	m.player.stop()
	list := m.tale.shown[m.level]
	row := m.tale.row(m.level, m.view.seq)
	if n < 0 && row >= 0 && (list[row] < m.view.seq || m.tale.Event(list[row]).At < m.view.at) {
		n++ // the cursor stands behind the row, so that going back reaches the row first
	}
	if row += n; row < 0 || len(list) == 0 {
		m.goTo(0)
		return
	}
	m.goToEvent(list[min(row, len(list)-1)])
}

// jump goes to the next mark of some kinds.
func (m *model) jump(back bool, what string, kinds ...story.MarkKind) {
	m.player.stop()
	mark, ok := m.tale.Next(m.view.at, back, kinds...)
	switch {
	case ok:
		m.goToEvent(mark.Seq)
	case back:
		m.say(hint, "no "+what+" before this instant")
	default:
		m.say(hint, "no "+what+" after this instant")
	}
}

// toCause goes to the event that led to the selected one.
func (m *model) toCause() {
	e := m.selected()
	if e == nil || m.tale.Event(e.Cause) == nil {
		m.say(hint, "nothing led to this: it begins here")
		return
	}
	m.reach(e.Cause)
}

// reach goes to an event, and lists as many events as it takes to see it.
func (m *model) reach(seq int) {
	if e := m.tale.Event(seq); e != nil {
		m.level = max(m.level, e.Level)
	}
	m.goToEvent(seq)
}

// cycleLevel lists more events, or again the headlines alone.
func (m *model) cycleLevel() {
	m.level = (m.level + 1) % (sim.Detail + 1)
	m.say(hint, "the list shows "+levelNames[m.level])
}

var levelNames = [...]string{sim.Headline: "headlines", sim.Normal: "writes", sim.Detail: "all events"}
