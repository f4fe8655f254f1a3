package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"statefulsim/controller/store"
	"statefulsim/network"
	"statefulsim/raftnode"
	"statefulsim/scenarios"
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
	address           string // what the others know it by: its DNS name, or its IP
	service           string // the DNS name of the set's headless Service
	peer              *raftnode.Peer
	status            raftnode.Status
	names             *network.Cache
	inbound, outbound map[string]string // the IPs at the other ends of its connections, by the peer's DNS name
	waiting           map[uint64]reply  // requests given to raft
	asked             uint64

	hopes     bool // it runs although it may belong to no cluster yet: see askToJoin
	touched   int  // the event that reached it since it was last looked at; 0 if none did
	lastEvent int  // the last event that it caused itself
	labelling bool
	recovers  []raftnode.Server // the cluster that its log is to be recovered to; nil for the one that it is in
	disk      string            // the volume that it has opened its log on, if one
	ended     func()            // what to do when raft has let go, for a peer that was told to stop
	stopped   bool              // raft has ended, and the process will
}

func newRaftPeer(p *process) *raftPeer {
	pod := p.sandbox.pod
	service := pod.Spec.Subdomain + "." + pod.Namespace + ".svc.cluster.local"
	address := pod.Spec.Hostname + "." + service
	if p.sandbox.runs.Addresses == scenarios.AddressesIP {
		address = p.sandbox.ip
	}
	return &raftPeer{
		process: p, id: DisplayName(pod.Namespace, pod.Name),
		set:     p.sandbox.set,
		address: address, service: service,
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
		if r.process.sandbox.runs.PeersJSON {
			r.recover()
			return
		}
		r.open(false)
		r.seek()
		return
	}
	r.findCluster(r.first())
}

// open starts the peer.
func (r *raftPeer) open(found bool) {
	w := r.world()
	about, life, timing := r.process.name(), uint64(len(w.started)), r.process.sandbox.runs
	r.disk = r.process.sandbox.volumes[firstClaim(r.process.sandbox.pod)]
	w.disks.Hold(r.disk)
	config := raftnode.Config{
		ID: r.id, Address: r.address, Dir: r.dir(), Bootstrap: found, Recover: r.recovers,
		Timing: raftnode.Timing{
			HeartbeatTimeout: timing.HeartbeatTimeout, ElectionTimeout: timing.ElectionTimeout,
			CommitTimeout: timing.CommitTimeout, LeaderLeaseTimeout: timing.LeaderLeaseTimeout,
			SnapshotThreshold: timing.SnapshotThreshold, SnapshotInterval: timing.SnapshotInterval, TrailingLogs: timing.TrailingLogs,
		},
		DiskLatency: func(n uint64) time.Duration {
			return w.hops["disk"].Draw(w.dice.At("disk", about, life<<32+n)) + w.disks.Delay(r.disk)
		},
		DiskError: func(use raftnode.DiskUse) error { return w.diskError(r.disk, use) },
		Send:      func(m raftnode.Message) { w.fromPeers.Put(outgoing{peer: r, message: m}) },
		Answer:    func(a raftnode.Answer) { w.fromPeers.Put(outgoing{peer: r, answer: &a}) },
		Exited:    func(err error) { w.fromPeers.Put(outgoing{peer: r, exited: true, err: err}) },
	}
	if w.seams.stores != nil {
		config.Stores = w.seams.stores(r)
	}
	peer, err := raftnode.Start(config)
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
	case r.peer == nil || r.hopes && r.status.LastIndex == 0:
		reply(nil, errNoCluster)
		return
	case r.stopped:
		reply(nil, errRefused)
		return
	}
	if w := r.world(); w.seams.serve != nil {
		body, reply = w.seams.serve(r, body, reply)
	}
	r.asked++
	id := r.asked
	r.waiting[id] = reply
	r.touch()
	switch body := body.(type) {
	case write:
		r.waiting[id] = r.world().counted(r.process, reply)
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
	case r.wanted() || r.process.sandbox.runs.Stays:
		r.touch()
		r.peer.Stop()
	default:
		r.leave()
	}
}

func (r *raftPeer) kill() {
	if r.peer != nil {
		r.peer.Kill()
		r.world().removePeer(r)
		what := "its node went down"
		if r.process.sandbox.machine.down == nil {
			what = "its process ended"
			for _, other := range r.world().peers {
				delete(other.outbound, r.address) // the end of a process closes its connections
			}
		}
		r.world().failovers.deaths[r.set] = r.world().cause
		r.world().failovers.lost(r.process, what)
		r.world().takesWrites(r.process, false, r.world().cause)
	}
}
