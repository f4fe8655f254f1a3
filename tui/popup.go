package tui

import (
	tea "charm.land/bubbletea/v2"

	"statefulsim/scenarios/words"
)

// popup is a menu of what can be done with a thing.
type popup struct {
	list
	title   string
	choices []choice
	x, y    int // where it would like to stand
}

// openMenu shows what can be done with the selected thing, in the middle of the screen.
func (m *model) openMenu() {
	m.openMenuAt(m.width/4, m.layout.area.y+2)
}

func (m *model) openMenuAt(x, y int) {
	t := m.view.selected
	if m.focus == eventsPane || t.kind == "" {
		m.say(hint, "select a pod, a node or another thing in the cluster first: tab, then ↓")
		return
	}
	choices := menu(t, m.view.scene, m.session.scenario())
	if len(choices) == 0 {
		m.say(hint, "nothing can be done with this "+t.kind+"; : takes a command")
		return
	}
	m.popup = &popup{list: list{n: len(choices)}, title: t.kind + " " + words.Printable(t.name), choices: choices, x: x, y: y}
}

func (m *model) pressPopup(key tea.KeyPressMsg) tea.Cmd {
	p := m.popup
	if p.press(key.String(), m.popupRect().h-2) {
		return nil
	}
	switch key.String() {
	case "j":
		p.move(1)
	case "k":
		p.move(-1)
	case "enter", "space":
		return m.pick()
	case "tab", ":":
		m.popup = nil
		return m.ask(commanding, p.choices[p.at].line)
	case "esc", "q":
		m.popup = nil
	}
	return nil
}

// pick does what is chosen.
func (m *model) pick() tea.Cmd {
	line := m.popup.choices[m.popup.at].line
	m.popup = nil
	return m.order(line)
}

// popupRect is where the menu stands: where it would like to, as far as the screen has room for it.
func (m *model) popupRect() rect {
	p, area := m.popup, m.layout.area
	w := cells(p.title) + 6
	for _, c := range p.choices {
		w = max(w, cells(words.Printable(c.title))+4)
	}
	r := rect{p.x, p.y, min(w, area.w), min(p.n+2, area.h)}
	r.x = max(min(r.x, area.x+area.w-r.w), area.x)
	r.y = max(min(r.y, area.y+area.h-r.h), area.y)
	return r
}

// overlay puts what is open above everything else.
func (m *model) overlay(lines []string) {
	if m.popup != nil {
		r := m.popupRect()
		texts := make([]string, len(m.popup.choices))
		for i, c := range m.popup.choices {
			texts[i] = c.title
		}
		laid(lines, m.listBox(m.popup.list, texts, m.popup.title, r.w, r.h), r.x, r.y)
	}
	if p := m.prompt; p != nil && p.n > 0 {
		r := m.completionRect()
		laid(lines, m.listBox(p.list, p.lines, "tab completes", r.w, r.h), r.x, r.y)
	}
}

// listBox draws lines to choose one from in a border.
func (m *model) listBox(l list, texts []string, title string, width, height int) []string {
	first := l.first(height - 2)
	var lines []string
	for i := first; i < min(first+height-2, len(texts)); i++ {
		r := row{say(m.theme.ink.plain, " "+texts[i]+" ")}
		if i == l.at {
			r = underCursor(row{say(m.theme.ink.plain, "▸"+texts[i])}.pad(width-2), m.theme)
		}
		lines = append(lines, r.paint(width-2))
	}
	return bordered(lines, m.theme.focused.Render(title), width, height, true, m.theme)
}
