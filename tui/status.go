package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

// clock writes an instant so that those below each other line up.
func clock(d time.Duration) string { return fmt.Sprintf("%9s", decimal(d.Seconds(), 3)+"s") }

// counted writes a number with a noun.
func counted(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + several
}

// titleLine tells what is seen: the scenario, the instant, whether time goes on, and the verdict.
func (m *model) titleLine() string {
	inks := &m.theme.ink
	if m.session == nil {
		return row{say(inks.title, " sim"), say(inks.faint, "  Kubernetes StatefulSets in virtual time")}.paint(m.width)
	}
	right := m.verdict()
	left := row{say(inks.title, " "+m.session.base.Name)}
	if variant := m.session.base.Variant; variant != "" {
		left = append(left, say(inks.title, " ("+variant+")"))
	}
	if n := len(m.session.deeds()); n > 0 {
		left = append(left, say(inks.warn, " +"+counted(n, "command", "commands")))
	}
	if m.tale != nil {
		state, i := " ⏸ ", inks.faint
		if m.player.on {
			state, i = " ▶ ", inks.good
		}
		left = append(left, say(inks.strong, "  "+strings.TrimSpace(clock(m.view.at))), say(inks.faint, " of "+compact(m.tale.end().Round(time.Millisecond))),
			say(i, state+m.player.String()), say(inks.faint, "  seed "+strconv.FormatUint(m.tale.Rec.Seed, 10)))
	}
	left = append(left, say(inks.faint, "  "+m.session.base.Title))
	return left.paint(m.width-right.cells()) + right.paint(right.cells())
}

// verdict is how the run came out, in few words.
func (m *model) verdict() row {
	inks := &m.theme.ink
	switch {
	case m.running != nil:
		return row{say(inks.warn, "  running… ")}
	case m.tale == nil:
		return nil
	case m.tale.Rec.Passed():
		return row{say(inks.good, "  ✓ passes ")}
	case m.tale.Rec.Interrupted:
		return row{say(inks.warn, "  interrupted ")}
	}
	return row{say(inks.bad, "  ✗ "+broken(m.tale.Rec)+" ")}
}

// broken counts what did not hold.
func broken(rec *sim.Recording) string {
	failed := 0
	for _, o := range rec.Expectations {
		if !o.Passed {
			failed++
		}
	}
	if failed > 0 {
		return counted(failed, "expectation fails", "expectations fail")
	}
	return counted(len(rec.Violations), "violation", "violations")
}

// tabLine names all panes, of which one is seen.
func (m *model) tabLine() string {
	inks := &m.theme.ink
	r := row{say(inks.plain, " ")}
	if m.chooser != nil {
		return append(r, say(inks.faint, "Choose what to look at: the arrows, or a part of its name")).paint(m.width)
	}
	for p, name := range paneNames {
		label, i := " "+strconv.Itoa(p+1)+" "+name+" ", inks.faint
		if pane(p) == m.focus {
			label, i = "["+label[1:len(label)-1]+"]", ink{inks.title.on + inks.cursor.on, inks.cursor.off}
		}
		r = append(r, say(i, label))
	}
	return r.paint(m.width)
}

// tabAt tells which tab stands in a column.
func tabAt(x int) (p pane, ok bool) {
	at := 1
	for p, name := range paneNames {
		if at += len(name) + 4; x < at {
			return pane(p), x > 0
		}
	}
	return 0, false
}

func (m *model) paneTitle(p pane) string {
	title := strconv.Itoa(int(p)+1) + " " + paneNames[p]
	if p == eventsPane {
		title += ": " + levelNames[m.level]
	}
	if p == m.focus {
		return m.theme.focused.Render(title)
	}
	return m.theme.faint.Render(title)
}

func (m *model) scrubberLines() []string {
	lines := make([]string, m.layout.scrubber.h)
	if m.tale != nil {
		copy(lines, m.scrubber.lines(m.view.at, len(lines)))
	}
	return lines
}

// noteLine is what there is to say: about the run under way, or what was just done, or else what happened last.
func (m *model) noteLine() string {
	inks := &m.theme.ink
	tones := [...]ink{hint: inks.title, done: inks.good, wrong: inks.bad}
	r := row{say(inks.plain, " ")}
	switch {
	case m.note.text != "":
		r = append(r, say(tones[m.note.tone], m.note.text))
	case m.running != nil:
		r = append(r, say(inks.warn, m.running.doing+"… "), say(inks.faint, "esc cancels"))
	case m.tale != nil && m.chooser == nil:
		r = append(r, m.lastEvent()...)
	}
	return r.paint(m.width)
}

// wrongLines is all that there is to say about what went wrong, which may be long, and has what to do about it at its end.
func (m *model) wrongLines() (lines []string) {
	const longest = 4
	if m.note.tone != wrong {
		return nil
	}
	rows := wrap(gap(1), m.theme.ink.bad, m.note.text, m.width-1)
	for _, r := range rows[:min(len(rows), longest)] {
		lines = append(lines, r.paint(m.width))
	}
	return lines
}

// lastEvent is the selected event with what led to it.
func (m *model) lastEvent() row {
	faint := m.theme.ink.faint
	e := m.selected()
	if e == nil {
		return row{say(faint, "the beginning")}
	}
	r := m.eventRow(e, false)
	if cause := m.tale.Event(e.Cause); cause != nil {
		r = append(r, say(faint, "  ← "+cause.Actor+" "+story.Sentence(cause, sim.Headline)))
	}
	return r
}

// lastLine is the line that is being typed, or the keys that matter most now.
func (m *model) lastLine() string {
	if m.prompt != nil {
		line, _ := m.prompt.line(m.width)
		return line
	}
	inks := &m.theme.ink
	var help row
	r := row{say(inks.plain, " ")}
	for _, k := range m.keysNow() {
		sign, word, _ := strings.Cut(k.brief, " ")
		piece := row{say(inkOf(m.theme.key), sign), say(inks.plain, " "+word+"  ")}
		if k.always {
			help = append(help, piece...)
		} else {
			r = append(r, piece...)
		}
	}
	r = r.whole(m.width-help.cells(), 2)
	return append(r, help...).paint(m.width)
}

// whole leaves out what does not fit: pieces after the first go together in some number.
func (r row) whole(width, together int) row {
	n := r[0].cells
	for i := 1; i < len(r); i += together {
		group := r[i:min(i+together, len(r))]
		if n += group.cells(); n > width {
			return r[:i:i]
		}
	}
	return r
}

// keysNow are the keys to show: those of what lies on top.
func (m *model) keysNow() (keys []binding) {
	switch {
	case m.help != nil:
		return []binding{{brief: "↑↓ scroll"}, {brief: "esc close"}}
	case m.popup != nil:
		return []binding{{brief: "↑↓ choose"}, {brief: "enter do it"}, {brief: "tab edit it first"}, {brief: "esc close"}}
	case m.chooser != nil:
		return m.chooserKeys()
	}
	for _, g := range bindings {
		for _, b := range g.bindings {
			if b.brief != "" && (m.tale != nil || b.always) {
				keys = append(keys, b)
			}
		}
	}
	slices.SortStableFunc(keys, func(a, b binding) int { return cmp.Compare(a.rank, b.rank) })
	return keys
}
