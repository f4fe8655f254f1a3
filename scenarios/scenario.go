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
	Name    string   // from the file's name if the file gives none
	Variant string   // which of the file's runs it is: "", "cure", "policy=Parallel" or "cure, policy=Parallel"
	Title   string   // one line, for listings
	Why     string   // what it teaches; may be empty
	Teaches string   // what it is about: the name of a Topic, or ""
	Links   []string // where people had the trouble that it shows: https addresses
	File    string   // where it was read from, as the user named it

	For        time.Duration // virtual length of the run, from the first instant
	Kubernetes Kubernetes
	Cluster    Cluster
	Objects    []Manifest         // from the manifests, in their order
	Runs       map[string]Process // what runs in the pods of a StatefulSet, by the set's name; a set not named runs Plain
	Clients    []Client
	Latencies  map[string]Distribution // only those that the file sets
	Steps      []Step
	Expect     []Expectation
	Recovers   time.Duration // how long after the last fault the world may take until all is well again; 0: it is not judged
	Breaks     []string      // the invariants that this story is meant to break: it fails if one of them is kept
	Warnings   []Problem     // worth telling, and no reason not to run
}

// Pos is a place in a file. Line and Column count from 1; 0 means that it is not known.
type Pos struct {
	File         string
	Line, Column int
}

// String returns "file:line:column", as far as that is known.
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
	root   *node // finds the position of a field; nil if it was not read from a file
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

// Kubectl is a command in kubectl's words. It is an Action.
type Kubectl struct {
	Line  string // as written
	Do    kubectl.Command
	Files map[string][]Manifest // what the files hold that the command names, by their names as written
}

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
	TargetMajority     TargetKind = "majority"   // more than half of a set's peers: the primary, and others by a seeded choice
	TargetMinority     TargetKind = "minority"   // the set's peers that the majority leaves over
	TargetPodsOf       TargetKind = "podsOf"     // the pods of a set
	TargetEveryNode    TargetKind = "every node" // all nodes
	TargetEveryZone    TargetKind = "every zone" // all zones; only to choose one of
	TargetNodesWith    TargetKind = "nodesWith"  // nodes with these labels
	TargetNodesOf      TargetKind = "nodesOf"    // the nodes on which pods of a set run
	TargetZoneOf       TargetKind = "zoneOf"     // the zone of another target's node
	TargetUnion        TargetKind = "union"      // several other targets together
	TargetOneOf        TargetKind = "oneOf"      // one of several other targets, or of the many that another means, by a seeded choice
)

// Target names things of the world, now or when its step comes.
type Target struct {
	Kind   TargetKind
	Name   string            // pod, node, zone, client
	Set    string            // primary, replica, majority, minority, podsOf, nodesOf
	Labels map[string]string // labelled, nodesWith
	Of     *Target           // nodeOf, zoneOf
	Among  []Target          // union, oneOf
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
	Eventually Mode = "eventually" // at some instant
	InOrder    Mode = "inOrder"    // each condition at some instant, none of them before the one that stands before it
)

// Expectation is what should be true of a run. Always, Never, Eventually and InOrder are judged in a stretch of it: from From, or
// from the instant at which the first of the steps named by After begins, until Until.
type Expectation struct {
	Name   string
	Mode   Mode
	That   *Expr         // nil for InOrder
	Order  []*Expr       // InOrder
	At     time.Duration // AtInstant
	From   time.Duration // 0: the beginning of the run
	After  []string      // steps; if there are any, From is 0
	Within time.Duration // with After, the length of the stretch; 0: Until says when it ends
	Until  time.Duration // 0: the end of the run
	Pos    Pos
}

// Conditions are those that the expectation judges.
func (e *Expectation) Conditions() []*Expr {
	if e.Mode == InOrder {
		return e.Order
	}
	return []*Expr{e.That}
}
