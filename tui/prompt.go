package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// purpose is what a line is typed for.
type purpose uint8

const (
	commanding purpose = iota
	searching
	saving
)

// signs of the purposes, before the line.
var purposeSigns = [...]string{commanding: " : ", searching: " / ", saving: " save as "}

// prompt is a line that is being typed, with ways to go on.
type prompt struct {
	purpose purpose
	field   field
	list
	lines []string // completions; none of them is chosen while at is -1
}

// ask lets a line be typed that begins with a text.
func (m *model) ask(what purpose, text string) tea.Cmd {
	m.prompt = &prompt{purpose: what, field: fieldOf(text)}
	m.player.stop()
	m.complete()
	switch what {
	case commanding:
		m.say(hint, "kubectl's words, or a fault: tab completes, enter does it at this instant, esc leaves")
	case saving:
		m.say(hint, "the file to write the scenario to; enter saves, esc does not")
	}
	return nil
}

// complete looks for ways in which the line can go on.
func (m *model) complete() {
	p := m.prompt
	p.lines = nil
	if p.purpose == commanding {
		p.lines = completions(p.field.String(), m.view.scene, m.session.scenario())
	}
	p.list = list{n: len(p.lines), at: -1}
}

func (m *model) pressPrompt(key tea.KeyPressMsg) tea.Cmd {
	p := m.prompt
	switch k := key.String(); k {
	case "esc":
		m.prompt = nil
	case "enter":
		if p.at < 0 {
			return m.enter()
		}
		m.accept()
	case "tab":
		p.at = max(p.at, 0)
		m.accept()
	case "down", "up":
		if p.at < 0 && k == "up" {
			p.at = 0
		}
		p.press(k, p.n)
	default:
		p.field.press(key)
		m.complete()
	}
	return nil
}

// paste puts text in where one is typed.
func (m *model) paste(msg tea.PasteMsg) {
	switch {
	case m.help != nil:
	case m.prompt != nil && m.popup == nil:
		m.prompt.field.insert(strings.TrimSpace(msg.Content))
		m.complete()
	case m.chooser != nil:
		m.chooser.narrow(m.chooser.filter + strings.TrimSpace(msg.Content))
	}
}

// accept takes over the completion that is chosen.
func (m *model) accept() {
	p := m.prompt
	if p.at < 0 || p.at >= p.n {
		return
	}
	p.field = fieldOf(p.lines[p.at])
	m.complete()
}

// enter does what the line was typed for. A command that cannot be read stays, to be put right.
func (m *model) enter() tea.Cmd {
	p := m.prompt
	text := strings.TrimSpace(p.field.String())
	m.prompt = nil
	switch {
	case p.purpose == searching:
		m.seek(text)
	case text == "":
	case p.purpose == saving:
		return m.save(text)
	default:
		cmd, err := m.act(text)
		if err != nil {
			m.prompt = p
			m.say(wrong, err.Error())
		}
		return cmd
	}
	return nil
}

// line is the line as it is seen in a width, and in which cell the cursor stands.
func (p *prompt) line(width int) (line string, cursor int) {
	sign := purposeSigns[p.purpose]
	text, cursor := p.field.seen(width - cells(sign) - 1)
	return fit(sign+text, width), cells(sign) + cursor
}

// promptCursor is where the terminal's own cursor stands; nil without a line that is typed.
func (m *model) promptCursor() *tea.Cursor {
	if m.prompt == nil || m.layout.tiny {
		return nil
	}
	_, x := m.prompt.line(m.width)
	return tea.NewCursor(x, m.height-1)
}

// completionRect is where the completions stand: above the line.
func (m *model) completionRect() rect {
	p, area := m.prompt, m.layout.area
	w := 20
	for _, line := range p.lines {
		w = max(w, cells(line)+4)
	}
	w, h := min(w, area.w), min(p.n+2, 10, m.height-3)
	return rect{min(2, area.w-w), m.height - 2 - h, w, h}
}
