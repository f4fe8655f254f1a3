package scenarios

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"statefulsim/scenarios/kubectl"
)

// Scenario is one story, read and checked.
type Scenario struct {
	Name  string // from the file's name if the file gives none
	Title string // one line, for listings
	Why   string // what it teaches; may be empty
	File  string // where it was read from, as the user named it

	For        time.Duration // virtual length of the run, from the first instant
	Kubernetes Kubernetes
	Cluster    Cluster
	Objects    []Manifest         // from the manifests, in their order
	Runs       map[string]Process // what runs in the pods of a StatefulSet, by the set's name; a set not named runs Plain
	Clients    []Client
	Latencies  map[string]Distribution // only those that the file sets
	Steps      []Step
	Expect     []Expectation
	Breaks     []string  // the invariants that this story is meant to break: it fails if one of them is kept
	Warnings   []Problem // worth telling, and no reason not to run
}

// Pos is a place in a file. Line and Column count from 1; 0 means that it is not known.
type Pos struct {
	File         string
	Line, Column int
}

func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Cluster is what the world has before anything is applied to it.
type Cluster struct {
	Nodes []Node // at least one
	DNS   DNS
}

// DNS says how long the answers of CoreDNS may be kept by who asked.
type DNS struct {
	TTL      time.Duration // addresses; 0: not at all
	Negative time.Duration // that a name does not exist; 0: not at all
}

// Node is a machine of the cluster.
type Node struct {
	Name, Zone  string
	CPU, Memory string // allocatable, as Kubernetes quantities
	Pods        int64  // how many pods fit
	Labels      map[string]string
	Taints      []string // as kubectl writes them: key=value:Effect
}

// Object is an API object.
type Object interface {
	metav1.Object
	runtime.Object
}

// Manifest is one object of a manifest file, with where each of its fields stands.
type Manifest struct {
	Object Object
	Pos    Pos
	source *source // finds the position of a field
}

// The kinds of process that a set's pods can run.
const (
	Plain = "plain" // serves after its start-up time; knows nobody
	Raft  = "raft"  // a peer of hashicorp/raft with a replicated register map on the pod's volume
)

// Process says what runs in each pod of a set.
type Process struct {
	Kind      string // Plain or Raft
	Container string // which container runs it; default: the first

	// The timing of raft, as hashicorp/raft names it; zero is its default.
	HeartbeatTimeout, ElectionTimeout, CommitTimeout, LeaderLeaseTimeout time.Duration
	SnapshotThreshold, TrailingLogs                                      uint64
	SnapshotInterval                                                     time.Duration
}

// Client is somebody who uses a Service.
type Client struct {
	Name      string
	Writes    bool   // writes rather than reads
	Stale     bool   // a reader that is content with what a replica has, however old
	Service   string // name of the Service, in the namespace
	Namespace string
	Zone      string        // where it stands; "" is outside the cluster
	Rate      float64       // operations begun per second
	Timeout   time.Duration // of one attempt
	Retries   int           // attempts after the first
	Keys      int           // how many registers it uses
	From      time.Duration // when it begins
	Until     time.Duration // when it ends; 0: with the run
	Pos       Pos
}

// Step is one thing that somebody, or fate, does to the world.
type Step struct {
	Name  string        // to be named by others; may be empty
	At    time.Duration // the instant, if When is nil
	When  *Expr         // or the first instant at which this holds …
	After time.Duration // … and so much later
	For   time.Duration // how long the fault or the reboot lasts, or a command is let run; 0: until healed, or until it ends by itself
	Fails string        // the command must fail, with an error that contains this; "": it must not fail
	Do    Action
	Pos   Pos
}

// Action is what a step does: one of the types below. It prints as the scenario language writes it.
type Action interface{ fmt.Stringer }

type (
	// Kubectl is a command in kubectl's words.
	Kubectl struct {
		Line  string // as written
		Do    kubectl.Command
		Files map[string][]Manifest // what the files hold that the command names, by their names as written
	}
	// Kill kills a container's process: SIGKILL from nowhere.
	Kill struct {
		Target    Target
		Container string // default: the one that runs the set's process, or the first of the pod
	}
	// Crash takes the power from machines. When the step ends they have it back, and boot.
	Crash struct{ Target Target }
	// Reboot shuts machines down, and has them back when the step ends.
	Reboot struct{ Target Target }
	// Partition cuts the links between two sides.
	Partition struct {
		From, To Target
		OneWay   bool // only messages from From to To are lost
	}
	// Hold keeps the messages between two sides back until they are released.
	Hold struct{ From, To Target }
	// Degrade makes the links between two sides worse.
	Degrade struct {
		From, To        Target
		Latency, Jitter time.Duration // added to each message; jitter is uniform from 0
		Loss, Duplicate float64       // probabilities
	}
	// Heal ends a named step's fault, or all of them: partitions end, what was held is released.
	Heal struct{ Step string } // "" is all
)

// TargetKind says what a target names.
type TargetKind string

// What a target can name.
const (
	TargetPod          TargetKind = "pod"
	TargetPrimary      TargetKind = "primary"       // the pod that leads a set
	TargetReplica      TargetKind = "replica"       // one that follows, by a seeded choice
	TargetLabelled     TargetKind = "labelled"      // pods with these labels
	TargetNode         TargetKind = "node"          // a node and all on it
	TargetNodeOf       TargetKind = "nodeOf"        // the node of another target
	TargetZone         TargetKind = "zone"          // a zone and all in it
	TargetClient       TargetKind = "client"        // a client
	TargetControlPlane TargetKind = "control plane" // API server, controllers, scheduler
	TargetRest         TargetKind = "everything else"
)

// Target names things of the world, now or when its step comes.
type Target struct {
	Kind   TargetKind
	Name   string            // pod, node, zone, client
	Set    string            // primary, replica
	Labels map[string]string // labelled
	Of     *Target           // nodeOf
	Text   string            // as written
	Pos    Pos
}

func (t Target) String() string { return t.Text }

// Mode says when an expectation is judged.
type Mode string

// When an expectation is judged.
const (
	Finally    Mode = "finally"    // when the run ends
	AtInstant  Mode = "at"         // at one instant
	Always     Mode = "always"     // after every step
	Never      Mode = "never"      // after every step, and must not hold
	Eventually Mode = "eventually" // at some instant, not later than By
)

// Expectation is what should be true of a run.
type Expectation struct {
	Name string
	Mode Mode
	That *Expr
	At   time.Duration // AtInstant
	By   time.Duration // Eventually; 0: by the end of the run
	Pos  Pos
}
