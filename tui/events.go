package tui

import (
	"strings"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

// window is which events of the list are seen in a number of lines. The selected one has a line more below it for its cause.
type window struct {
	list     []int // numbers of events, from the first line on
	selected int   // the place in list, -1 if the cursor stands before the first event
	cause    *sim.Event
}

// window keeps the selected event in the middle, as far as the list goes.
func (m *model) window(height int) (w window) {
	list := m.tale.shown[m.level]
	row := m.tale.row(m.level, m.view.seq)
	if row >= 0 {
		w.cause = m.tale.Event(m.tale.Event(list[row]).Cause)
	}
	room := height
	if w.cause != nil && height > 1 {
		room--
	} else {
		w.cause = nil
	}
	first := min(max(row-room/2, 0), max(len(list)-room, 0))
	w.list, w.selected = list[first:min(first+room, len(list))], row-first
	return w
}

// at is the event in a line; 0 for none.
func (w *window) at(y int) int {
	if w.cause != nil && y > w.selected {
		if y--; y == w.selected {
			return w.cause.Seq
		}
	}
	if y < 0 || y >= len(w.list) {
		return 0
	}
	return w.list[y]
}

// selected is the event that the list marks: the last one of those listed that had happened. It is nil before the first.
func (m *model) selected() *sim.Event {
	row := m.tale.row(m.level, m.view.seq)
	if row < 0 {
		return nil
	}
	return m.tale.Event(m.tale.shown[m.level][row])
}

// drawEvents lists what happened around the cursor.
func (m *model) drawEvents(width, height int) drawing {
	w := m.window(height)
	var rows []row
	for y, seq := range w.list {
		r := m.eventRow(m.tale.Event(seq), y == w.selected)
		if y == w.selected {
			r = underCursor(r.pad(width), m.theme)
		}
		rows = append(rows, r)
		if y == w.selected && w.cause != nil {
			rows = append(rows, m.causeRow(w.cause))
		}
	}
	if len(rows) == 0 {
		rows = append(rows, row{say(m.theme.ink.faint, "nothing of this importance happens; l lists more")})
	}
	return m.view.draw(rows, width, height)
}

// eventRow is an event in one line. What is yet to come is faint.
func (m *model) eventRow(e *sim.Event, selected bool) row {
	inks := &m.theme.ink
	text, lead := inks.plain, "  "
	if e.At > m.view.at {
		text = inks.faint
	}
	if kind, marked := m.tale.marked[e.Seq]; marked {
		text, lead = inkOf(m.theme.marks[kind]), markSign(kind)+" "
	}
	if selected && lead == "  " {
		lead = "▸ "
	}
	return row{say(inks.faint, clock(e.At)+" "), say(text, lead), say(inks.faint, e.Actor+" "), say(text, story.Sentence(e, m.level))}
}

func (m *model) causeRow(cause *sim.Event) row {
	faint := m.theme.ink.faint
	return row{say(faint, "          ╰ because at "+strings.TrimSpace(clock(cause.At))+" "+cause.Actor+" "+story.Sentence(cause, sim.Headline))}
}

// underCursor puts a whole row into the ink of what is selected.
func underCursor(r row, t *theme) row {
	marked := make(row, len(r))
	for i, p := range r {
		p.ink = ink{p.ink.on + t.ink.cursor.on, t.ink.cursor.off}
		marked[i] = p
	}
	return marked
}
