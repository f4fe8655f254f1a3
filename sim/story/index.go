package story

import (
	"sort"
	"time"

	"statefulsim/sim"
)

// index finds what a scene needs to know and no frame holds, without reading the events.
type index struct {
	lanes   map[LaneKind]map[string]*Lane // by name
	absent  map[string]string             // by step: what it does to a component of the control plane
	ends    map[string]map[string][]int   // by set and pod: the last frames of each of its lives as a raft peer
	ballots map[string][]questions        // by set
}

// indexOf reads all frames and events once.
func indexOf(rec *sim.Recording, lanes []Lane) index {
	x := index{lanes: map[LaneKind]map[string]*Lane{}, absent: absences(rec.Scenario), ends: endsOf(rec.Frames), ballots: ballotsOf(rec)}
	for i := range lanes {
		lane := &lanes[i]
		if x.lanes[lane.Kind] == nil {
			x.lanes[lane.Kind] = map[string]*Lane{}
		}
		x.lanes[lane.Kind][lane.Name] = lane
	}
	return x
}

// at is the span that a lane has at an instant, or nil: the last that had begun by then, unless it was over. The end of the run ends none.
func (s *Story) at(lane *Lane, at time.Duration) *Span {
	if lane == nil {
		return nil
	}
	i := sort.Search(len(lane.Spans), func(i int) bool { return lane.Spans[i].From > at }) - 1
	if i < 0 || lane.Spans[i].Until <= at && lane.Spans[i].Until < s.Rec.Virtual {
		return nil
	}
	return &lane.Spans[i]
}
