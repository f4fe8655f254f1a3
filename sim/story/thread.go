package story

import (
	"maps"
	"slices"
	"time"
)

// thread is a lane that is being woven.
type thread struct {
	spans []Span
	open  bool // the last of them goes on
}

// become lets the thing be in another state from that span's From on. What it was for no time it never was.
func (t *thread) become(s Span) {
	if t.open && t.last().likens(s) {
		return
	}
	t.end(s.From)
	if n := len(t.spans); n > 0 && t.last().Until == s.From && t.last().likens(s) {
		t.open = true
		return
	}
	t.spans, t.open = append(t.spans, s), true
}

// end lets the thing be no longer there.
func (t *thread) end(at time.Duration) {
	if !t.open {
		return
	}
	t.open = false
	t.last().Until = at
	if t.last().From >= at {
		t.spans = t.spans[:len(t.spans)-1]
	}
}

func (t *thread) last() *Span { return &t.spans[len(t.spans)-1] }

// likens tells whether two spans show the same.
func (s *Span) likens(other Span) bool {
	return s.State == other.State && s.Text == other.Text && s.Term == other.Term
}

// threads are the lanes of one kind, by name.
type threads map[string]*thread

// named is the thread of that name, a new one if there is none.
func (all threads) named(name string) *thread {
	t := all[name]
	if t == nil {
		t = &thread{}
		all[name] = t
	}
	return t
}

// appendTo adds their lanes, by their names.
func (all threads) appendTo(lanes []Lane, kind LaneKind) []Lane {
	for _, name := range slices.SortedFunc(maps.Keys(all), compareNames) {
		lanes = append(lanes, Lane{Kind: kind, Name: name, Spans: all[name].spans})
	}
	return lanes
}
