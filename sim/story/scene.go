package story

import (
	"sort"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/store"
	"statefulsim/sim"
)

// Scene is the world at one instant. Where something is listed by name, a number at the name's end counts by its value: mysql-2 comes
// before mysql-10.
type Scene struct {
	At       time.Duration
	Seq      int       // the last event that had happened
	Zones    []Zone    // by name; the nodes without a zone stand in one whose name is ""
	Unbound  []Pod     // that have no node
	Sets     []Set     // by namespace and name
	Services []Service // likewise
	Claims   []Volume  // likewise, those of no pod too
	Links    []Link    // faults of the network that last
	Faults   []Fault   // that last, cuts too
	Groups   []Group   // of raft, by the name of their set
	Absent   []string  // components of the control plane that are stopped, slow or stale, with how: "kube-scheduler stopped"
}

// Zone is a zone of the cluster.
type Zone struct {
	Name  string
	Nodes []Node // by name
}

// Node is a machine and its Node object.
type Node struct {
	Name, Zone string
	Down       string // what ended its machine: "no power", "reboots"; "" for one that runs
	Ready      string // the Ready condition's status: "True", "False", "Unknown"; "" if the Node object is gone
	Cordoned   bool
	Taints     []string // key=value:effect
	Cut        bool     // a fault of the network in force names it on one of its sides, or keeps it from the control plane
	Pods       []Pod    // by namespace and name
}

// Pod is a pod as people ask about it.
type Pod struct {
	Namespace, Name string
	Node            string // "" for one that is not bound
	Status          string // as kubectl's column STATUS shows it
	State           State
	Ready           bool
	Role            string // "primary", "replica" or ""
	Revision        string // the hash of its ControllerRevision, without the set's name
	Update          bool   // its revision is the one that its set updates to, while the set has two
	Restarts        int32
	Deleting        bool
	Volumes         []Volume
	Services        []string // that send traffic to it now, by name
	Set             string   // the StatefulSet that controls it, or ""
	Ordinal         int      // -1 for one that has none
	Cut             bool     // a fault of the network in force names it, and not only its node
}

// Volume is a claim with what is behind it.
type Volume struct {
	Namespace, Claim string
	Phase            string   // the claim's: "Pending", "Bound", "Lost"; "" if there is no claim of that name
	Name             string   // of the PersistentVolume; "" if none is bound
	Class            string   // the StorageClass
	Size             string   // as the claim's status has it, or its request
	Attached         []string // to these nodes, as the VolumeAttachments that are attached say
	Attaching        []string // to these nodes not yet
	Detaching        []string // from these nodes not yet
	Pod              string   // that mounts it, or ""
	Deleting         bool     // the claim
}

// Set is a StatefulSet.
type Set struct {
	Namespace, Name          string
	Replicas, Ready, Updated int32 // spec.replicas, status.readyReplicas, status.updatedReplicas
	Partition                int32
	Strategy, Policy         string // updateStrategy.type, podManagementPolicy
	Current, Update          string // revisions, without the set's name
	Image                    string // of its first container
}

// Service is a Service and whom it reaches.
type Service struct {
	Namespace, Name string
	Headless        bool
	Selector        string   // as labels are written: "app=mysql,role=primary"
	Reaches         []string // the pods that it sends traffic to, by name
}

// Fault is a step of the scenario that lasts.
type Fault struct {
	Step  string
	Text  string // what it does, as the scenario language has it
	Since time.Duration
	Seq   int
}

// At shows the world at an instant: after the last event that had happened by then. One before the beginning is the beginning, one after
// the end the end. Its cost is in proportion to the objects that there are.
func (s *Story) At(at time.Duration) *Scene {
	at = max(0, min(at, s.Rec.Virtual))
	now := &instant{story: s, scene: &Scene{At: at, Seq: s.lastBy(at)}, frame: s.frameBy(at), view: &store.View{}}
	if now.frame >= 0 {
		now.view, now.peers = s.Rec.Frames[now.frame].Store, s.Rec.Frames[now.frame].Raft
	}
	now.findFaults()
	now.findServices()
	now.findAttachments()
	now.findClaims()
	now.findPods()
	now.mountClaims()
	now.findSets()
	now.findGroups()
	return now.scene
}

// lastBy is the number of the last event that had happened by an instant.
func (s *Story) lastBy(at time.Duration) int {
	return sort.Search(len(s.Rec.Events), func(i int) bool { return s.Rec.Events[i].At > at })
}

// frameBy is the place of the last frame by an instant, -1 before the first.
func (s *Story) frameBy(at time.Duration) int {
	return sort.Search(len(s.Rec.Frames), func(i int) bool { return s.Rec.Frames[i].At > at }) - 1
}

// instant is what a scene is made from, and what of that is known so far.
type instant struct {
	story *Story
	frame int
	view  *store.View
	peers []sim.PeerState
	scene *Scene

	attachments map[string][]*storagev1.VolumeAttachment // by the PersistentVolume's name
	senders     map[store.Key][]string                   // the Services that send traffic to a pod
	claims      map[store.Key]int                        // the places of the claims in the scene
	mounts      []*corev1.Pod                            // the pods that mount them, in the same places
}
