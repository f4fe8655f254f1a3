// Package story reads a recording as people look at it: lanes over time, marks on the time line, the world at one instant, the raft
// groups, what clients went through, and the causes of an event. The terminal, the page and every other picture of a run are drawn
// from it, so that they show the same.
package story

import "statefulsim/sim"

// Story is a recording, prepared for looking at. It never changes, and may be read from several goroutines at once.
type Story struct {
	Rec   *sim.Recording
	Lanes []Lane // nodes, pods, volumes, leaders, faults: in this order, and those of a kind by their names, "web-9" before "web-10"
	Marks []Mark // in the order of their instants

	index   index
	effects effects
}

// Of prepares a recording. It takes time in proportion to the number of events.
func Of(rec *sim.Recording) *Story {
	lanes := lanesOf(rec)
	return &Story{Rec: rec, Lanes: lanes, Marks: marksOf(rec), index: indexOf(rec, lanes), effects: effectsOf(rec)}
}
