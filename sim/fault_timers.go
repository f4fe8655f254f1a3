package sim

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"statefulsim/controller/store"
	"statefulsim/raftnode"
	"statefulsim/scenarios"
	"statefulsim/sim/engine"
)

// timers is a fault of the election timers of a set's raft peers. While the group has a leader its followers wait for ever. When all
// of them have heard of none for the heartbeat timeout that they are configured with, they have that again, of which raft finds that
// it is over: so they become candidates when the fault has it, and not when raft's own draws have it.
type timers struct {
	w         *world
	set       store.Key
	how       string // "together" or "apart"
	heartbeat time.Duration
	waiting   []*raftPeer // those that wait for ever, by ordinal
	next      *engine.Event
	polls     time.Duration // when the candidates of the last round that was arranged ask for votes; 0 before the first
}

const (
	// patience is the heartbeat timeout of who waits for ever.
	patience = forEver
	// timersStep divides those who become candidates in one instant, so that the order in which they draw from raft's source of
	// chance is always the same. No message and no write to a disk is as fast.
	timersStep = time.Microsecond
	// pollsOpen is the fraction of a heartbeat timeout that candidates have to be promised each other's votes before the first asks for
	// them. They first look each other's names up, so that without it one may be milliseconds ahead, and win.
	pollsOpen = 10
)

// setTimers arranges the election timers of a set until undo, or until another step does.
func (w *world) setTimers(a scenarios.Timers) (undo func(), err error) {
	t := &timers{w: w, set: w.setNamed(a.Set), how: a.How}
	peers := t.peers()
	if len(peers) == 0 {
		return nil, errors.New("no raft peer of the set " + a.Set + " runs now")
	}
	t.heartbeat = peers[0].peer.HeartbeatTimeout()
	if before := w.injected.timers[t.set]; before != nil {
		before.next.Cancel()
		t.waiting = before.waiting
	}
	if w.injected.timers == nil {
		w.injected.timers = map[store.Key]*timers{}
	}
	w.injected.timers[t.set] = t
	t.watch()
	return t.end, nil
}

// peers lists the peers of the set that run, by ordinal.
func (t *timers) peers() (all []*raftPeer) {
	for _, r := range t.w.peers {
		if r.set == t.set {
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b *raftPeer) int {
		return cmp.Compare(ordinalOf(a.process.sandbox.pod), ordinalOf(b.process.sandbox.pod))
	})
	return all
}

// watch looks after the followers, and comes again when they may have lost their leader.
func (t *timers) watch() {
	peers := t.peers()
	t.hold(peers)
	again := t.heartbeat
	switch silent := t.silence(); {
	case len(t.waiting) == 0:
	case silent < t.heartbeat:
		again -= silent
	case t.how == "apart":
		t.release(1)
		again /= time.Duration(len(peers)) // all have their turn before the first can be a candidate for a second time
	default:
		t.release(len(t.waiting))
		t.polls = t.w.loop.Now() + t.heartbeat/pollsOpen
	}
	t.next = t.w.after(again, t.watch)
}

// hold lets followers wait for ever: who has a leader, and who is to have their turn with those that had one. Who is a follower no
// longer waits no longer.
func (t *timers) hold(peers []*raftPeer) {
	t.waiting = slices.DeleteFunc(t.waiting, func(r *raftPeer) bool { return !slices.Contains(peers, r) })
	armed := len(t.waiting) > 0
	was := t.waiting
	t.waiting = nil
	for _, r := range peers {
		waits := slices.Contains(was, r)
		switch follows := r.status.State == "Follower"; {
		case waits && !follows:
			r.wait(0)
		case waits:
			t.waiting = append(t.waiting, r)
		case follows && (armed || r.status.LeaderID != ""):
			r.wait(patience)
			t.waiting = append(t.waiting, r)
		}
	}
}

// silence is how long none of those who wait has heard from a leader.
func (t *timers) silence() time.Duration {
	var last time.Time
	for _, r := range t.waiting {
		if heard := r.peer.LastContact(); heard.After(last) {
			last = heard
		}
	}
	return t.w.now().Sub(last)
}

// release gives the first n of those who wait the timeouts that they are configured with.
func (t *timers) release(n int) {
	for i, r := range t.waiting[:n] {
		t.w.after(time.Duration(i)*timersStep, func() { r.wait(0) })
	}
	t.waiting = t.waiting[n:]
}

// campaign is route for what a peer says by itself. Candidates who are to compete ask for votes in the same instant: each has voted
// for itself by then.
func (w *world) campaign(r *raftPeer, m raftnode.Message) {
	t := w.injected.timers[r.set]
	if t == nil || m.Kind != raftnode.RequestVote || m.Answer || t.polls <= w.loop.Now() {
		w.route(r, m)
		return
	}
	w.after(t.polls-w.loop.Now(), func() {
		if !r.process.ended {
			w.route(r, m)
		}
	})
}

// end gives all peers their own timeouts again, unless another step has taken over.
func (t *timers) end() {
	if t.w.injected.timers[t.set] == t {
		delete(t.w.injected.timers, t.set)
		t.next.Cancel()
		t.release(len(t.waiting))
	}
}

// wait has a follower wait so long for its leader; 0 is as it is configured.
func (r *raftPeer) wait(heartbeat time.Duration) {
	if r.process.ended {
		return
	}
	if err := r.peer.SetTimeouts(heartbeat, heartbeat); err != nil {
		r.world().fail("timeouts of raft peer "+r.id, err)
	}
}
