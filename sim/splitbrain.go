package sim

import (
	"slices"
	"strings"
	"time"

	"statefulsim/controller/store"
)

// SplitBrain is a time in which a set had more than one primary that took writes. It is a finding, and breaks no invariant by
// itself: a database that replicates asynchronously makes no promise against it.
type SplitBrain struct {
	Set         string
	Pods        []string      // who took writes, in the order in which they began to, with their nodes: "db-0 on node-a"
	From, Until time.Duration // Until is 0 for one that lasts to the end of the run
	Writes      int           // acknowledged meanwhile by those that are not the youngest primary
	Because     int           // the event that made the second one a primary
}

// takesWrites hears whether a member takes writes now, because of that event.
func (w *world) takesWrites(p *process, takes bool, seq int) {
	set := p.sandbox.set
	at := slices.Index(w.writers[set], p)
	if takes == (at >= 0) {
		return
	}
	w.judge.touch(sets)
	if takes {
		w.writers[set] = append(w.writers[set], p)
		if len(w.writers[set]) > 1 {
			w.split(set, seq)
		}
		return
	}
	w.writers[set] = slices.Delete(w.writers[set], at, at+1)
	if len(w.writers[set]) == 1 {
		w.united(set, seq)
	}
}

// splitOf is the set's split brain that lasts, or nil.
func (w *world) splitOf(set store.Key) *SplitBrain {
	name := DisplayName(set.Namespace, set.Name)
	for i := range slices.Backward(w.rec.SplitBrains) {
		if s := &w.rec.SplitBrains[i]; s.Set == name && s.Until == 0 {
			return s
		}
	}
	return nil
}

// split notes that one more member takes writes.
func (w *world) split(set store.Key, seq int) {
	youngest := w.writers[set][len(w.writers[set])-1]
	s := w.splitOf(set)
	if s == nil {
		w.rec.SplitBrains = append(w.rec.SplitBrains, SplitBrain{Set: DisplayName(set.Namespace, set.Name), From: w.loop.Now(), Because: seq})
		s = &w.rec.SplitBrains[len(w.rec.SplitBrains)-1]
		s.Pods = append(s.Pods, w.writers[set][0].whereabouts())
	}
	s.Pods = append(s.Pods, youngest.whereabouts())
	w.because(seq, youngest.program.(member).actor(), func() {
		w.tell(Event{Verb: "split", Kind: "Primary", Name: s.Set, Reason: "TwoPrimaries", Level: Headline,
			Detail: strings.Join(s.Pods, " and ") + " take writes"})
	})
}

// united notes that one member alone takes writes again.
func (w *world) united(set store.Key, seq int) {
	left, s := w.writers[set][0], w.splitOf(set)
	s.Until = w.loop.Now()
	w.because(seq, left.program.(member).actor(), func() {
		w.tell(Event{Verb: "unite", Kind: "Primary", Name: s.Set, Reason: "OnePrimary", Level: Headline,
			Detail: left.whereabouts() + " takes writes alone, after " + seconds(s.Until-s.From) + " with two primaries; " +
				number(uint64(s.Writes)) + " writes were acknowledged by the older one"})
	})
}

// counted has a write counted that a primary acknowledges while there is a younger one.
func (w *world) counted(p *process, answer reply) reply {
	return func(a any, err error) {
		if writers := w.writers[p.sandbox.set]; err == nil && len(writers) > 1 && writers[len(writers)-1] != p {
			w.splitOf(p.sandbox.set).Writes++
		}
		answer(a, err)
	}
}

// whereabouts names a process by its pod and its node.
func (p *process) whereabouts() string { return p.sandbox.name() + " on " + p.sandbox.place.Node }
