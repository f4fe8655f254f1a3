package sim

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/hashicorp/raft"

	"statefulsim/raftnode"
	"statefulsim/scenarios"
)

// collect takes what the peers did while they settled, in an order that does not depend on which goroutine ran first: how
// they stand, what they answered, and what they have to say to each other.
func (w *world) collect() {
	items := w.fromPeers.Take()
	slices.SortFunc(items, compareOutgoing)
	for i := 0; i < len(w.peers); {
		r := w.peers[i]
		r.look()
		if i < len(w.peers) && w.peers[i] == r { // else it has let go, and the next one stands in its place
			i++
		}
	}
	for _, item := range items {
		r := item.peer
		w.because(cmp.Or(r.touched, r.lastEvent), r.actor(), func() {
			switch {
			case item.exited:
				r.exited(item.err)
			case item.answer != nil:
				r.answer(*item.answer)
			case !r.process.ended:
				w.campaign(r, item.message)
			}
		})
	}
	for _, r := range w.peers {
		r.touched = 0
	}
}

func compareOutgoing(a, b outgoing) int {
	if c := comparePeers(a.peer, b.peer); c != 0 {
		return c
	}
	if c := cmp.Compare(a.rank(), b.rank()); c != 0 {
		return c
	}
	if a.answer != nil {
		return cmp.Compare(a.answer.ID, b.answer.ID)
	}
	return raftnode.Compare(a.message, b.message)
}

func (o *outgoing) rank() int {
	switch {
	case o.answer != nil:
		return 0
	case !o.exited:
		return 1
	}
	return 2
}

// look compares how the peer stands with how it stood, and tells what is new.
func (r *raftPeer) look() {
	w, was, is := r.world(), r.status, r.peer.Status()
	if is.State == was.State && is.Term == was.Term && is.LeaderID == was.LeaderID && is.Serving == was.Serving &&
		is.LastIndex == was.LastIndex && is.Commit == was.Commit && is.Applied == was.Applied && is.CaughtUp == was.CaughtUp {
		return
	}
	if is.State == "" {
		r.letGo()
		return
	}
	wasReady := r.ready() == nil
	r.status = is
	w.judge.peersChanged()
	cause := cmp.Or(w.badDisk(r.disk), r.touched)
	if cause == 0 {
		cause = w.failovers.silence(r)
	}
	w.because(cause, r.actor(), func() {
		switch {
		case is.State != was.State || is.State == "Candidate" && is.Term != was.Term:
			r.lastEvent = w.tell(Event{Verb: "become", Kind: "Peer", Name: r.id, Reason: is.State, Detail: "term " + number(is.Term),
				Level: levelOf(was.State, is.State)})
		case is.LeaderID != was.LeaderID && is.LeaderID != "":
			r.lastEvent = w.tell(Event{Verb: "follow", Kind: "Peer", Name: r.id, Reason: "Leader",
				Detail: is.LeaderID + " in term " + number(is.Term), Level: Normal})
		case is.Serving && !was.Serving:
			r.lastEvent = w.tell(Event{Verb: "serve", Kind: "Peer", Name: r.id, Reason: "Primary", Detail: "term " + number(is.Term), Level: Normal})
		case is.CaughtUp && !was.CaughtUp:
			r.lastEvent = w.tell(Event{Verb: "catchup", Kind: "Peer", Name: r.id, Detail: "applied " + number(is.Applied), Level: Normal})
		}
		w.failovers.looked(w, r, was)
		r.relabel()
	})
	if wasReady != (r.ready() == nil) {
		r.process.health(r.lastEvent)
	}
}

func levelOf(was, is string) Level {
	if was == "" && is == "Follower" {
		return Normal
	}
	return Headline
}

// letGo takes a peer off the list that has stopped by itself, as it was told to. What one that was not told to died of, it says
// when it has exited.
func (r *raftPeer) letGo() {
	w := r.world()
	r.stopped = true
	r.status.LeaderID, r.status.Serving, r.status.CaughtUp = "", false, false
	w.removePeer(r)
	if r.ended == nil {
		return
	}
	w.because(cmp.Or(r.touched, r.lastEvent), r.actor(), func() {
		r.lastEvent = w.tell(Event{Verb: "stop", Kind: "Peer", Name: r.id, Level: Normal})
		w.failovers.lost(r.process, "it was told to stop")
		w.takesWrites(r.process, false, r.lastEvent)
	})
	r.process.health(r.lastEvent)
}

// exited takes word that raft has let go of the peer's directory.
func (r *raftPeer) exited(err error) {
	if dropped := r.world().disks.DropScratch(r.process.scratch()); dropped != nil {
		r.world().fail("file system of container "+r.process.name(), dropped)
	}
	if lost := r.world().disks.Release(r.disk); lost != nil {
		r.world().fail("disk of raft peer "+r.id, lost)
	}
	switch {
	case err != nil && !errors.Is(err, raftnode.ErrLocked) && !ofDisk(err):
		r.world().fail("raft peer "+r.id, err)
	case r.process.ended:
	case r.ended != nil:
		r.ended()
	case ofDisk(err):
		r.panicked(err)
	case err != nil:
		r.process.end("exit", "LogLocked", Headline)
		r.process.sandbox.machine.exited(r.process, 1, "Error")
	}
}

