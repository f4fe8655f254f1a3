package sim

import (
	"errors"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
)

// What follows is the agent beside a database that is not the database itself: it finds the cluster to join, leaves it when
// the set shrinks, and labels the pod by what the peer is.

// roleLabel is the label by which Services select the primary and the replicas of a set.
const roleLabel = "role"

// The values of the role label.
const (
	primaryRole = "primary"
	replicaRole = "replica"
)

// first tells whether the pod has the set's first ordinal.
func (r *raftPeer) first() bool {
	return ordinalOf(r.process.sandbox.pod) == firstOrdinal(r.world().liveSet(r.set))
}

// firstOrdinal is the ordinal of a set's first pod; 0 for a set that is gone.
func firstOrdinal(set *appsv1.StatefulSet) int {
	if set == nil || set.Spec.Ordinals == nil {
		return 0
	}
	return int(set.Spec.Ordinals.Start)
}

// liveSet is a set at the API server; nil if it is gone.
func (w *world) liveSet(key store.Key) *appsv1.StatefulSet {
	set, _ := store.Get[*appsv1.StatefulSet](w.store.View(), key.Namespace, key.Name)
	return set
}

// The agent's own pace: how long it waits between two tries, and for an answer.
const (
	agentRetry   = time.Second
	agentTimeout = 2 * time.Second
	agentSeek    = 10 * time.Second // without a leader, before it asks to be taken in again
)

// findCluster asks all peers that the headless Service names whether they belong to a cluster, and joins the one that leads.
func (r *raftPeer) findCluster(mayFound bool) {
	if r.process.ended {
		return
	}
	w, place := r.world(), r.process.sandbox.place
	w.resolve(place, r.names, r.service, func(ips []string, err error) {
		others := slices.DeleteFunc(slices.Clone(ips), func(ip string) bool { return ip == r.process.sandbox.ip })
		switch {
		case r.process.ended:
		case len(others) == 0 && mayFound && (err == nil || errors.Is(err, errNoSuch)) && r.expects(1):
			r.open(true)
		case len(others) == 0:
			r.names.Learn(w.now(), r.service, nil, 0)
			w.after(agentRetry, func() { r.findCluster(mayFound) })
		default:
			r.askToJoin(others, mayFound)
		}
	})
}

// expects tells whether a cluster may be founded when so many peers see each other.
func (r *raftPeer) expects(peers int) bool { return peers >= r.process.sandbox.runs.BootstrapExpect }

// seek watches over a peer that came back to its log: one that hears of no leader asks to be taken in again, because it may
// have been taken out of the cluster while it was away, as after a set has shrunk and grown.
func (r *raftPeer) seek() {
	w := r.world()
	w.after(agentSeek, func() {
		switch {
		case r.process.ended || r.stopped:
			return
		case r.status.LeaderID == "":
			w.resolve(r.process.sandbox.place, r.names, r.service, func(ips []string, _ error) {
				for _, ip := range ips {
					w.request(r.process.sandbox.place, ip, "join", join{r.id, r.address}, agentTimeout, func(any, error) {})
				}
			})
		}
		r.seek()
	})
}

// What a peer asks of the leader: to be taken into the cluster, or out of it.
type (
	join  struct{ id, address string }
	leave struct{ id string }
)

// errNoCluster is the answer of a process that belongs to no cluster itself.
var errNoCluster = errors.New("belongs to no cluster")

// askToJoin asks all other peers, of which the leader can take this one in. If all of them belong to no cluster, and one may be founded,
// this peer founds it.
func (r *raftPeer) askToJoin(ips []string, mayFound bool) {
	w, open, lonely := r.world(), len(ips), 0
	for _, ip := range ips {
		w.request(r.process.sandbox.place, ip, "join", join{r.id, r.address}, agentTimeout, func(_ any, err error) {
			open--
			if errors.Is(err, errNoCluster) {
				lonely++
			}
			switch {
			case r.process.ended || r.peer != nil:
			case err == nil:
				r.open(false)
			case mayBeTaken(err) && !mayFound:
				// The leader may need its vote already: it listens, and asks again.
				r.hopes = true
				r.open(false)
				r.seek()
			case open == 0 && lonely == len(ips) && mayFound && r.expects(len(ips)+1):
				r.open(true)
			case open == 0:
				w.after(agentRetry, func() { r.findCluster(mayFound) })
			}
		})
	}
}

