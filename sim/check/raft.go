package check

import (
	"fmt"
)

// What is remembered of a raft cluster is forgotten once none of its peers lives: it may then have lost all its disks, and
// a new cluster of the same name begins with term 1 again.

// clusters keeps something for each set that has a live peer.
type clusters[T any] struct {
	of    map[string]*memory[T]
	steps int // with a list of peers
}

type memory[T any] struct {
	seen int // the step in which the set last had a live peer
	of   T
}

// visit calls judge for each peer, with what is remembered of its set, and then forgets the sets without any.
func (c *clusters[T]) visit(peers []Peer, judge func(*T, *Peer)) {
	if peers == nil {
		return
	}
	if c.of == nil {
		c.of = map[string]*memory[T]{}
	}
	c.steps++
	for i := range peers {
		m := c.of[peers[i].Set]
		if m == nil {
			m = &memory[T]{}
			c.of[peers[i].Set] = m
		}
		m.seen = c.steps
		judge(&m.of, &peers[i])
	}
	for set, m := range c.of {
		if m.seen != c.steps {
			delete(c.of, set)
		}
	}
}

var oneLeaderPerTerm = Invariant{
	Name: "one-leader-per-term",
	Why: "Raft's safety rests on at most one leader being elected in a term: two leaders of one term can acknowledge " +
		"different entries at the same index.",
	New: func() Judge {
		var sets clusters[map[uint64]string]
		return func(step *Step) (breaches []string) {
			sets.visit(step.Peers, func(leaders *map[uint64]string, p *Peer) {
				if p.State != "Leader" {
					return
				}
				if *leaders == nil {
					*leaders = map[uint64]string{}
				}
				first, ok := (*leaders)[p.Term]
				if !ok {
					(*leaders)[p.Term] = p.Pod
				} else if first != p.Pod && first != toldOff {
					breaches = append(breaches, fmt.Sprintf("%s and %s were both leader in term %d", first, p.Pod, p.Term))
					(*leaders)[p.Term] = toldOff
				}
			})
			return breaches
		}
	},
}

// toldOff stands for the leader of a term whose breach has been told.
const toldOff = ""

var commitNeverFalls = Invariant{
	Name: "commit-never-falls",
	Why: "What a peer once knew to be committed stays committed: a commit index that falls while the peer lives means that " +
		"acknowledged entries can be replaced.",
	New: func() Judge {
		var sets clusters[map[life]uint64]
		return func(step *Step) (breaches []string) {
			sets.visit(step.Peers, func(commits *map[life]uint64, p *Peer) {
				if *commits == nil {
					*commits = map[life]uint64{}
				}
				now := p.life()
				if before := (*commits)[now]; p.Commit < before {
					breaches = append(breaches, fmt.Sprintf("the commit index of %s fell from %d to %d", p.Pod, before, p.Commit))
				}
				(*commits)[now] = p.Commit
			})
			return breaches
		}
	},
}

var stateMachinesAgree = Invariant{
	Name: "state-machines-agree",
	Why: "Every peer applies the same committed entries in the same order: two peers that applied as many entries and hold " +
		"different data have diverged, and which data a client sees depends on who leads.",
	New: func() Judge {
		var sets clusters[applied]
		return func(step *Step) (breaches []string) {
			sets.visit(step.Peers, func(states *applied, p *Peer) {
				if p.Digest == 0 {
					return
				}
				state := &states[p.Applied%uint64(len(states))]
				switch {
				case state.index < p.Applied:
					*state = appliedState{index: p.Applied, digest: p.Digest, pod: p.Pod}
				case state.index == p.Applied && state.digest != p.Digest && !state.told:
					state.told = true
					breaches = append(breaches, fmt.Sprintf("after entry %d, %s and %s hold different data", p.Applied, state.pod, p.Pod))
				}
			})
			return breaches
		}
	},
}

// applied is what the state machines of a set held after each of the latest entries, at the entry's index modulo its
// length. A peer that lags further behind is not compared until it has caught up.
type applied [1024]appliedState

type appliedState struct {
	index, digest uint64
	pod           string
	told          bool
}