// panicked ends the process of a peer that its disk failed, as a Go program ends that panics.
func (r *raftPeer) panicked(err error) {
	w := r.world()
	w.because(cmp.Or(w.spoilt[r.disk], w.cause), r.actor(), func() {
		seq := w.tell(Event{Verb: "panic", Kind: "Peer", Name: r.id, Reason: "DiskFailed", Detail: err.Error(), Level: Headline})
		w.because(seq, r.actor(), func() {
			r.process.end("exit", "Panicked", Headline)
			r.process.sandbox.machine.exited(r.process, 2, "Error")
		})
	})
}

// answer hands the outcome of a request to whoever waits for it.
func (r *raftPeer) answer(a raftnode.Answer) {
	reply := r.waiting[a.ID]
	delete(r.waiting, a.ID)
	if r.process.ended || reply == nil {
		return
	}
	var err error
	switch {
	case a.Err == nil:
	case a.Maybe:
		err = errMaybe
	case errors.Is(a.Err, raft.ErrNotLeader), errors.Is(a.Err, raft.ErrLeadershipLost), errors.Is(a.Err, raft.ErrLeadershipTransferInProgress),
		errors.Is(a.Err, raftnode.ErrNotServing):
		err = errNotPrimary
	default:
		err = a.Err
	}
	reply(a, err)
}

// What a peer can answer instead.
var (
	errNotPrimary = errors.New("not the primary")
	errMaybe      = errors.New("leadership lost before the write was committed")
)

// noRoute is how long Linux tries to find out who has an address before it says that there is no route to the host: three
// probes a second apart (mcast_solicit and retrans_time_ms, arp(7)).
const noRoute = 3 * time.Second

// route brings a message of a peer to its target over the network. An answer goes back over the connection that its request
// came by. For a request the peer uses the connection that it has; for a new one it asks DNS.
func (w *world) route(r *raftPeer, m raftnode.Message) {
	if ip, ok := r.inbound[m.To]; m.Answer && ok {
		w.transmit(r, ip, m)
		return
	}
	if ip, ok := r.outbound[m.To]; ok {
		w.transmit(r, ip, m)
		return
	}
	if r.process.sandbox.runs.Addresses == scenarios.AddressesIP {
		w.transmit(r, m.To, m)
		return
	}
	w.resolve(r.process.sandbox.place, r.names, m.To, func(ips []string, err error) {
		switch {
		case r.process.ended:
		case err != nil:
			r.failed(m, err)
		default:
			r.outbound[m.To] = ips[0]
			w.transmit(r, ips[0], m)
		}
	})
}

// transmit sends a message to an address.
func (w *world) transmit(r *raftPeer, ip string, m raftnode.Message) {
	target := w.sandboxes[ip]
	if target == nil {
		w.tell(Event{Verb: "lose", Kind: "Message", Name: r.id + "→" + m.To, Reason: string(m.Kind), Detail: "nobody has the address " + ip, Level: Detail})
		w.after(noRoute, func() { r.failed(m, errNoRoute) })
		return
	}
	lost := w.carry(r.process.sandbox.place, target.place, string(m.Kind), m.Size(), func() { w.deliver(r, target, m) })
	if lost != "" {
		w.tell(Event{Verb: "lose", Kind: "Message", Name: r.id + "→" + target.name(), Reason: string(m.Kind), Detail: lost, Level: Detail})
	}
}

// failed tells raft that a message could not be delivered.
func (r *raftPeer) failed(m raftnode.Message, err error) {
	delete(r.outbound, m.To)
	if !r.process.ended {
		r.touch()
		r.peer.Fail(m, err)
	}
}

// deliver hands a message to the peer at its target, or tells the sender that nobody listens there.
func (w *world) deliver(from *raftPeer, target *sandbox, m raftnode.Message) {
	verb := "deliver"
	if m.Answer {
		verb = "answer"
	}
	seq := w.tell(Event{Verb: verb, Kind: "Message", Name: from.id + "→" + target.name(), Reason: string(m.Kind), Detail: m.Summary.String(), Level: Detail})
	to := target.peer()
	if target.machine.down != nil {
		return
	}
	if to == nil {
		w.because(seq, w.actor, func() {
			w.send(target.place, from.process.sandbox.place, "refused", func() { from.failed(m, errRefused) })
		})
		return
	}
	to.touched = seq
	to.inbound[m.From] = from.process.sandbox.ip
	to.peer.Deliver(m)
}

// name is the pod's, with its namespace in front unless that is "default".
func (s *sandbox) name() string { return DisplayName(s.pod.Namespace, s.pod.Name) }

// peer is the raft peer that serves the sandbox's address, if one is running.
func (s *sandbox) peer() *raftPeer {
	p := s.processes[s.main]
	if p == nil {
		return nil
	}
	if r, ok := p.program.(*raftPeer); ok && r.peer != nil {
		return r
	}
	return nil
}
