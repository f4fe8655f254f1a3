package tui

import (
	"sort"
	"strings"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/story"
)

// seek looks for a text in the events from the cursor on.
func (m *model) seek(text string) {
	if text = strings.TrimSpace(text); text != "" {
		m.sought = text
	}
	m.find(1)
}

// find goes to the next event that has the sought text in it, or the one before. It looks at the events that are listed first, then at
// all, and it begins from the other end when it comes to one.
func (m *model) find(direction int) {
	if m.sought == "" {
		m.say(hint, "/ searches in the events")
		return
	}
	for level := m.level; level <= sim.Detail; level++ {
		if seq := m.findIn(m.tale.shown[level], direction); seq > 0 {
			m.reach(seq)
			m.say(hint, words.Quoted(m.sought)+": n goes to the next, N to the one before")
			return
		}
	}
	m.say(wrong, "no event has "+words.Quoted(m.sought)+" in it")
}

// findIn looks in one list; it returns 0 if nothing in it has the text.
func (m *model) findIn(list []int, direction int) int {
	text := strings.ToLower(m.sought)
	from := sort.SearchInts(list, m.view.seq+1) // the first after the cursor
	if direction < 0 {
		from = sort.SearchInts(list, m.view.seq) - 1
	}
	for i := range list {
		seq := list[(from+direction*i+2*len(list))%len(list)]
		e := m.tale.Event(seq)
		if strings.Contains(strings.ToLower(e.Actor+" "+story.Sentence(e, sim.Detail)), text) {
			return seq
		}
	}
	return 0
}
