package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"statefulsim/scenarios"
)

// chooser is a list of scenarios, or of the runs of one, of which what is typed leaves some.
type chooser struct {
	list
	title   string
	entries []entry
	shown   []int // the entries that the filter leaves
	filter  string
	loading bool   // the entries are not there yet
	opening string // the entry that is being opened
	within  bool   // it was opened from the library, to which esc goes back
}

// entry is a line of the chooser.
type entry struct {
	topic, name, title string
	run                *scenarios.Scenario // nil for one that is yet to be opened
}

// libraryMsg is the embedded scenarios.
type libraryMsg []scenarios.Topic

// openedMsg is the runs of a scenario that was opened.
type openedMsg struct {
	name string
	runs []*scenarios.Scenario
	err  error
}

// browse shows the library.
func (m *model) browse() tea.Cmd {
	m.chooser = &chooser{title: "scenarios", loading: true}
	return func() tea.Msg { return libraryMsg(scenarios.ByTopic()) }
}

// browsed lists the library, if it is still wanted.
func (m *model) browsed(topics libraryMsg) {
	if m.chooser != nil && m.chooser.loading {
		filter := m.chooser.filter
		m.chooser = chooserOfLibrary(topics)
		m.chooser.narrow(filter)
	}
}

func chooserOf(title string, entries []entry) *chooser {
	c := &chooser{title: title, entries: entries}
	c.narrow("")
	return c
}

func chooserOfLibrary(topics []scenarios.Topic) *chooser {
	var entries []entry
	for _, topic := range topics {
		for _, s := range topic.Scenarios {
			entries = append(entries, entry{topic: topic.Name, name: s.Name, title: s.Title})
		}
	}
	return chooserOf("scenarios: "+count(len(entries))+" of them", entries)
}

func chooserOfRuns(runs []*scenarios.Scenario) *chooser {
	var entries []entry
	for _, s := range runs {
		name := s.Variant
		if name == "" {
			name = "as it is"
		}
		entries = append(entries, entry{topic: s.Name + ": " + s.Title, name: name, run: s})
	}
	return chooserOf("runs", entries)
}

// narrow leaves the entries that have all words of a filter in them.
func (c *chooser) narrow(filter string) {
	c.filter, c.shown = filter, nil
	for i, e := range c.entries {
		text := strings.ToLower(e.topic + " " + e.name + " " + e.title)
		if all(strings.Fields(strings.ToLower(filter)), func(word string) bool { return strings.Contains(text, word) }) {
			c.shown = append(c.shown, i)
		}
	}
	c.list = list{n: len(c.shown)}
	// Who types the beginning of a name means that one, wherever it stands.
	if i := slices.IndexFunc(c.shown, func(i int) bool { return filter != "" && strings.HasPrefix(c.entries[i].name, strings.ToLower(filter)) }); i > 0 {
		c.at = i
	}
}

func all(words []string, holds func(string) bool) bool {
	for _, word := range words {
		if !holds(word) {
			return false
		}
	}
	return true
}

func (m *model) pressChooser(key tea.KeyPressMsg) tea.Cmd {
	c := m.chooser
	if c.press(key.String(), m.layout.area.h/2) {
		return nil
	}
	switch k := key.String(); k {
	case "enter":
		if c.n > 0 {
			return m.openEntry(c.entries[c.shown[c.at]])
		}
	case "backspace":
		letters := []rune(c.filter)
		c.narrow(string(letters[:max(len(letters)-1, 0)]))
	case "esc":
		return m.closeChooser()
	case "f1":
		m.help = &help{}
	default:
		if key.Text != "" {
			c.narrow(c.filter + key.Text)
		}
	}
	return nil
}

// closeChooser takes back the filter first, and goes back to where the chooser was opened from.
func (m *model) closeChooser() tea.Cmd {
	c := m.chooser
	switch {
	case c.filter != "":
		c.narrow("")
	case c.within:
		return m.browse()
	case m.session != nil:
		m.chooser = nil
	default:
		return tea.Quit
	}
	return nil
}

// openEntry opens what is chosen.
func (m *model) openEntry(e entry) tea.Cmd {
	if e.run != nil {
		return m.open(e.run)
	}
	m.chooser.opening = e.name
	read := m.o.Open
	return func() tea.Msg {
		runs, err := read(e.name)
		return openedMsg{e.name, runs, err}
	}
}

// opened goes on with a scenario that was read, if it is the one that was chosen last: one of several runs is to be chosen.
func (m *model) opened(msg openedMsg) tea.Cmd {
	switch {
	case m.chooser == nil || m.chooser.opening != msg.name:
	case msg.err != nil:
		m.say(wrong, msg.err.Error())
	case len(msg.runs) == 1:
		return m.open(msg.runs[0])
	default:
		m.chooser = chooserOfRuns(msg.runs)
		m.chooser.within = true
	}
	return nil
}

// chooserKeys are the keys to show; what esc does is as closeChooser has it.
func (m *model) chooserKeys() []binding {
	keys := []binding{{brief: "↑↓ choose"}, {brief: "enter open"}, {brief: "letters search"}}
	esc := "esc quit"
	if m.chooser.filter != "" || m.chooser.within || m.session != nil {
		esc = "esc back"
	}
	return append(keys, binding{brief: esc, always: true})
}

// rows are the entries as they are seen, those of a topic below its name, and beside them their places in shown; -1 for a topic.
func (c *chooser) rows(t *theme, width int) (rows []row, entries []int) {
	topic := ""
	add := func(r row, entry int) { rows, entries = append(rows, r), append(entries, entry) }
	for i, at := range c.shown {
		e := c.entries[at]
		if e.topic != topic {
			topic = e.topic
			add(row{say(t.ink.title, " "+topic)}, -1)
		}
		r := row{say(t.ink.strong, "   "+e.name)}.pad(min(34, width/2))
		r = append(r, say(t.ink.plain, " "+e.title))
		if i == c.at {
			r[0] = say(t.ink.strong, " ▸ "+e.name)
			r = underCursor(r.pad(width), t)
		}
		add(r, i)
	}
	return rows, entries
}

// window is the lines that are seen, with the chosen one in the middle.
func (c *chooser) window(t *theme, width, height int) (rows []row, entries []int) {
	rows, entries = c.rows(t, width)
	chosen := 0
	for y, entry := range entries {
		if entry == c.at {
			chosen = y
		}
	}
	l := list{n: len(rows), at: chosen}
	first := l.first(height)
	last := min(first+height, len(rows))
	return rows[first:last], entries[first:last]
}

func (m *model) chooserLines(area rect) []string {
	c := m.chooser
	rows, _ := c.window(m.theme, area.w-2, area.h-2)
	if len(c.entries) > 0 && len(rows) == 0 {
		rows = []row{{say(m.theme.ink.faint, " none has this in it")}}
	}
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = r.paint(area.w - 2)
	}
	title := m.theme.focused.Render(c.title)
	if c.filter != "" {
		title += m.theme.strong.Render(" with " + say(ink{}, c.filter).text)
	}
	return bordered(lines, title, area.w, area.h, true, m.theme)
}
