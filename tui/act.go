package tui

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"statefulsim/scenarios/words"
	"statefulsim/sim/story"
)

// order is a command that was given at an instant.
type order struct {
	at   time.Duration
	line string
}

// act does a command right after the instant of a scene: it is added to the scenario, which is run again. One that is given during a run waits for its
// end. The error says what is wrong with the line.
func (m *model) act(line string, scene *story.Scene) (tea.Cmd, error) {
	if justAfter(scene.At) >= m.tale.end() {
		return nil, errors.New("the story ends here: go back before you act, a second with the key ,")
	}
	d, err := parseCommand(line, scene, m.session.scenario())
	if err != nil {
		return nil, err
	}
	if m.running != nil {
		m.waiting = append(m.waiting, order{scene.At, line})
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
	cmd, err := m.act(line, m.view.scene)
	if err != nil {
		m.say(wrong, err.Error())
	}
	return cmd
}

// actWaiting does the next of the commands that waited. If that makes no sense any more, those after it do not either.
func (m *model) actWaiting() tea.Cmd {
	if len(m.waiting) == 0 {
		return nil
	}
	next := m.waiting[0]
	m.waiting = m.waiting[1:]
	cmd, err := m.act(next.line, m.tale.At(next.at))
	if err != nil {
		m.waiting = nil
		m.say(wrong, "not done: "+next.line+": "+err.Error())
	}
	return cmd
}

// undo takes back the last command: one that waits, or one that a run is under way for, or the last one that was done.
func (m *model) undo() tea.Cmd {
	if n := len(m.waiting); n > 0 {
		m.say(hint, "not done: "+m.waiting[n-1].line)
		m.waiting = m.waiting[:n-1]
		return nil
	}
	if m.running != nil && m.running.step != "" {
		return m.escape()
	}
	at, ok := m.session.undo()
	if !ok {
		m.say(hint, "there is no command to take back")
		return nil
	}
	// Right before it, so that what is done instead comes at the same instant.
	return m.run(running{doing: "taking back", at: at - 1, done: "taken back; ctrl-r does it again", takeBack: func() { m.session.redo() }})
}

func (m *model) redo() tea.Cmd {
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
		switch {
		case ok:
			return m.order(fmt.Sprintf(format, set))
		case len(m.view.scene.Groups) == 0:
			m.say(hint, "no set runs raft here and now")
		default:
			m.say(hint, "select a pod of the set whose peers are meant")
		}
		return nil
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
	if m.session == nil || m.session.written() == m.session.saved {
		return 0
	}
	return len(m.session.deeds())
}

// wroteMsg is the end of saving.
type wroteMsg struct {
	session        *session
	seed           uint64
	file, commands string
	err            error
}

// askFile asks for the file to save to, each time for another.
func (m *model) askFile() tea.Cmd {
	name := m.session.base.Name + "-session"
	if n := m.session.files; n > 0 {
		name += "-" + count(n+1)
	}
	return m.ask(saving, name+".yaml")
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
	msg, write := wroteMsg{session: m.session, seed: m.tale.Rec.Seed, file: file, commands: m.session.written()}, m.o.Write
	return func() tea.Msg {
		msg.err = write(file, func(w io.Writer) error {
			_, err := w.Write(text.Bytes())
			return err
		})
		return msg
	}
}

// wrote says that the file is there, or asks for another name if nothing else was begun meanwhile.
func (m *model) wrote(msg wroteMsg) {
	if msg.err != nil {
		if m.session == msg.session && !m.covered() {
			m.ask(saving, msg.file)
		}
		m.say(wrong, msg.err.Error())
		return
	}
	msg.session.saved = msg.commands
	msg.session.files++
	m.say(done, fmt.Sprintf("saved: sim run %s --seed %d replays it", words.Printable(msg.file), msg.seed))
}
