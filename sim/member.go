package sim

import (
	"slices"
	"strings"

	"statefulsim/controller/store"
)

// member is a program that is one of a set's and can be its primary: a raft peer, or an instance of a replicated database.
type member interface {
	program
	// actor is who acts when it does something.
	actor() string
	// history is every value that was written to each register as far as the member has taken it in, oldest first.
	history() map[string][]string
	// beats tells whether it has taken in more than another member of its set.
	beats(other member) bool
}

// members lists a set's members that run, in the order of their pods' names.
func (w *world) members(set store.Key) (all []*process) {
	for _, r := range w.peers {
		if r.set == set {
			all = append(all, r.process)
		}
	}
	for _, i := range w.instances {
		if i.set == set && i.running() {
			all = append(all, i.process)
		}
	}
	slices.SortStableFunc(all, func(a, b *process) int { return strings.Compare(a.sandbox.name(), b.sandbox.name()) })
	return all
}

// everyMember lists the members of all sets that ever ran, in the order in which they began.
func (w *world) everyMember() (all []*process) {
	for _, r := range w.started {
		all = append(all, r.process)
	}
	for _, i := range w.instances {
		all = append(all, i.process)
	}
	return all
}

func (r *raftPeer) history() map[string][]string { return r.peer.History() }

func (r *raftPeer) beats(other member) bool {
	o, ok := other.(*raftPeer)
	return !ok || r.status.Applied > o.status.Applied
}
