package tui

import (
	"github.com/charmbracelet/colorprofile"

	tea "charm.land/bubbletea/v2"
)

// Update takes in what happened. What it asks for in return is done outside of it.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.take(msg)
	m.prepare()
	return m, cmd
}

func (m *model) take(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.background(msg.Color)
	case tea.ColorProfileMsg:
		m.colours = !m.o.NoColour && msg.Profile > colorprofile.ASCII
		m.repaint()
	case tea.KeyPressMsg:
		return m.press(msg)
	case tea.PasteMsg:
		m.paste(msg)
	case tea.MouseMsg:
		return m.mouse(msg)
	case tickMsg:
		return m.tick(msg)
	case libraryMsg:
		m.browsed(msg)
	case openedMsg:
		return m.opened(msg)
	case ranMsg:
		return m.ran(msg)
	case wroteMsg:
		m.wrote(msg)
	}
	return nil
}

// prepare works out what only changes with the size and the story.
func (m *model) prepare() {
	if want := (shape{m.width, m.height, m.focus, m.zoomed}); m.layout.shape != want {
		m.layout = layoutOf(want)
	}
	if m.tale != nil {
		m.scrubber.prepare(m.tale, m.layout.scrubber.w, m.theme)
	}
}

// press takes a key where it belongs: what lies on top has it.
func (m *model) press(key tea.KeyPressMsg) tea.Cmd {
	switch key.String() {
	case "ctrl+c":
		return m.quit()
	case "ctrl+z":
		return tea.Suspend // as a shell's user expects of every program
	}
	if key.String() != "q" && key.String() != "o" {
		m.leaving = false
	}
	m.note = note{}
	switch {
	case m.help != nil:
		m.pressHelp(key)
	case m.popup != nil:
		return m.pressPopup(key)
	case m.prompt != nil:
		return m.pressPrompt(key)
	case m.chooser != nil:
		return m.pressChooser(key)
	default:
		if b := bindingOf(key.String()); b != nil && (m.tale != nil || b.always) {
			return b.do(m)
		}
	}
	return nil
}

// leave does something that forgets the session, but not before it was asked for twice if there is something to lose.
func (m *model) leave(do func() tea.Cmd) tea.Cmd {
	if m.unsaved() > 0 && !m.leaving {
		m.leaving = true
		m.say(wrong, counted(m.unsaved(), "command is", "commands are")+" not saved: w saves, the same key again leaves without")
		return nil
	}
	m.leaving = false
	return do()
}

// quit ends the program and what it runs.
func (m *model) quit() tea.Cmd {
	m.cancelRun()
	return tea.Quit
}
