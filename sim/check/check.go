// Package check judges runs: invariants that must hold after every step, and histories of clients when a run has ended.
//
// A judge sees only what changed in a step, so that its work is proportional to that and a step without changes costs
// nothing. What it has to know of the past it remembers itself: judges are made anew for each run and hear of every step of
// it, from the empty store on.
//
// A judge speaks only when something is surely wrong. Where a component may rightly act on a stale cache, the invariant is
// worded so that what was true at some earlier instant excuses it.
package check

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

// Step is what one step changed, and the world before and after it.
type Step struct {
	Now           time.Duration // since the start of the run
	Actor         string        // who acted, as the trace names it; judges know some controllers
	Before, After *store.View
	Changes       []store.Change // to the store, in order

	Stopped []Process // ended in this step, before any in Started began, unless it is in both and so began and ended
	Started []Process // began in this step
	Disks   []Disk    // those that were attached, detached, mounted or unmounted, as they are after the step
	Peers   []Peer    // all that live, in a fixed order, if anything of any of them changed, began or ended; else nil
}

// The Actors of steps in which a controller reconciled.
const (
	StatefulSetController   = "statefulset-controller"
	EndpointSliceController = "endpointslice-controller"
	DisruptionController    = "disruption-controller"
)

// Process is a running container's process.
type Process struct {
	Namespace, Pod string
	UID            types.UID // of the pod
	Node           string
	Container      string
	Started        time.Duration // tells the lives of a container apart
}

// Disk is the state of a volume.
type Disk struct {
	Volume string   // name of the PersistentVolume
	Nodes  []string // it is attached to
}

// Peer is the status of a raft peer.
type Peer struct {
	Set     string        // "namespace/name" of its StatefulSet
	Pod     string        // "namespace/name"
	Started time.Duration // of its process: tells its lives apart
	State   string        // as raft writes it: "Follower", "Candidate", "Leader" or "Shutdown"
	Term    uint64
	Commit  uint64

	LastIndex uint64 // of its log, or of the snapshot that its log begins behind
	Log       Log    // nil: unknown, and then not judged

	// Applied is the index of the last entry that the peer's state machine took in, and Digest a hash of the state that this
	// led to; 0 if there is none, and then it is not judged.
	Applied, Digest uint64
}

// Log is the end of a peer's log, as it is at the moment of asking. Sums begin anywhere: the difference of two is the same for
// two peers if the entries in between are.
type Log interface {
	Span() (first, last uint64)         // of the entries that are known: none if last < first
	At(index uint64) (term, sum uint64) // of one of them: its term, and the sum up to it
	Writes() uint64                     // how often the log has changed
}

// Invariant is something that must be true all the time.
type Invariant struct {
	Name string // in lower case with hyphens
	Why  string // what it protects, in a full sentence
	New  func() Judge
}

// Judge hears of every step of one run, in order, and returns a message for each breach that this step brought. A breach is
// told when it begins, not again while it lasts.
type Judge func(*Step) []string

// Invariants returns all invariants, in the order in which they are reported.
func Invariants() []Invariant {
	return []Invariant{
		oneProcessPerIdentity,
		processOfBoundPod,
		orderedCreation,
		orderedScaleDown,
		orderedUpdate,
		exclusiveVolume,
		claimKeepsVolume,
		podKeepsClaims,
		identityInDNS,
		budgetRespected,
		oneLeaderPerTerm,
		logMatching,
		leaderCompleteness,
		commitNeverFalls,
		stateMachinesAgree,
	}
}
