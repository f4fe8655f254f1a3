package story

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
	"statefulsim/sim"
)

// Group is the raft group of a set at one instant.
type Group struct {
	Set    string
	Leader string // the pod that leads in the highest term; "" for none
	Term   uint64 // the highest that any of its peers knows
	Last   uint64 // the highest index of any of their logs
	Commit uint64 // the highest of their commit indices
	Peers  []Peer // by ordinal: those that run, and those that ran before and whose pods the set still wants
	Votes  []Vote // asked for in the election of the highest term, oldest first, pre-votes too; not those of attempts that came to nothing
}

// Peer is a peer of a group.
type Peer struct {
	sim.PeerState
	Runs   bool   // its process lives
	Behind uint64 // by so many entries its log is shorter than the leader's, or than the longest without a leader
	Lag    uint64 // so many entries that are committed it has not applied
}

// Vote is a vote that was asked for.
type Vote struct {
	Term     uint64
	From, To string // who asked whom: pods
	Pre      bool   // a pre-vote: whether it would be given
	At       time.Duration
	Answered bool
	Granted  bool
	Lost     bool // the question or the answer was lost
	Seq      int  // of the latest event about it
}

// findGroups finds the groups: of the sets that run raft, and of those that are gone and whose peers run still.
func (now *instant) findGroups() {
	running := map[string][]Peer{}
	for _, p := range now.peers {
		set := setOf(p.Pod)
		running[set] = append(running[set], Peer{PeerState: p, Runs: true})
	}
	for set := range store.All[*appsv1.StatefulSet](now.view) {
		name := sim.DisplayName(set.Namespace, set.Name)
		if now.story.Rec.Scenario.Runs[set.Name].Kind == scenarios.Raft {
			peers := append(running[name], now.ended(name, set)...)
			now.scene.Groups = append(now.scene.Groups, now.group(name, peers))
		}
		delete(running, name)
	}
	for _, name := range slices.Sorted(maps.Keys(running)) {
		now.scene.Groups = append(now.scene.Groups, now.group(name, running[name]))
	}
	slices.SortFunc(now.scene.Groups, func(a, b Group) int { return strings.Compare(a.Set, b.Set) })
}

// ended are the peers of a set that ran before, do not now, and are wanted, as they were when they ran last.
func (now *instant) ended(name string, set *appsv1.StatefulSet) (peers []Peer) {
	for pod, frames := range now.story.index.ends[name] {
		if !wants(set, ordinalIn(pod)) || slices.ContainsFunc(now.peers, func(p sim.PeerState) bool { return p.Pod == pod }) {
			continue
		}
		if i := sort.SearchInts(frames, now.frame+1); i > 0 {
			last := now.story.Rec.Frames[frames[i-1]].Raft
			at := slices.IndexFunc(last, func(p sim.PeerState) bool { return p.Pod == pod })
			peers = append(peers, Peer{PeerState: last[at]})
		}
	}
	return peers
}

// wants tells whether a set is to have a pod of that ordinal (pkg/controller/statefulset/stateful_set_utils.go:podInOrdinalRange).
func wants(set *appsv1.StatefulSet, ordinal int) bool {
	first, replicas := 0, 1
	if set.Spec.Ordinals != nil {
		first = int(set.Spec.Ordinals.Start)
	}
	if set.Spec.Replicas != nil {
		replicas = int(*set.Spec.Replicas)
	}
	return first <= ordinal && ordinal < first+replicas
}

// ordinalIn is the ordinal in the name of a set's pod.
func ordinalIn(pod string) int {
	n, err := strconv.Atoi(pod[strings.LastIndexByte(pod, '-')+1:])
	if err != nil {
		return -1
	}
	return n
}

// group counts what the peers of a set know.
func (now *instant) group(set string, peers []Peer) Group {
	g := Group{Set: set, Peers: peers, Votes: now.story.index.votes(set, now.scene.Seq)}
	slices.SortStableFunc(peers, func(a, b Peer) int {
		return cmp.Or(cmp.Compare(ordinalIn(a.Pod), ordinalIn(b.Pod)), strings.Compare(a.Pod, b.Pod))
	})
	var leads *Peer
	for i := range peers {
		p := &peers[i]
		g.Term, g.Last, g.Commit = max(g.Term, p.Term), max(g.Last, p.LastIndex), max(g.Commit, p.Commit)
		if p.Runs && p.Role == "Leader" && (leads == nil || leads.Term < p.Term) {
			leads = p
		}
	}
	longest := g.Last
	if leads != nil {
		g.Leader, longest = leads.Pod, leads.LastIndex
	}
	for i := range peers {
		p := &peers[i]
		p.Behind, p.Lag = above(longest, p.LastIndex), above(g.Commit, p.Applied)
	}
	return g
}

// above is by how much a is more than b.
func above(a, b uint64) uint64 { return a - min(a, b) }

// endsOf finds, by set and pod, the frames in which a peer is that is not in the next one.
func endsOf(frames []sim.Frame) map[string]map[string][]int {
	ends := map[string]map[string][]int{}
	for i := 1; i < len(frames); i++ {
		if frames[i].SamePeers(&frames[i-1]) {
			continue
		}
		for _, p := range frames[i-1].Raft {
			if slices.ContainsFunc(frames[i].Raft, func(q sim.PeerState) bool { return q.Pod == p.Pod }) {
				continue
			}
			set := setOf(p.Pod)
			if ends[set] == nil {
				ends[set] = map[string][]int{}
			}
			ends[set][p.Pod] = append(ends[set][p.Pod], i-1)
		}
	}
	return ends
}
