package tui

import (
	"sort"
	"time"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

const second = time.Second

// tale is a story with the lists of events that are shown of it.
type tale struct {
	*story.Story
	shown  [sim.Detail + 1][]int  // by level: the numbers of the events that matter as much or more
	marked map[int]story.MarkKind // by the number of an event
}

func taleOf(rec *sim.Recording) *tale {
	t := &tale{Story: story.Of(rec), marked: map[int]story.MarkKind{}}
	for _, mark := range t.Marks {
		t.marked[mark.Seq] = mark.Kind
	}
	for i := range rec.Events {
		for level := rec.Events[i].Level; level <= sim.Detail; level++ {
			t.shown[level] = append(t.shown[level], rec.Events[i].Seq)
		}
	}
	return t
}

// end is the last instant that can be looked at.
func (t *tale) end() time.Duration {
	if n := len(t.Rec.Events); n > 0 {
		return max(t.Rec.Virtual, t.Rec.Events[n-1].At)
	}
	return t.Rec.Virtual
}

// last is the number of the last event that had happened by an instant; 0 if none had.
func (t *tale) last(at time.Duration) int {
	events := t.Rec.Events
	return sort.Search(len(events), func(i int) bool { return events[i].At > at })
}

// row is where in a level's list the last event stands that is not after a number; -1 if there is none.
func (t *tale) row(level sim.Level, seq int) int {
	return sort.SearchInts(t.shown[level], seq+1) - 1
}
