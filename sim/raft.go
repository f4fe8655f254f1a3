package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/network"
	"statefulsim/raftnode"
)

// roleLabel is the label by which Services select the primary and the replicas of a set.
const roleLabel = "role"

// The values of the role label.
const (
	primaryRole = "primary"
	replicaRole = "replica"
)

// outgoing is what a peer's goroutines have for the loop: a message to another peer, the answer to a request, or word that
// the peer has ended.
type outgoing struct {
	peer    *raftPeer
	message raftnode.Message
	answer  *raftnode.Answer
	exited  bool
	err     error
}

func (w *world) addPeer(p *raftPeer) {
	at, _ := slices.BinarySearchFunc(w.peers, p, comparePeers)
	w.peers = slices.Insert(w.peers, at, p)
}

func (w *world) removePeer(p *raftPeer) {
	if at := slices.Index(w.peers, p); at >= 0 {
		w.peers = slices.Delete(w.peers, at, at+1)
		w.judge.peersChanged()
	}
}

func comparePeers(a, b *raftPeer) int {
	return cmp.Or(strings.Compare(a.id, b.id), cmp.Compare(a.process.birth, b.process.birth))
}

// raftPeer is a program: a raft peer in a pod, with the agent beside it that joins the cluster and labels the pod.
type raftPeer struct {
	process           *process
	id                string // the pod's name with its namespace in front unless that is "default"
	set               store.Key
	address           string // its DNS name
	service           string // the DNS name of the set's headless Service
	peer              *raftnode.Peer
	status            raftnode.Status
	names             *network.Cache
	inbound, outbound map[string]string // the IPs at the other ends of its connections, by the peer's DNS name
	waiting           map[uint64]reply  // requests given to raft
	asked             uint64

	touched   int // the event that reached it since it was last looked at; 0 if none did
	lastEvent int // the last event that it caused itself
	labelling bool
	ended     func() // what to do when raft has let go, for a peer that was told to stop
	stopped   bool   // raft has ended, and the process will
}

func newRaftPeer(p *process) *raftPeer {
	pod := p.sandbox.pod
	service := pod.Spec.Subdomain + "." + pod.Namespace + ".svc.cluster.local"
	return &raftPeer{
		process: p, id: displayName(pod.Namespace, pod.Name),
		set:     p.sandbox.set,
		address: pod.Spec.Hostname + "." + service, service: service,
		names: network.NewCache(cachedNames), inbound: map[string]string{}, outbound: map[string]string{}, waiting: map[uint64]reply{},
	}
}

func (r *raftPeer) world() *world { return r.process.world() }
func (r *raftPeer) actor() string { return "raft/" + r.id }

// dir is where the peer keeps its log: on the pod's first claim, or in the container's own file system, which ends with it.
func (r *raftPeer) dir() string {
	s := r.process.sandbox
	if claim := firstClaim(s.pod); claim != "" {
		return r.world().disks.Path(s.volumes[claim])
	}
	return r.world().disks.Scratch(r.process.scratch())
}

// boot opens the log. A peer that finds an empty one looks for a cluster to join; the first ordinal founds one if there is
// none.
func (r *raftPeer) boot() {
	if raftnode.Exists(r.dir()) {
		r.open(false)
		return
	}
	r.findCluster(r.first())
}

// first tells whether the pod has the set's first ordinal.
func (r *raftPeer) first() bool {
	start := int32(0)
	if set := r.liveSet(); set != nil && set.Spec.Ordinals != nil {
		start = set.Spec.Ordinals.Start
	}
	return r.process.sandbox.pod.Labels[appsv1.PodIndexLabel] == number(uint64(start))
}

func (r *raftPeer) liveSet() *appsv1.StatefulSet {
	set, _ := store.Get[*appsv1.StatefulSet](r.world().store.View(), r.set.Namespace, r.set.Name)
	return set
}

// open starts the peer.
func (r *raftPeer) open(found bool) {
	w := r.world()
	about, timing := r.process.name(), r.process.sandbox.runs
	peer, err := raftnode.Start(raftnode.Config{
		ID: r.id, Address: r.address, Dir: r.dir(), Bootstrap: found,
		Timing: raftnode.Timing{
			HeartbeatTimeout: timing.HeartbeatTimeout, ElectionTimeout: timing.ElectionTimeout,
			CommitTimeout: timing.CommitTimeout, LeaderLeaseTimeout: timing.LeaderLeaseTimeout,
			SnapshotThreshold: timing.SnapshotThreshold, SnapshotInterval: timing.SnapshotInterval, TrailingLogs: timing.TrailingLogs,
		},
		DiskLatency: func(n uint64) time.Duration {
			return w.hops["disk"].Draw(w.dice.At("disk", about, uint64(r.process.birth)<<32+n))
		},
		Send:   func(m raftnode.Message) { w.fromPeers.Put(outgoing{peer: r, message: m}) },
		Answer: func(a raftnode.Answer) { w.fromPeers.Put(outgoing{peer: r, answer: &a}) },
		Exited: func(err error) { w.fromPeers.Put(outgoing{peer: r, exited: true, err: err}) },
	})
	if err != nil {
		w.fail("raft peer "+r.id, err)
	}
	r.peer = peer
	r.touched = r.process.birth
	w.addPeer(r)
	w.started = append(w.started, r)
	verb := map[bool]string{true: "bootstrap", false: "open"}[found]
	r.lastEvent = w.tell(Event{Verb: verb, Kind: "Peer", Name: r.id, Detail: r.address, Level: Normal})
	r.relabel()
}

