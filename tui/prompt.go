package tui

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"statefulsim/scenarios/words"
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
	input   textinput.Model
	list
	lines []string // completions; none of them is chosen while at is -1
	back  int      // how many lines of the past are behind the one that is shown; 0: it is a new one
}

// ask lets a line be typed that begins with a text.
func (m *model) ask(what purpose, text string) tea.Cmd {
	m.prompt = &prompt{purpose: what, input: inputOf(text)}
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
		p.lines = completions(p.input.Value(), m.view.scene, m.session.scenario())
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
		if p.n > 0 {
			p.at = max(p.at, 0)
			m.accept()
		}
	case "up", "down":
		if p.at < 0 && (k == "up" || p.back > 0) {
			m.recall(map[string]int{"up": 1, "down": -1}[k])
			break
		}
		p.press(k, p.n)
	default:
		p.input, _ = p.input.Update(key)
		m.complete()
	}
	return nil
}

// paste puts text in where one is typed.
func (m *model) paste(msg tea.PasteMsg) {
	switch {
	case m.help != nil:
	case m.prompt != nil && m.popup == nil:
		m.prompt.input, _ = m.prompt.input.Update(tea.PasteMsg{Content: strings.TrimSpace(msg.Content)})
		m.complete()
	case m.chooser != nil:
		m.chooser.narrow(m.chooser.filter + strings.TrimSpace(msg.Content))
	}
}

// recall shows a command that was typed before, one further back or one less.
func (m *model) recall(further int) {
	p := m.prompt
	back := p.back + further
	if p.purpose != commanding || back < 0 || back > len(m.typed) {
		return
	}
	text := ""
	if back > 0 {
		text = m.typed[len(m.typed)-back]
	}
	p.input, p.back = inputOf(text), back
	m.complete()
}

// accept takes over the completion that is chosen.
func (m *model) accept() {
	m.prompt.input = inputOf(m.prompt.lines[m.prompt.at])
	m.complete()
}

// enter does what the line was typed for. A command that cannot be read stays, to be put right.
func (m *model) enter() tea.Cmd {
	p := m.prompt
	text := strings.TrimSpace(p.input.Value())
	m.prompt = nil
	switch {
	case p.purpose == searching:
		m.seek(text)
	case text == "":
	case p.purpose == saving:
		return m.save(text)
	default:
		m.typed = append(m.typed, text)
		cmd, err := m.act(text, m.view.scene)
		if err != nil {
			m.prompt = p
			m.say(wrong, err.Error())
		}
		return cmd
	}
	return nil
}

// inputOf is a line to edit that has a text already.
func inputOf(text string) textinput.Model {
	input := textinput.New()
	input.Prompt = ""
	input.SetVirtualCursor(false) // the terminal's own stands there
	input.Focus()
	input.SetValue(text)
	input.CursorEnd()
	return input
}

// line is the line as it is seen in a width, and in which cell the cursor stands.
func (p *prompt) line(width int) (line string, cursor int) {
	sign, input := purposeSigns[p.purpose], p.input
	room := max(width-cells(sign)-1, 1)
	input.SetWidth(room)
	input.SetCursor(input.Position()) // which looks for the part that is seen
	before := string([]rune(input.Value())[:input.Position()])
	return fit(sign+words.Printable(ansi.Strip(input.View())), width), cells(sign) + min(cells(before), room)
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
