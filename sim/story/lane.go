package story

import "time"

// LaneKind is what a lane is about.
type LaneKind string

// The kinds of lanes.
const (
	NodeLane   LaneKind = "node"
	PodLane    LaneKind = "pod"
	VolumeLane LaneKind = "volume" // of a claim
	LeaderLane LaneKind = "leader" // of a StatefulSet whose pods elect one
	FaultLane  LaneKind = "fault"  // a step of the scenario that lasts
)

// Lane is one thing over the time of a run.
type Lane struct {
	Kind  LaneKind
	Name  string // of the node, pod, claim, StatefulSet or step, with its namespace in front unless that is "default"
	Spans []Span // in the order of time; they do not overlap, and where there is none the thing is not there
}

// Span is a time in which a thing was in one state.
type Span struct {
	From, Until time.Duration
	State       State
	Text        string // for people: "Running on node-b, not Ready", "mysql-0 leads in term 2", "attached to node-b"
	Seq         int    // the event with which it began
	Term        uint64 // of a leader
}

// State is what pictures have colours and signs for.
type State string

// The states.
const (
	Waiting  State = "waiting"  // a pod that is Pending; a claim that is not bound
	Starting State = "starting" // a pod that has a node and is not Ready yet, and never was since its containers started
	Serving  State = "serving"  // a Ready pod, a Ready node, a volume that is attached, a leader
	Primary  State = "primary"  // a Ready pod whose label says that it is the primary
	Unready  State = "unready"  // a pod that was Ready and is not; a node that is not Ready, or whose machine is well and unheard
	Ending   State = "ending"   // a pod or claim that is being deleted, a pod that has completed
	Failed   State = "failed"   // a pod that crash-loops, or has failed; a machine without power; a claim whose volume is lost
	Apart    State = "apart"    // a node that is cordoned; a volume that is attached nowhere
	Broken   State = "broken"   // a fault in force; two leaders that both serve
)
