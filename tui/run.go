package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"statefulsim/scenarios"
	"statefulsim/sim/story"
)

// running is a run that is under way, and what becomes of it.
type running struct {
	number   int
	cancel   context.CancelFunc
	doing    string        // for people: "running primary-crash"
	from, at time.Duration // the instant that was looked at, and the one to look at in the end
	step     string        // the name of the step that a new command is in it, which the world may refuse; "" if there is none
	done     string        // what to say if all goes well
	takeBack func()        // undoes what it was started for; nil for the first run
}

// ranMsg is the end of a run.
type ranMsg struct {
	number int
	tale   *tale
	err    error
}

// open begins with a scenario.
func (m *model) open(s *scenarios.Scenario) tea.Cmd {
	m.cancelRun()
	m.chooser, m.session, m.tale = nil, newSession(s), nil
	m.view = view{theme: m.theme, memo: &memo{}}
	m.scrolled, m.player = [panes]int{}, player{turn: m.player.turn + 1}
	return m.run(running{doing: "running " + s.Name})
}

// run starts the scenario as it is now, and the story is prepared outside of Update too. A run that is under way is not wanted any more, and what it
// was started for is a part of this one.
func (m *model) run(r running) tea.Cmd {
	if before, takeBack := m.running, r.takeBack; before != nil {
		before.cancel()
		r.takeBack = func() { takeBack(); before.takeBack() }
	}
	m.runs++
	r.from = m.view.at
	r.number = m.runs
	ctx, cancel := context.WithCancel(m.ctx)
	r.cancel = cancel
	m.running = &r
	s, start, number := m.session.scenario(), m.o.Run, m.runs
	return func() tea.Msg {
		rec, err := start(ctx, s)
		if err != nil {
			return ranMsg{number, nil, err}
		}
		return ranMsg{number, taleOf(rec), nil}
	}
}

// ran shows the story of a run that has ended, unless it is not wanted any more.
func (m *model) ran(msg ranMsg) tea.Cmd {
	r := m.running
	if r == nil || r.number != msg.number {
		return nil
	}
	m.running = nil
	r.cancel()
	switch {
	case msg.err != nil:
		return m.takeBack(r, msg.err.Error())
	case m.tale == nil:
		m.begin(msg.tale)
	default:
		m.replace(msg.tale, r)
	}
	return m.actWaiting()
}

// takeBack leaves the story as it was before a run that came to nothing. Without one, another can be chosen.
func (m *model) takeBack(r *running, why string) tea.Cmd {
	m.waiting = nil
	if r.takeBack != nil {
		r.takeBack()
		m.say(wrong, why+"; the story stays as it was")
		return nil
	}
	m.say(wrong, why)
	return m.chooseAnother()
}

// chooseAnother forgets a scenario of which there is no story.
func (m *model) chooseAnother() tea.Cmd {
	m.session = nil
	if m.chooser != nil {
		return nil
	}
	return m.browse()
}

// begin shows a first story: where its first fault is, or at its beginning.
func (m *model) begin(t *tale) {
	m.tale = t
	m.goTo(0)
	for _, mark := range t.Marks {
		if mark.Kind == story.FaultMark {
			m.look(mark.At, mark.Seq)
			break
		}
	}
	m.choose(m.firstThing())
	if m.view.at > 0 {
		m.say(hint, "Here the first fault strikes: space plays on, → goes event by event, ? helps")
	} else {
		m.say(hint, "The beginning: space plays on, → goes event by event, ? helps")
	}
}

// replace shows the story that a command made, at its instant. Who looks elsewhere meanwhile, or has begun another command, stays there.
func (m *model) replace(t *tale, r *running) {
	m.tale = t
	if m.view.at != r.from || m.prompt != nil || m.popup != nil {
		m.goTo(m.view.at)
	} else {
		m.goTo(r.at)
	}
	if refused := m.refusal(r); refused != "" {
		m.say(wrong, refused)
		return
	}
	m.say(done, r.done)
}

// refusal is what the world said to the command that a run was started for; "" if it did it.
func (m *model) refusal(r *running) string {
	for i := range m.tale.Rec.Events {
		e := &m.tale.Rec.Events[i]
		if e.Kind == "Step" && e.Name == r.step && (e.Verb == "fail" || e.Verb == "skip") {
			return "refused: " + e.Detail + "; u takes the command back"
		}
	}
	return ""
}

// cancelRun ends the run under way, and what it was started for has not been.
func (m *model) cancelRun() {
	r := m.running
	if r == nil {
		return
	}
	m.running, m.waiting = nil, nil
	r.cancel()
	if r.takeBack != nil {
		r.takeBack()
	}
}

// escape closes what is open: a run under way is cancelled, a pane on the whole screen is put back.
func (m *model) escape() tea.Cmd {
	switch {
	case m.running != nil:
		m.cancelRun()
		if m.tale == nil {
			return m.chooseAnother()
		}
		m.say(hint, "cancelled; the story is as it was")
	case m.zoomed:
		m.zoomed = false
	case m.player.on:
		m.player.stop()
	}
	return nil
}