// The agent's own pace: how long it waits between two tries, and for an answer.
const (
	agentRetry   = time.Second
	agentTimeout = 2 * time.Second
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
		case len(others) == 0 && mayFound && (err == nil || errors.Is(err, errNoSuch)):
			r.open(true)
		case len(others) == 0:
			r.names.Learn(w.now(), r.service, nil, 0)
			w.after(agentRetry, func() { r.findCluster(mayFound) })
		default:
			r.askToJoin(others, mayFound)
		}
	})
}

// What a peer asks of the leader: to be taken into the cluster, or out of it.
type (
	join  struct{ id, address string }
	leave struct{ id string }
)

// noCluster is the answer of a process that belongs to no cluster itself.
var errNoCluster = errors.New("belongs to no cluster")

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
			case open == 0 && lonely == len(ips) && mayFound:
				r.open(true)
			case open == 0:
				w.after(agentRetry, func() { r.findCluster(mayFound) })
			}
		})
	}
}

// ready is nil for a peer that has a leader and has caught up with it.
func (r *raftPeer) ready() error {
	switch {
	case r.peer == nil:
		return errors.New("belongs to no cluster yet")
	case r.status.LeaderID == "":
		return errors.New("no leader")
	case !r.status.CaughtUp:
		return fmt.Errorf("applied %d, not yet caught up with the leader", r.status.Applied)
	}
	return nil
}

// What clients ask of a peer.
type (
	write struct{ key, value string }
	read  struct {
		key   string
		stale bool // a follower may answer from what it has
	}
)

func (r *raftPeer) serve(kind string, body any, reply reply) {
	switch {
	case r.peer == nil:
		reply(nil, errNoCluster)
		return
	case r.stopped:
		reply(nil, errRefused)
		return
	}
	r.asked++
	id := r.asked
	r.waiting[id] = reply
	r.touch()
	switch body := body.(type) {
	case write:
		r.peer.Write(id, body.key, body.value)
	case read:
		r.peer.Read(id, body.key, !body.stale)
	case join:
		r.peer.Join(id, body.id, body.address)
	case leave:
		r.peer.Leave(id, body.id)
	default:
		panic("sim: a raft peer cannot answer " + kind)
	}
}

// touch notes that what is being applied reached the peer.
func (r *raftPeer) touch() { r.touched = r.world().cause }

// stop ends the peer in order: a leader hands its leadership over, and a peer whose ordinal is no longer wanted leaves the
// cluster first, as a preStop hook that reads spec.replicas would have it.
func (r *raftPeer) stop(ended func()) {
	w := r.world()
	r.ended = func() { w.after(w.latency("processStop", r.process.name()), ended) }
	switch {
	case r.peer == nil:
		r.ended()
	case r.wanted():
		r.touch()
		r.peer.Stop()
	default:
		r.leave()
	}
}

// leave asks the leader to take the peer out of the cluster until it has done so, and then stops.
func (r *raftPeer) leave() {
	w := r.world()
	if r.process.ended {
		return
	}
	if r.status.State == "Leader" {
		r.touch()
		r.peer.TransferLeadership()
		w.after(agentRetry, r.leave)
		return
	}
	leader := w.peerNamed(r.status.LeaderID)
	if leader == nil {
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
	set := r.liveSet()
	if set == nil || set.DeletionTimestamp != nil {
		return true // all go at once: nobody is left to leave
	}
	start := int32(0)
	if set.Spec.Ordinals != nil {
		start = set.Spec.Ordinals.Start
	}
	var ordinal int32
	fmt.Sscan(r.process.sandbox.pod.Labels[appsv1.PodIndexLabel], &ordinal)
	return ordinal >= start && ordinal < start+replicasOf(set)
}

func (r *raftPeer) kill() {
	if r.peer != nil {
		r.peer.Kill()
		r.world().removePeer(r)
		for _, other := range r.world().peers {
			delete(other.outbound, r.address) // the end of a process closes its connections
		}
		r.world().failovers.deaths[r.set] = r.world().cause
		r.world().failovers.lost(r, "its process ended")
	}
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
	w.send(s.place, controlPlane, "label", func() {
		live, ok := store.Get[*corev1.Pod](w.store.View(), s.pod.Namespace, s.pod.Name)
		if !ok || live.UID != s.pod.UID {
			return
		}
		update := live.DeepCopy()
		update.Labels[roleLabel] = role
		if _, err := w.api().Update(update); err != nil {
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
