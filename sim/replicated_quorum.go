package sim

import (
	"math"
	"strconv"

	coordinationv1 "k8s.io/api/coordination/v1"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
)

// acknowledge answers the writes that enough instances have.
func (i *instance) acknowledge() {
	if i.options.Mode == scenarios.Sync {
		i.resize()
	}
	for len(i.pending) > 0 && i.enough(i.pending[0].index) {
		first := i.pending[0]
		i.pending = i.pending[1:]
		first.answer(nil, nil)
	}
}

// enough tells whether as many instances have an entry as a write needs.
func (i *instance) enough(index int) bool {
	switch i.options.Mode {
	case scenarios.Sync:
		return i.quorum(index, i.told.replicas) && i.quorum(index, i.resizing) && i.quorum(index, i.replicas())
	case scenarios.SemiSync:
		return i.relaxed || i.having(index, math.MaxInt) > 0
	}
	return true
}

// having counts the replicas that have an entry, of those with an ordinal below a bound.
func (i *instance) having(index, below int) (n int) {
	for ordinal, has := range i.has {
		if has > index && ordinal < below {
			n++
		}
	}
	return n
}

// quorum tells whether enough of so many ordinals have an entry; of none, none are needed.
func (i *instance) quorum(index, replicas int) bool {
	below := firstOrdinal(i.world().liveSet(i.set)) + replicas
	have := i.having(index, below)
	if ordinalOf(i.process.sandbox.pod) < below {
		have++
	}
	return replicas == 0 || have >= needed(i.options, replicas)
}

// replicas is how many its set is to have now; 0 if the set is gone.
func (i *instance) replicas() int {
	if set := i.world().liveSet(i.set); set != nil {
		return int(replicasOf(set))
	}
	return 0
}

// resize has the Lease name another number of replicas when the set has one, and enough of them have all that there is. Until it
// does, a write needs enough of the former ones too: so whoever is elected by either number has every acknowledged write.
func (i *instance) resize() {
	want := i.replicas()
	if i.resizing != 0 || want == 0 || want == i.told.replicas || !i.quorum(len(i.log.entries)-1, want) {
		return
	}
	i.resizing = want
	i.propose(i.life)
}

// propose asks the API server for the change again and again until it is done, or the primary's turn is over.
func (i *instance) propose(life int) {
	w, place, told, want := i.world(), i.process.sandbox.place, i.told, i.resizing
	if i.over(life) || want == 0 {
		return
	}
	w.call(place, "lease", func(api *store.Client) {
		_, done := w.updateLease(api, i.set, told, func(lease *coordinationv1.Lease) {
			if w.leadershipOf(lease).changes == told.changes { // else this is an old call, and the change was made
				lease.Annotations[replicasAnnotation] = strconv.Itoa(want)
				lease.Annotations[changesAnnotation] = strconv.Itoa(told.changes + 1)
			}
		})
		w.send(controlPlane, place, "lease answer", func() {
			if done && !i.over(life) && i.told.changes == told.changes {
				i.told.replicas, i.told.changes, i.resizing = want, told.changes+1, 0
				i.acknowledge()
			}
		})
	})
	w.after(agentRetry, func() { i.propose(life) })
}

// needed is how many of a set's instances must have a write, with synchronous replication.
func needed(o scenarios.Replication, replicas int) int {
	if o.SyncReplicas > 0 {
		return o.SyncReplicas
	}
	return replicas/2 + 1
}