// mayBeTaken tells whether a peer that asked to join may belong to the cluster although nobody said so.
func mayBeTaken(err error) bool {
	return errors.Is(err, errTimeout) || errors.Is(err, errReset) || errors.Is(err, errMaybe)
}

// leave asks the leader, which it has a connection to, to take the peer out of the cluster until that is done, and then stops.
// A leader hands its leadership over first; the last member has nobody to leave to.
func (r *raftPeer) leave() {
	w, leader := r.world(), r.world().peerNamed(r.status.LeaderID)
	switch {
	case r.process.ended:
		return
	case leader == r && len(r.status.Voters) < 2:
		r.touch()
		r.peer.Stop()
		return
	case leader == r:
		r.touch()
		r.peer.TransferLeadership()
		w.after(agentRetry, r.leave)
		return
	case leader == nil:
		w.after(agentRetry, r.leave)
		return
	}
	w.request(r.process.sandbox.place, leader.process.sandbox.ip, "leave", leave{r.id}, agentTimeout, func(_ any, err error) {
		switch {
		case r.process.ended:
		case err == nil:
			r.touch()
			r.peer.Stop()
		default:
			w.after(agentRetry, r.leave)
		}
	})
}

// peerNamed returns the live peer with that ID, or nil.
func (w *world) peerNamed(id string) *raftPeer {
	for _, r := range w.peers {
		if r.id == id {
			return r
		}
	}
	return nil
}

// wanted tells whether the set still has the pod's ordinal.
func (r *raftPeer) wanted() bool {
	set := r.world().liveSet(r.set)
	if set == nil || set.DeletionTimestamp != nil {
		return true // all go at once: nobody is left to leave
	}
	above := ordinalOf(r.process.sandbox.pod) - firstOrdinal(set)
	return above >= 0 && above < int(replicasOf(set))
}

// relabel brings the pod's role label in line with what the peer is, a while after that changed: an agent beside the
// database looks at it now and then and patches its own pod.
func (r *raftPeer) relabel() {
	if r.labelling || r.role() == "" {
		return
	}
	r.labelling = true
	w := r.world()
	w.because(r.lastEvent, "agent/"+r.id, func() {
		w.after(w.latency("roleLabel", r.id), func() { r.patchLabel() })
	})
}

// patchLabel writes the role label at the API server, and looks again later whether it is there.
func (r *raftPeer) patchLabel() {
	r.labelling = false
	if r.process.ended {
		return
	}
	w, s, role := r.world(), r.process.sandbox, r.role()
	if role == "" {
		return // it is between two leaders: what comes next labels it
	}
	if live, ok := store.Get[*corev1.Pod](w.store.View(), s.pod.Namespace, s.pod.Name); !ok || live.UID != s.pod.UID || live.Labels[roleLabel] == role {
		return
	}
	w.call(s.place, "label", func(api *store.Client) {
		live, ok := store.Get[*corev1.Pod](w.store.View(), s.pod.Namespace, s.pod.Name)
		if !ok || live.UID != s.pod.UID {
			return
		}
		update := live.DeepCopy()
		update.Labels[roleLabel] = role
		if _, err := api.Update(update); err != nil {
			w.fail("labelling pod "+r.id, err)
		}
	})
	w.after(agentRetry, r.relabel) // the patch may have been lost
}

// role is what the peer's label should say; "" while it follows nobody.
func (r *raftPeer) role() string {
	switch {
	case r.status.Serving:
		return primaryRole
	case r.status.State == "Follower" && r.status.LeaderID != "":
		return replicaRole
	}
	return ""
}
