package sim

import (
	"slices"
	"time"

	"statefulsim/scenarios"
)

// follow is how a replica asks its primary for more. That it asks tells what it has.
type follow struct {
	ordinal  int
	timeline uint64
	entries  []entry
}

// fed is what the primary answers.
type fed struct {
	entries []entry // those that follow
	common  int     // how many of the replica's entries the primary has too: fewer than it has, if their logs have parted
}

// waitingStream is a replica that has all and waits for more.
type waitingStream struct {
	follow
	answer reply
}

// pendingWrite is a write that the primary has, and has not acknowledged yet.
type pendingWrite struct {
	index  int // of its entry
	answer reply
}

// The pace of a stream: how long a primary without anything new lets a replica wait, and a replica waits for its primary.
const (
	streamPause   = time.Second
	streamTimeout = 5 * time.Second
)

// stream asks the primary for what it has beyond the replica's own log, for as long as the replica's turn lasts.
func (i *instance) stream(life int) {
	if i.stopping || i.over(life) {
		return
	}
	w, place := i.world(), i.process.sandbox.place
	pod := i.process.sandbox.pod
	name := i.told.holder + "." + pod.Spec.Subdomain + "." + pod.Namespace + ".svc.cluster.local"
	w.resolve(place, i.names, name, func(ips []string, err error) {
		if err != nil {
			i.streamBroke(life)
			return
		}
		w.request(place, ips[0], "stream", follow{ordinalOf(pod), i.told.timeline, i.log.entries}, streamTimeout, func(answer any, err error) {
			switch {
			case i.over(life):
			case err != nil:
				i.streamBroke(life)
			default:
				i.take(answer.(fed))
			}
		})
	})
}

// streamBroke tries again a while later, and asks whether somebody else is the primary now.
func (i *instance) streamBroke(life int) {
	if i.over(life) {
		return
	}
	if !i.behind {
		i.behind = true
		i.world().because(i.cause, i.actor(), i.seek)
	}
	i.world().after(agentRetry, func() { i.stream(life) })
}

// take adds what the primary sent to the log, and asks for more. A log that has parted from the primary's is cut back first, or
// the replica gives up.
func (i *instance) take(f fed) {
	life, had := i.life, len(i.log.entries)
	if extra := had - f.common; extra > 0 {
		if i.options.Rejoin == scenarios.Refuse {
			i.halt(diverged(extra, i.told.holder))
			return
		}
		i.synced(func() error { return i.log.cut(f.common) }, func() {
			i.cause = i.world().tell(Event{Verb: "rewind", Kind: "Instance", Name: i.id, Reason: "Rewound", Level: Headline,
				Detail: entries(extra) + " dropped that are not in the log of the primary " + i.told.holder})
			i.stream(life)
		})
		return
	}
	caughtUp := func() {
		i.behind = false
		if !i.caughtUp {
			i.caughtUp = true
			i.process.health(i.cause)
		}
		i.stream(life)
	}
	if len(f.entries) == 0 && i.log.promise.Member {
		caughtUp()
		return
	}
	i.synced(func() error {
		if err := i.log.add(f.entries); err != nil {
			return err
		}
		return i.log.keep(promise{i.log.promise.Timeline, true})
	}, caughtUp)
}

// feed answers a replica: at once if there is something for it, or else when there is, or after a pause.
func (i *instance) feed(f follow, answer reply) {
	if !i.primary || f.timeline != i.told.timeline {
		answer(nil, errNotPrimary)
		return
	}
	have := common(i.log.entries, f.entries)
	if have == len(f.entries) {
		i.has[f.ordinal] = have
		i.relaxed = i.relaxed && have < len(i.log.entries)
		i.acknowledge()
	}
	if have < len(f.entries) || have < len(i.log.entries) {
		answer(fed{i.log.entries[have:], have}, nil)
		return
	}
	waits := &waitingStream{f, answer}
	i.streams = append(i.streams, waits)
	i.world().after(streamPause, func() {
		if at := slices.Index(i.streams, waits); at >= 0 && !i.process.ended {
			i.streams = slices.Delete(i.streams, at, at+1)
			answer(fed{common: have}, nil)
		}
	})
}

// write takes a write, and acknowledges it when as many have it as the mode of replication asks for.
func (i *instance) write(body write, answer reply) {
	if !i.opened {
		answer(nil, errNotPrimary)
		return
	}
	life := i.life
	w := i.world()
	w.after(w.latency("disk", i.id)+w.disks.Delay(i.disk()), func() {
		switch err := w.disks.Fault(i.disk(), true); {
		case i.process.ended:
			return
		case i.life != life || !i.opened:
			answer(nil, errNotPrimary)
			return
		case err != nil:
			answer(nil, err)
			return
		}
		if err := i.log.add([]entry{i.log.next(entry{Timeline: i.told.timeline, Key: body.key, Value: body.value})}); err != nil {
			i.die(err)
			return
		}
		i.written(answer)
	})
}

// written sends the newest entry to the replicas that wait for one.
func (i *instance) written(answer reply) {
	i.pending = append(i.pending, pendingWrite{len(i.log.entries) - 1, answer})
	waiting := i.streams
	i.streams = nil
	for _, s := range waiting {
		i.feed(s.follow, s.answer)
	}
	i.acknowledge()
	if i.options.Mode != scenarios.SemiSync || len(i.pending) == 0 {
		return
	}
	life, index := i.life, len(i.log.entries)-1
	i.world().after(i.options.SemiSyncTimeout, func() {
		if i.over(life) || !slices.ContainsFunc(i.pending, func(p pendingWrite) bool { return p.index == index }) {
			return
		}
		i.relaxed = true
		i.cause = i.world().tell(Event{Verb: "relax", Kind: "Instance", Name: i.id, Reason: "Async", Level: Headline,
			Detail: "no replica had a write within " + seconds(i.options.SemiSyncTimeout) + ": it waits for none"})
		i.acknowledge()
	})
}

// poll is how the operator asks an instance how far it is. One that is asked to promise a timeline obeys no primary of an
// earlier one from then on, so that what it answers stays true.
type poll struct{ promise uint64 }

// report is what an instance answers to a poll.
type report struct {
	member   bool // it has data
	timeline uint64
	entries  int
}

func (i *instance) report(p poll, answer reply) {
	tell := func() { answer(report{i.log.promise.Member, i.log.last().Timeline, len(i.log.entries)}, nil) }
	switch {
	case i.stopping:
		answer(nil, errStopping)
	case p.promise <= i.log.promise.Timeline:
		tell()
	default:
		i.begin(order{leadership: i.told}) // its stream ends
		i.seek()
		i.synced(func() error { return i.log.keep(promise{p.promise, i.log.promise.Member}) }, tell)
	}
}
