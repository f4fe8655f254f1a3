package sim

import (
	"strconv"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
)

// leadership is what the Lease of a set says of its primary.
type leadership struct {
	holder   string        // the name of the primary's pod
	timeline uint64        // counts the leaderships of the set: spec.leaseTransitions
	renewed  time.Duration // since the start of the run
	replicas int           // of how many ordinals enough must have a write, with synchronous replication …
	changes  int           // … and how often that was changed
}

// Where the Lease keeps how many replicas count, and how often that was changed. The primary changes it, when enough of the new
// ones have all.
const (
	replicasAnnotation = "replicas"
	changesAnnotation  = "replicas-changes"
)

// order is what an instance is told: by the Lease, or by the operator.
type order struct {
	leadership
	anew bool // the holder may begin without data
}

// leaseName is the name of a set's Lease.
func leaseName(set string) string { return set + "-primary" }

// leaseOf reads the Lease of a set at the API server.
func (w *world) leaseOf(view *store.View, set store.Key) (*coordinationv1.Lease, bool) {
	return store.Get[*coordinationv1.Lease](view, set.Namespace, leaseName(set.Name))
}

func (w *world) leadershipOf(lease *coordinationv1.Lease) leadership {
	replicas, _ := strconv.Atoi(lease.Annotations[replicasAnnotation])
	changes, _ := strconv.Atoi(lease.Annotations[changesAnnotation])
	return leadership{replicas: replicas, changes: changes, holder: *lease.Spec.HolderIdentity, timeline: uint64(*lease.Spec.LeaseTransitions),
		renewed: w.since(lease.Spec.RenewTime.Time)}
}

// seek asks the API server who is to be the primary, again and again until the instance is what it was told to be.
func (i *instance) seek() {
	w := i.world()
	if i.seeking || i.process.ended || i.stopping {
		return
	}
	i.seeking = true
	i.ask()
	w.after(agentRetry, func() {
		i.seeking = false
		if !i.primary && i.halted == nil && (i.told.timeline == 0 || i.behind) {
			i.seek()
		}
	})
}

func (i *instance) ask() {
	w, place := i.world(), i.process.sandbox.place
	w.call(place, "lease", func(*store.Client) {
		lease, ok := w.leaseOf(w.store.View(), i.set)
		if !ok {
			return
		}
		told := order{leadership: w.leadershipOf(lease)}
		w.send(controlPlane, place, "lease answer", func() {
			if i.log.promise.Member || told.holder != i.process.sandbox.pod.Name { // else the operator has to say whether it may begin
				i.obey(told, func(error) {})
			}
		})
	})
}

// obey makes the instance what it is told to be, and calls done when it is that, or cannot be.
func (i *instance) obey(o order, done func(error)) {
	switch {
	case i.process.ended || i.stopping:
		done(errStopping)
	case o.timeline < max(i.told.timeline, i.log.promise.Timeline):
		done(errStale)
	case o.timeline == i.told.timeline && i.halted != nil && !o.anew:
		done(i.halted)
	case o.timeline == i.told.timeline && i.halted == nil && o.holder == i.process.sandbox.pod.Name && !i.primary:
		done(errUntold) // it is about to be
	case o.timeline == i.told.timeline && i.halted == nil:
		done(nil)
	case o.holder == i.process.sandbox.pod.Name:
		i.lead(o, done)
	default:
		i.submit(o)
		done(nil)
	}
}

// begin begins another turn: what the instance was is over.
func (i *instance) begin(o order) {
	i.life++
	i.primary, i.halted, i.told, i.behind = false, nil, o.leadership, true
	i.stand("it was told that " + o.holder + " is the primary")
	for _, s := range i.streams {
		s.answer(nil, errNotPrimary)
	}
	for _, p := range i.pending {
		p.answer(nil, errMaybe)
	}
	i.yielding = false
	i.streams, i.pending, i.has, i.relaxed, i.resizing = nil, nil, map[int]int{}, false, 0
}

