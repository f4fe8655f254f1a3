package tui

import tea "charm.land/bubbletea/v2"

// wheelEvents is how many events a notch of the wheel goes.
const wheelEvents = 3

// mouse does what a click, a drag or the wheel means where it happened.
func (m *model) mouse(msg tea.MouseMsg) tea.Cmd {
	at := msg.Mouse()
	switch msg.(type) {
	case tea.MouseClickMsg:
		return m.click(at)
	case tea.MouseWheelMsg:
		m.wheel(at)
	case tea.MouseMotionMsg:
		if at.Button == tea.MouseLeft {
			m.scrub(at)
		}
	}
	return nil
}

// covered tells that something lies over the panes.
func (m *model) covered() bool {
	return m.help != nil || m.popup != nil || m.prompt != nil || m.chooser != nil || m.tale == nil
}

func (m *model) click(at tea.Mouse) tea.Cmd {
	m.note, m.leaving = note{}, false
	switch {
	case m.layout.tiny:
	case m.help != nil:
		m.help = nil
	case m.popup != nil:
		return m.clickPopup(at)
	case m.prompt != nil:
		m.clickCompletion(at)
	case m.chooser != nil:
		return m.clickChooser(at)
	case m.tale == nil:
	case m.layout.tabs && at.Y == 1:
		if p, ok := tabAt(at.X); ok {
			m.focus = p
		}
	default:
		if !m.scrub(at) {
			m.clickPane(at)
		}
	}
	return nil
}

// scrub moves time to where the line of time was touched.
func (m *model) scrub(at tea.Mouse) bool {
	r := m.layout.scrubber
	if m.covered() || !r.has(at.X, at.Y) {
		return false
	}
	m.player.stop()
	m.goTo(m.scrubber.instant(at.X - r.x))
	return true
}

// clickPane selects what was clicked; a second click, or one with the right button, opens its menu.
func (m *model) clickPane(at tea.Mouse) {
	p, ok := m.layout.at(at.X, at.Y)
	if !ok {
		return
	}
	m.focus = p
	in := m.layout.panes[p].inside()
	x, y := at.X-in.x, at.Y-in.y
	if !in.has(at.X, at.Y) {
		return
	}
	if p == eventsPane {
		w := m.window(in.h)
		m.goToEvent(w.at(y))
		return
	}
	d, first := m.seen(p)
	y += first
	for _, s := range d.spots {
		if s.y == y && x >= s.x && x < s.x+s.width {
			again := m.view.selected == s.thing
			m.choose(s.thing)
			if again || at.Button == tea.MouseRight {
				m.openMenuAt(at.X+1, at.Y+1)
			}
			return
		}
	}
}

func (m *model) clickPopup(at tea.Mouse) tea.Cmd {
	r := m.popupRect()
	in := r.inside()
	if !r.has(at.X, at.Y) {
		m.popup = nil
	}
	if !in.has(at.X, at.Y) {
		return nil
	}
	m.popup.at = m.popup.first(in.h) + at.Y - in.y
	return m.pick()
}

func (m *model) clickCompletion(at tea.Mouse) {
	in := m.completionRect().inside()
	if m.prompt.n > 0 && in.has(at.X, at.Y) {
		m.prompt.at = m.prompt.first(in.h) + at.Y - in.y
		m.accept()
	}
}

func (m *model) clickChooser(at tea.Mouse) tea.Cmd {
	in := m.layout.area.inside()
	_, entries := m.chooser.window(m.theme, in.w, in.h)
	y := at.Y - in.y
	if y < 0 || y >= len(entries) || entries[y] < 0 {
		return nil
	}
	if m.chooser.at == entries[y] {
		return m.openEntry(m.chooser.entries[m.chooser.shown[entries[y]]])
	}
	m.chooser.at = entries[y]
	return nil
}

// wheel scrolls what is under the pointer; over the events and the line of time it goes through the events.
func (m *model) wheel(at tea.Mouse) {
	by := 1
	switch at.Button {
	case tea.MouseWheelUp, tea.MouseWheelLeft:
		by = -1
	}
	switch {
	case m.layout.tiny:
	case m.help != nil:
		m.scrollHelp(by)
	case m.popup != nil:
		m.popup.jump(by)
	case m.chooser != nil:
		m.chooser.jump(by)
	case !m.covered():
		p, ok := m.layout.at(at.X, at.Y)
		if !ok || p == eventsPane {
			m.step(by * wheelEvents)
		} else {
			m.scroll(p, by)
		}
	}
}
