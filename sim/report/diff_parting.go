package report

import (
	"statefulsim/sim"
	"statefulsim/sim/story"
)

// Parting is the place where two stories part.
type Parting struct {
	Alike int        `json:"alike"` // how many events of the story the runs have in common before it
	Last  *Moment    `json:"last"`  // the last of these, as the first run has it; null if there are none
	Then  [2]*Moment `json:"then"`  // what follows in each run; null where the story is over
}

// Moment is an event in words.
type Moment struct {
	Seq       int      `json:"seq"` // in the trace of its run
	AtSeconds float64  `json:"atSeconds"`
	Actor     string   `json:"actor"`
	Text      string   `json:"text"`
	Because   []Moment `json:"because,omitempty"` // the events that led to it, the nearest first
}

// partings finds where two stories part, as Comparison has it.
func partings(first, second *sim.Recording, level sim.Level) (drift, parting *Parting) {
	at := partingOf(first, second, level, sameMoment)
	if at == nil || at.event[0] == nil || at.event[1] == nil || !sameDeed(at.event[0], at.event[1]) {
		return nil, at.told(first, second, level)
	}
	return at.told(first, second, level), partingOf(first, second, level, sameDeed).told(first, second, level)
}

// fork is a parting before it is told.
type fork struct {
	alike int
	last  *sim.Event
	event [2]*sim.Event
}

// partingOf finds the first events of two stories that are not the same; nil if all are.
func partingOf(first, second *sim.Recording, level sim.Level, same func(a, b *sim.Event) bool) *fork {
	var at fork
	for i, j := 0, 0; ; i, j = i+1, j+1 {
		i, j = shown(first.Events, i, level), shown(second.Events, j, level)
		at.event = [2]*sim.Event{eventAt(first.Events, i), eventAt(second.Events, j)}
		switch a, b := at.event[0], at.event[1]; {
		case a == nil && b == nil:
			return nil
		case a == nil || b == nil || !same(a, b):
			return &at
		default:
			at.last = a
			at.alike++
		}
	}
}

// shown returns the place of the first event from i on that is of the level, or matters more.
func shown(events []sim.Event, i int, level sim.Level) int {
	for i < len(events) && events[i].Level > level {
		i++
	}
	return i
}

func eventAt(events []sim.Event, i int) *sim.Event {
	if i < len(events) {
		return &events[i]
	}
	return nil
}

// sameDeed tells whether the same happened, whenever that was.
func sameDeed(a, b *sim.Event) bool {
	return a.Actor == b.Actor && a.Verb == b.Verb && a.Kind == b.Kind && a.Name == b.Name && a.Reason == b.Reason && a.Detail == b.Detail
}

func sameMoment(a, b *sim.Event) bool { return a.At == b.At && sameDeed(a, b) }

// told puts a parting into words.
func (f *fork) told(first, second *sim.Recording, level sim.Level) *Parting {
	if f == nil {
		return nil
	}
	p := &Parting{Alike: f.alike, Last: moment(f.last, level)}
	for i, rec := range []*sim.Recording{first, second} {
		if p.Then[i] = moment(f.event[i], level); p.Then[i] != nil {
			p.Then[i].Because = causes(rec, f.event[i], level)
		}
	}
	return p
}

func moment(e *sim.Event, level sim.Level) *Moment {
	if e == nil {
		return nil
	}
	return &Moment{Seq: e.Seq, AtSeconds: e.At.Seconds(), Actor: e.Actor, Text: story.Sentence(e, level)}
}

// mostCauses is how many of the events that led to one are told.
const mostCauses = 3

// causes are the nearest of the events that led to one, as far as they belong to the story.
func causes(rec *sim.Recording, e *sim.Event, level sim.Level) (all []Moment) {
	for seq := e.Cause; seq > 0 && seq <= len(rec.Events) && len(all) < mostCauses; {
		cause := &rec.Events[seq-1]
		if cause.Level <= level {
			all = append(all, *moment(cause, level))
		}
		seq = cause.Cause
	}
	return all
}