// lead makes it the primary: its log begins a new timeline, unless it was the primary of this one already and has come back.
func (i *instance) lead(o order, done func(error)) {
	i.begin(o)
	if !i.log.promise.Member && !o.anew {
		i.halt(errNoData)
		done(errNoData)
		return
	}
	i.synced(func() error {
		if i.log.last().Timeline < o.timeline {
			if err := i.log.add([]entry{i.log.next(entry{Timeline: o.timeline})}); err != nil {
				return err
			}
		}
		return i.log.keep(promise{o.timeline, true})
	}, func() {
		i.primary, i.behind = true, false
		i.cause = i.world().tell(Event{Verb: "serve", Kind: "Instance", Name: i.id, Reason: "Primary", Level: Headline,
			Detail: "timeline " + number(o.timeline) + ", " + entries(len(i.log.entries))})
		i.stand("")
		i.process.health(i.cause)
		if i.options.Fencing == scenarios.FencingLease {
			i.renew(i.life)
		}
		done(nil)
	})
}

// submit makes it a replica.
func (i *instance) submit(o order) {
	was := i.primary
	i.begin(o)
	level := Normal
	if was {
		level = Headline
	}
	w := i.world()
	i.cause = w.tell(Event{Verb: "follow", Kind: "Instance", Name: i.id, Reason: "Replica", Level: level,
		Detail: o.holder + " in timeline " + number(o.timeline)})
	if was {
		i.process.health(i.cause)
	}
	i.synced(func() error { return i.log.keep(promise{o.timeline, i.log.promise.Member}) }, func() { i.stream(i.life) })
}

// stand tells the world whether the instance takes writes, if that has changed; what says why it takes them no longer.
func (i *instance) stand(what string) {
	w, opened := i.world(), i.primary && !i.stopping && !i.yielding && !i.fenced()
	if opened == i.opened {
		return
	}
	i.opened = opened
	if opened {
		w.takesWrites(i.process, true, i.cause)
		w.failovers.serves(w, i.process, i.cause)
	} else {
		i.cause = w.tell(Event{Verb: "close", Kind: "Instance", Name: i.id, Reason: "ReadOnly", Detail: what, Level: Headline})
		w.takesWrites(i.process, false, i.cause)
		w.failovers.lost(i.process, what)
	}
	i.process.health(i.cause)
}

// fenced tells whether the primary has gone too long without renewing its lease.
func (i *instance) fenced() bool {
	return i.options.Fencing == scenarios.FencingLease && i.world().loop.Now() >= i.told.renewed+i.options.LeaseDuration
}

// renew keeps the primary's lease fresh for as long as its turn lasts. What counts is when it asked, not when it was answered.
func (i *instance) renew(life int) {
	if i.stopping || i.over(life) {
		return
	}
	w, place, sent := i.world(), i.process.sandbox.place, i.world().loop.Now()
	w.call(place, "lease", func(api *store.Client) {
		now, renewed := w.renewLease(api, i.set, i.told)
		w.send(controlPlane, place, "lease answer", func() {
			switch {
			case i.over(life):
			case !renewed:
				i.obey(order{leadership: now}, func(error) {})
			default:
				i.told.renewed = max(i.told.renewed, sent)
				i.stand("")
				w.after(i.told.renewed+i.options.LeaseDuration-w.loop.Now(), func() {
					if !i.over(life) {
						i.stand(errFenced.Error())
					}
				})
			}
		})
	})
	w.after(i.options.LeaseRenew, func() { i.renew(life) })
}

// renewLease renews a set's Lease at the API server, for its holder alone. It returns what the Lease says.
func (w *world) renewLease(api *store.Client, set store.Key, held leadership) (now leadership, renewed bool) {
	return w.updateLease(api, set, held, func(lease *coordinationv1.Lease) {
		lease.Spec.RenewTime = &metav1.MicroTime{Time: w.now()}
	})
}

// updateLease changes a set's Lease at the API server, for its holder alone. It returns what the Lease said.
func (w *world) updateLease(api *store.Client, set store.Key, held leadership, change func(*coordinationv1.Lease)) (now leadership, done bool) {
	lease, ok := w.leaseOf(w.store.View(), set)
	if !ok {
		return held, false
	}
	if now = w.leadershipOf(lease); now.timeline != held.timeline || now.holder != held.holder {
		return now, false
	}
	update := lease.DeepCopy()
	change(update)
	if _, err := api.Update(update); err != nil {
		w.fail("lease "+update.Name, err)
	}
	return now, true
}
