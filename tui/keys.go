package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"statefulsim/sim/story"
)

// binding is what a key does. The help, the line of keys and what happens are all read from the table of bindings.
type binding struct {
	keys   []string // as tea.KeyPressMsg.String has them
	shown  string   // as the help writes them
	what   string   // for the help; "" for a key that is explained with the one before
	brief  string   // for the line of keys, the key first; "" leaves it out there
	rank   int      // its place in the line of keys
	always bool     // it needs no story, and stands at the end of the line of keys
	do     func(m *model) tea.Cmd
}

// group is the bindings that are about one thing.
type group struct {
	title    string
	bindings []binding
}

// bindings is the table. It is filled in when the program starts, because what keys do reads it in turn.
var bindings []group

func init() { bindings = []group{inTime, inWorld, acting, teaching, outside} }

var inTime = group{"Go through time", []binding{
	{keys: []string{"space"}, shown: "space", brief: "space play", rank: 1, what: "play, and pause", do: (*model).togglePlay},
	{keys: []string{"left"}, shown: "← →", brief: "←→ step", rank: 2, what: "the event before, the next one of the list", do: moving(func(m *model) { m.step(-1) })},
	{keys: []string{"right"}, do: moving(func(m *model) { m.step(1) })},
	{keys: []string{".", "shift+right", "ctrl+right"}, shown: ", .", what: "a second back, a second on; shift-← shift-→ too", do: moving(func(m *model) { m.goTo(m.view.at + second) })},
	{keys: []string{",", "shift+left", "ctrl+left"}, do: moving(func(m *model) { m.goTo(m.view.at - second) })},
	{keys: []string{"f"}, shown: "f F", brief: "f fault", rank: 3, what: "the next fault, the one before", do: jumping(false, "fault", story.FaultMark)},
	{keys: []string{"F"}, do: jumping(true, "fault", story.FaultMark)},
	{keys: []string{"e"}, shown: "e E", brief: "e election", rank: 8, what: "the next election, the one before", do: jumping(false, "election", story.ElectionMark)},
	{keys: []string{"E"}, do: jumping(true, "election", story.ElectionMark)},
	{keys: []string{"x"}, shown: "x X", what: "the next failure: a primary lost, a verdict", do: jumping(false, "failure", story.FailMark, story.LossMark)},
	{keys: []string{"X"}, do: jumping(true, "failure", story.FailMark, story.LossMark)},
	{keys: []string{"home", "g"}, shown: "g G", what: "the beginning, the end; home and end too", do: moving(func(m *model) { m.goTo(0) })},
	{keys: []string{"end", "G"}, do: moving(func(m *model) { m.goTo(m.tale.end()) })},
	{keys: []string{"c"}, shown: "c", what: "to what caused the event", do: moving((*model).toCause)},
	{keys: []string{"+", "="}, shown: "+ -", what: "play faster, slower", do: func(m *model) tea.Cmd { return m.changeSpeed(1) }},
	{keys: []string{"-"}, do: func(m *model) tea.Cmd { return m.changeSpeed(-1) }},
	{keys: []string{"/"}, shown: "/", brief: "/ search", rank: 9, what: "search in the events", do: func(m *model) tea.Cmd { return m.ask(searching, "") }},
	{keys: []string{"n"}, shown: "n N", what: "the next one found, the one before", do: moving(func(m *model) { m.find(1) })},
	{keys: []string{"N"}, do: moving(func(m *model) { m.find(-1) })},
	{keys: []string{"l"}, shown: "l", what: "list headlines, writes too, or all events", do: moving((*model).cycleLevel)},
}}

var inWorld = group{"Look around", []binding{
	{keys: []string{"tab"}, shown: "tab", brief: "tab pane", rank: 6, what: "the next pane; shift-tab: the one before", do: moving(func(m *model) { m.turn(1) })},
	{keys: []string{"shift+tab"}, do: moving(func(m *model) { m.turn(-1) })},
	{keys: []string{"1"}, shown: "1 … 5", what: "a pane by its number", do: focusing(clusterPane)},
	{keys: []string{"2"}, do: focusing(raftPane)},
	{keys: []string{"3"}, do: focusing(clientsPane)},
	{keys: []string{"4"}, do: focusing(eventsPane)},
	{keys: []string{"5"}, do: focusing(inspectorPane)},
	{keys: []string{"up", "k"}, shown: "↑ ↓", brief: "↑↓ select", rank: 7, what: "select a thing of the pane, or scroll it; k j too", do: moving(func(m *model) { m.move(-1) })},
	{keys: []string{"down", "j"}, do: moving(func(m *model) { m.move(1) })},
	{keys: []string{"pgdown"}, shown: "page", what: "a screenful: page-down, page-up", do: moving(func(m *model) { m.page(1) })},
	{keys: []string{"pgup"}, do: moving(func(m *model) { m.page(-1) })},
	{keys: []string{"v"}, shown: "v", what: "the pane on the whole screen, and back", do: moving(func(m *model) { m.zoomed = !m.zoomed })},
}}

var acting = group{"Change the story: at this instant, and all is run again", []binding{
	{keys: []string{"enter"}, shown: "enter", brief: "enter act", rank: 4, what: "what can be done with the selected thing", do: moving((*model).openMenu)},
	{keys: []string{":"}, shown: ":", brief: ": command", rank: 5, what: "a command in kubectl's words; tab completes it", do: func(m *model) tea.Cmd { return m.ask(commanding, "") }},
	{keys: []string{"u"}, shown: "u", what: "take back the last command", do: (*model).undo},
	{keys: []string{"ctrl+r"}, shown: "ctrl-r", what: "do again what was taken back", do: (*model).redo},
	{keys: []string{"w"}, shown: "w", what: "save it as a scenario that replays exactly", do: (*model).askFile},
}}

var teaching = group{"Raft, of the selected set", []binding{
	{keys: []string{"T"}, shown: "T", what: "line up the election timers, for a split vote", do: onRaftSet("timers %s together")},
	{keys: []string{"S"}, shown: "S", what: "spread them", do: onRaftSet("timers %s apart")},
	{keys: []string{"K"}, shown: "K", what: "kill the leader, which starts again", do: onRaftSet("kill the primary of %s")},
}}

var outside = group{"The program", []binding{
	{keys: []string{"?", "f1"}, shown: "?", brief: "? help", what: "this help", always: true, do: func(m *model) tea.Cmd { m.help = &help{}; return nil }},
	{keys: []string{"esc"}, shown: "esc", what: "close what is open, or cancel a run", always: true, do: (*model).escape},
	{keys: []string{"o"}, shown: "o", what: "open another scenario of the library", always: true, do: func(m *model) tea.Cmd { return m.leave(m.browse) }},
	{keys: []string{"q"}, shown: "q", brief: "q quit", what: "quit", always: true, do: func(m *model) tea.Cmd { return m.leave(m.quit) }},
}}

// bindingOf finds what a key does.
func bindingOf(key string) *binding {
	for _, g := range bindings {
		for i := range g.bindings {
			if slices.Contains(g.bindings[i].keys, key) {
				return &g.bindings[i]
			}
		}
	}
	return nil
}

// moving makes a binding of what needs nothing outside the model.
func moving(do func(*model)) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd { do(m); return nil }
}

func jumping(back bool, what string, kinds ...story.MarkKind) func(*model) tea.Cmd {
	return moving(func(m *model) { m.jump(back, what, kinds...) })
}

func focusing(p pane) func(*model) tea.Cmd { return moving(func(m *model) { m.focus = p }) }
