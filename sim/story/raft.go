package story

import (
	"time"

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
	Votes  []Vote // asked for in the election of the highest term, oldest first; those for the term before it is won (pre-votes) too
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
