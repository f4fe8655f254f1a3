package tui

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"statefulsim/scenarios/words"
)

// order is a command that was given at an instant.
type order struct {
	at   time.Duration
	line string
}

// act does a command right after the cursor's instant: it is added to the scenario, which is run again. One that is given during a run waits for its end.
// The error says what is wrong with the line.
func (m *model) act(line string) (tea.Cmd, error) {
	if justAfter(m.view.at) >= m.tale.end() {
		return nil, errors.New("the story ends here: go back before you act, a second with the key ,")
	}
	d, err := parseCommand(line, m.view.scene, m.session.scenario())
	if err != nil {
		return nil, err
	}
	if m.running != nil {
		m.waiting = append(m.waiting, order{m.view.at, line})
		m.say(hint, "this is done as soon as the run under way has ended")
		return nil, nil
	}
	m.player.stop()
	said := "done at " + strings.TrimSpace(clock(d.at)) + ": " + line
	if left := m.session.act(d); left > 0 {
		said += "; " + counted(left, "later command is", "later commands are") + " left out, u brings them back"
	}
	steps := m.session.scenario().Steps
	return m.run(running{doing: "running with " + line, at: d.at, step: steps[len(steps)-1].Name, done: said, takeBack: func() { m.session.undo() }}), nil
}

// order does a command that comes from a menu or a key.
func (m *model) order(line string) tea.Cmd {
	cmd, err := m.act(line)
	if err != nil {
		m.say(wrong, err.Error())
	}
	return cmd
}

// actWaiting does the next of the commands that waited.
func (m *model) actWaiting() tea.Cmd {
	if len(m.waiting) == 0 || m.tale == nil {
		return nil
	}
	next := m.waiting[0]
	m.waiting = m.waiting[1:]
	m.goTo(next.at)
	return m.order(next.line)
}

// undo takes back the last command; during a run that is the one that it was started for.
func (m *model) undo() tea.Cmd {
	if m.running != nil {
		return m.escape()
	}
	at, ok := m.session.undo()
	if !ok {
		m.say(hint, "there is no command to take back")
		return nil
	}
	return m.run(running{doing: "taking back", at: at, done: "taken back; ctrl-r does it again", takeBack: func() { m.session.redo() }})
}

func (m *model) redo() tea.Cmd {
	if m.running != nil {
		return nil
	}
	at, ok := m.session.redo()
	if !ok {
		m.say(hint, "no command was taken back")
		return nil
	}
	return m.run(running{doing: "doing it again", at: at, done: "done again; u takes it back", takeBack: func() { m.session.undo() }})
}

// onRaftSet makes a binding of a command about a raft group.
func onRaftSet(format string) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		set, ok := m.raftSet()
		if !ok {
			m.say(hint, "select a pod of the set whose peers are meant")
			return nil
		}
		return m.order(fmt.Sprintf(format, set))
	}
}

// raftSet is the set with a raft group that is selected, by itself or by one of its pods, or else the only one.
func (m *model) raftSet() (set string, ok bool) {
	t, groups := m.view.selected, m.view.scene.Groups
	for _, g := range groups {
		if t.kind == "statefulset" && t.name == g.Set {
			return g.Set, true
		}
		for _, p := range g.Peers {
			if t.kind == "pod" && t.name == p.Pod {
				return g.Set, true
			}
		}
	}
	if len(groups) == 1 {
		return groups[0].Set, true
	}
	return "", false
}

// unsaved counts the commands that would be lost.
func (m *model) unsaved() int {
	if m.session == nil || m.written() == m.saved {
		return 0
	}
	return len(m.session.deeds())
}

// written is the commands in force as one text.
func (m *model) written() string {
	var b strings.Builder
	for _, d := range m.session.deeds() {
		fmt.Fprintln(&b, d.at, d.line)
	}
	return b.String()
}

// wroteMsg is the end of saving.
type wroteMsg struct {
	file, commands string
	err            error
}

// askFile asks for the file to save to.
func (m *model) askFile() tea.Cmd {
	return m.ask(saving, cmp.Or(m.o.Save, m.session.base.Name+"-session.yaml"))
}

// save writes the story as a scenario.
func (m *model) save(file string) tea.Cmd {
	if m.running != nil {
		m.say(wrong, "it can be saved as soon as the run under way has ended")
		return nil
	}
	var text bytes.Buffer
	if err := m.session.write(&text, m.tale.Rec.Seed, m.tale.Rec.Hash); err != nil {
		m.say(wrong, err.Error())
		return nil
	}
	commands, write := m.written(), m.o.Write
	return func() tea.Msg {
		err := write(file, func(w io.Writer) error {
			_, err := w.Write(text.Bytes())
			return err
		})
		return wroteMsg{file, commands, err}
	}
}

// wrote says that the file is there, or asks for another name.
func (m *model) wrote(msg wroteMsg) {
	if msg.err != nil {
		m.ask(saving, msg.file)
		m.say(wrong, msg.err.Error())
		return
	}
	m.saved = msg.commands
	m.say(done, fmt.Sprintf("saved: sim run %s --seed %d replays it", words.Printable(msg.file), m.tale.Rec.Seed))
}
