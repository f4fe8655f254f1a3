package sim

import (
	"slices"
	"strconv"
	"strings"

	"statefulsim/raftnode"
	"statefulsim/scenarios"
)

// recovery is how a peer that finds its log is brought back in the way that is documented for a cluster without a leader: it asks
// those that DNS names to take it in, and if every peer of the set has a name and none of them leads, it writes a new configuration
// of them all, as a file peers.json does, and starts on that.
type recovery struct {
	*raftPeer
	asking  int // peers that have not answered, and one more while others are still being asked
	unknown int // peers that DNS does not name
	peers   []raftnode.Server
}

// recover begins a recovery.
func (r *raftPeer) recover() {
	if r.leaving() {
		return
	}
	y := &recovery{raftPeer: r, asking: 1}
	for _, pod := range r.podNames() {
		if DisplayName(r.set.Namespace, pod) == r.id {
			y.peers = append(y.peers, raftnode.Server{ID: r.id, Address: r.address})
		} else {
			y.ask(pod)
		}
	}
	y.answered()
}

// leaving tells whether the peer's process has ended, or is to end.
func (r *raftPeer) leaving() bool { return r.process.ended || r.process.stopping }

// ask asks another peer to take this one in.
func (y *recovery) ask(pod string) {
	y.asking++
	w, name := y.world(), pod+"."+y.service
	w.resolve(y.process.sandbox.place, y.names, name, func(ips []string, err error) {
		if err != nil {
			y.unknown++
			y.answered()
			return
		}
		address := name
		if y.process.sandbox.runs.Addresses == scenarios.AddressesIP {
			address = ips[0]
		}
		y.peers = append(y.peers, raftnode.Server{ID: DisplayName(y.set.Namespace, pod), Address: address})
		w.request(y.process.sandbox.place, ips[0], "join", join{y.id, y.address}, agentTimeout, func(_ any, err error) {
			if err == nil && y.peer == nil && !y.leaving() {
				y.open(false) // somebody leads and has taken it in
				y.seek()
			}
			y.answered()
		})
	})
}

// answered decides when all have answered and nobody has taken the peer in.
func (y *recovery) answered() {
	if y.asking--; y.asking > 0 || y.leaving() || y.peer != nil {
		return
	}
	if y.unknown > 0 {
		y.world().after(agentRetry, y.recover)
		return
	}
	slices.SortFunc(y.peers, func(a, b raftnode.Server) int { return strings.Compare(a.ID, b.ID) })
	y.recovers = y.peers
	y.open(false)
	y.seek()
}

// podNames names the pods of the peer's set.
func (r *raftPeer) podNames() (pods []string) {
	set := r.world().liveSet(r.set)
	if set == nil {
		return nil
	}
	for i := range int(replicasOf(set)) {
		pods = append(pods, set.Name+"-"+strconv.Itoa(firstOrdinal(set)+i))
	}
	return pods
}
