package sim

import (
	"slices"
	"strconv"
	"strings"

	"statefulsim/raftnode"
	"statefulsim/scenarios"
)

// recover brings a peer back that finds its log, in the way that is documented for a cluster without a leader: it asks those that
// DNS names to take it in, and if every peer of the set has a name and none of them leads, it writes a new configuration of
// them all, as a file peers.json does, and starts on that.
func (r *raftPeer) recover() {
	if r.process.ended || r.process.stopping {
		return
	}
	w, open, unknown := r.world(), 1, 0
	var peers []raftnode.Server
	answered := func() {
		if open--; open > 0 || r.process.ended || r.process.stopping || r.peer != nil {
			return
		}
		if unknown > 0 {
			w.after(agentRetry, r.recover)
			return
		}
		slices.SortFunc(peers, func(a, b raftnode.Server) int { return strings.Compare(a.ID, b.ID) })
		r.recovers = peers
		r.open(false)
		r.seek()
	}
	for _, pod := range r.brothers() {
		if id := displayName(r.set.Namespace, pod); id == r.id {
			peers = append(peers, raftnode.Server{ID: id, Address: r.address})
			continue
		}
		open++
		name := pod + "." + r.service
		w.resolve(r.process.sandbox.place, r.names, name, func(ips []string, err error) {
			if err != nil {
				unknown++
				answered()
				return
			}
			address := name
			if r.process.sandbox.runs.Addresses == scenarios.AddressesIP {
				address = ips[0]
			}
			peers = append(peers, raftnode.Server{ID: displayName(r.set.Namespace, pod), Address: address})
			w.request(r.process.sandbox.place, ips[0], "join", join{r.id, r.address}, agentTimeout, func(_ any, err error) {
				if err == nil && r.peer == nil && !r.process.ended && !r.process.stopping {
					r.open(false) // somebody leads and has taken it in
					r.seek()
				}
				answered()
			})
		})
	}
	answered()
}

// brothers names the pods of the peer's set.
func (r *raftPeer) brothers() (pods []string) {
	set := r.liveSet()
	if set == nil {
		return nil
	}
	for i := range int(replicasOf(set)) {
		pods = append(pods, set.Name+"-"+strconv.Itoa(firstOrdinal(set)+i))
	}
	return pods
}
