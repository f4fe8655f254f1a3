package tui

import (
	tea "charm.land/bubbletea/v2"

	"statefulsim/sim/story"
)

// help is the table of keys and signs on the whole screen.
type help struct{ from int }

// columnWidth is how wide a column of the help is.
const columnWidth = 62

func (m *model) pressHelp(key tea.KeyPressMsg) {
	page := max(m.layout.area.h-3, 1)
	switch key.String() {
	case "down", "j":
		m.scrollHelp(1)
	case "up", "k":
		m.scrollHelp(-1)
	case "pgdown", "space":
		m.scrollHelp(page)
	case "pgup":
		m.scrollHelp(-page)
	case "home", "g":
		m.help.from = 0
	case "end", "G":
		m.scrollHelp(m.helpHeight())
	case "esc", "q", "?", "enter", "f1":
		m.help = nil
	}
}

// scrollHelp moves the help, as far as there is more of it.
func (m *model) scrollHelp(by int) {
	m.help.from = max(min(m.help.from+by, m.helpHeight()-m.layout.area.h+2), 0)
}

// helpColumns are the parts of the help, as many as stand beside each other.
func (m *model) helpColumns() [][]row {
	columns := make([][]row, max(min((m.layout.area.w-2)/columnWidth, 3), 1))
	var blocks [][]row
	for _, g := range bindings {
		blocks = append(blocks, m.helpOn(g))
	}
	blocks = append(blocks, m.legend())
	for _, block := range blocks {
		shortest := 0
		for i := range columns {
			if len(columns[i]) < len(columns[shortest]) {
				shortest = i
			}
		}
		columns[shortest] = append(append(columns[shortest], block...), row{})
	}
	return columns
}

func (m *model) helpHeight() (tallest int) {
	for _, column := range m.helpColumns() {
		tallest = max(tallest, len(column))
	}
	return tallest
}

// helpOn explains the keys of a group.
func (m *model) helpOn(g group) []row {
	rows := []row{{say(m.theme.ink.title, g.title)}}
	for _, b := range g.bindings {
		if b.what != "" {
			rows = append(rows, row{say(inkOf(m.theme.key), b.shown)}.pad(11))
			last := &rows[len(rows)-1]
			*last = append(*last, say(m.theme.ink.plain, " "+b.what))
		}
	}
	return rows
}

// legend explains the signs.
func (m *model) legend() []row {
	rows := []row{{say(m.theme.ink.title, "Signs of pods, nodes and volumes")}}
	for _, s := range []story.State{
		story.Primary, story.Serving, story.Starting, story.Unready, story.Waiting, story.Ending, story.Failed, story.Apart, story.Broken,
	} {
		rows = append(rows, row{say(m.theme.ink.states[s], sign(s)+" "), say(m.theme.ink.plain, stateWords[s])})
	}
	rows = append(rows, row{}, row{say(m.theme.ink.title, "Marks on the line of time")})
	for _, kind := range ranks {
		rows = append(rows, row{say(inkOf(m.theme.marks[kind]), markSign(kind)+" "), say(m.theme.ink.plain, markWords[kind])})
	}
	return append(rows, row{say(m.theme.ink.bad, "╍"), say(m.theme.ink.plain, " no primary")})
}

var stateWords = map[story.State]string{
	story.Primary: "Ready, and the primary", story.Serving: "Ready, or attached", story.Starting: "starts", story.Unready: "was Ready, and is not",
	story.Waiting: "waits for a node or a volume", story.Ending: "is being deleted", story.Failed: "failed, crash-loops, or has no power",
	story.Apart: "cordoned, or attached nowhere", story.Broken: "a fault is in force",
}

var markWords = map[story.MarkKind]string{
	story.FaultMark: "a fault begins", story.HealMark: "it is healed", story.ElectionMark: "a leader or primary is elected", story.LossMark: "a primary is lost",
	story.RecoverMark: "clients can write again", story.PassMark: "an expectation holds", story.FailMark: "an expectation or invariant fails",
}

func (m *model) helpLines(area rect) []string {
	rows := beside(m.helpColumns(), min(columnWidth, area.w-2), 1)
	rows = rows[max(min(m.help.from, len(rows)-area.h+2), 0):]
	lines := make([]string, min(len(rows), area.h-2))
	for i := range lines {
		lines[i] = rows[i].paint(area.w - 2)
	}
	return bordered(lines, m.theme.focused.Render("help"), area.w, area.h, true, m.theme)
}
