package sim

import (
	"time"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
	"statefulsim/sim/check"
)

// Recording is all that a run leaves behind, and all that anyone who shows, judges or compares runs reads.
type Recording struct {
	Scenario *scenarios.Scenario
	Seed     uint64

	Events []Event
	Frames []Frame
	Hash   string // SHA-256 of the canonical trace, in hexadecimal

	Virtual, Wall time.Duration
	Interrupted   bool // stopped by the user before its end: what follows is what was reached
	Stopped       bool // ended because something broke, as Options.StopWhenDecided asks for: what was open then is not decided

	Expectations []Outcome
	Violations   []Violation
	Doubles      []Double      // in the order in which they began
	SplitBrains  []SplitBrain  // likewise
	Broken       []Violation   // those that the scenario says it breaks: they fail no run
	RecoveredAt  time.Duration // since when all is well after the last fault; 0: it is not, or the scenario does not ask
	Failovers    []Failover
	Cuts         []Cut // faults of the network, in the order in which they began
	Clients      []ClientResult
	Requests     []Request         // what clients asked for, in the order in which it came to its end
	History      []check.Operation // of the registers that clients wrote and read, attempt by attempt, client by client: what the judges judged
	Lost         []LostWrite       // acknowledged writes that are missing at the end, in the order of History
	Pods         []PodState        // as they were at the end, in the order of their names
}

// Passed tells whether every expectation held and no invariant was broken in a run that came to its end.
func (r *Recording) Passed() bool {
	for _, o := range r.Expectations {
		if !o.Passed {
			return false
		}
	}
	return len(r.Violations) == 0 && !r.Interrupted
}

// Frame is the world after one step. It never changes and shares what did not change with the frames before it.
type Frame struct {
	At    time.Duration
	Seq   int // of the last event before it
	Store *store.View
	Raft  []PeerState // in the order of the pods' names
}

// SamePeers tells whether no raft peer has changed since a frame before: then both share the list of them.
func (f *Frame) SamePeers(before *Frame) bool {
	return len(f.Raft) == len(before.Raft) && (len(f.Raft) == 0 || &f.Raft[0] == &before.Raft[0])
}

// PeerState is a raft peer as its last step left it.
type PeerState struct {
	Pod, Role, Leader                string // Role: "Follower", "Candidate", "Leader"; Leader: the pod it follows, or ""
	Term, LastIndex, Commit, Applied uint64
}

// Outcome is the verdict on one expectation.
type Outcome struct {
	Name    string
	Passed  bool
	At      time.Duration // when it was decided
	Message string        // for a failed one: what was seen
}

// Violation is an invariant that did not hold after some step.
type Violation struct {
	Invariant string
	Why       string // what it protects; empty where the message says all
	At        time.Duration
	Message   string
}

// Failover is the loss of a primary taken apart.
type Failover struct {
	Set                    string
	At                     time.Duration // when the old primary was lost
	Cause                  string        // what took it: the event's detail
	CauseSeq               int           // … and its number
	OldPrimary, NewPrimary string        // pods; NewPrimary is "" if none came
	Phases                 []Phase       // noticed, elected, label moved, endpoints updated, first successful write; only those reached
	Recovery               time.Duration // the sum of the phases; meaningful if Recovered
	Recovered              bool
	LostWrites             int // acknowledged before, missing at the end
}

// Phase is one stretch of a failover.
type Phase struct {
	Name string
	Took time.Duration
	Seq  int // the event that ended it
}

// ClientResult counts what one client's operations came to.
type ClientResult struct {
	Name                                string
	Acknowledged, Failed, Unknown, Lost int // Unknown: sent, never answered
}

// Request is one operation of a client, with all its attempts.
type Request struct {
	Client      int // its place in Clients
	From, Until time.Duration
	Outcome     check.Outcome
}

// LostWrite is a write that a client was told is done, and that is missing at the end.
type LostWrite struct {
	Client     int           // its place in Clients
	Key, Value string        // Key with the namespace and the set in front: "default/mysql/k1"
	At         time.Duration // when it was acknowledged
}

// PodState is a pod as kubectl and a reader would want it in one line.
type PodState struct {
	Namespace, Name, Node, Zone, Phase, Revision, Volume, Role string
	Ready                                                      bool
	Restarts                                                   int32
}
