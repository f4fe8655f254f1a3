// Package vector holds the language that both sides of the comparison are asked in: plain values that say all that one sync
// of a StatefulSet reads and all that it did. One sync is one line of JSON, so that a difference is its own reproduction.
//
// The package knows neither Kubernetes' controller nor the model of it. What is here is what they share: the values, the
// objects that the values stand for, and the stand-in for the API server that answers their writes.
package vector

import "k8s.io/apimachinery/pkg/types"

// Line is one sync: what had changed since the sync before, which writes the API server refused, what the sync read, and
// what it did.
type Line struct {
	History int     `json:"h"`
	Step    int     `json:"i"`
	Op      string  `json:"op"`
	Faults  []Fault `json:"faults,omitempty"`
	In      In      `json:"in"`
	Out     Out     `json:"out"`
}

// Fault is a write that the API server refuses with an internal error, as often as it is asked.
type Fault struct {
	Verb string `json:"verb"`
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// In is all that one sync may read. Pods, claims and revisions stand by name.
type In struct {
	Now       int64      `json:"now"`    // seconds
	NextID    int64      `json:"nextID"` // an object made in this sync gets the UID "<name>.<NextID+1>"
	Set       Set        `json:"set"`
	Pods      []Pod      `json:"pods"`
	Claims    []Claim    `json:"claims"`
	Revisions []Revision `json:"revisions"`
}

// Set is the StatefulSet. Template is opaque: the image of the pod's only container.
type Set struct {
	Name                 string         `json:"name"`
	UID                  types.UID      `json:"uid"`
	Generation           int64          `json:"generation"`
	Replicas             int32          `json:"replicas"`
	Start                int32          `json:"start"`
	Policy               string         `json:"policy"`
	Strategy             string         `json:"strategy"`
	RollingUpdate        *RollingUpdate `json:"rollingUpdate,omitempty"` // nil is not the same as a partition of 0
	MinReadySeconds      int32          `json:"minReadySeconds"`
	WhenDeleted          string         `json:"whenDeleted"`
	WhenScaled           string         `json:"whenScaled"`
	RevisionHistoryLimit int32          `json:"revisionHistoryLimit"`
	Template             string         `json:"template"`
	ClaimTemplates       []string       `json:"claimTemplates,omitempty"`
	Deleting             bool           `json:"deleting,omitempty"`
	Status               Status         `json:"status"`
}

// RollingUpdate holds the parameters of a rolling update; MaxUnavailable is a number, a percentage, or "" if unset.
type RollingUpdate struct {
	Partition      int32  `json:"partition"`
	MaxUnavailable string `json:"maxUnavailable,omitempty"`
}

// Status is the status of a set. Conditions say nothing of times.
type Status struct {
	ObservedGeneration int64       `json:"observedGeneration"`
	Replicas           int32       `json:"replicas"`
	ReadyReplicas      int32       `json:"readyReplicas"`
	AvailableReplicas  int32       `json:"availableReplicas"`
	CurrentReplicas    int32       `json:"currentReplicas"`
	UpdatedReplicas    int32       `json:"updatedReplicas"`
	CurrentRevision    string      `json:"currentRevision"`
	UpdateRevision     string      `json:"updateRevision"`
	CollisionCount     *int32      `json:"collisionCount,omitempty"`
	Conditions         []Condition `json:"conditions,omitempty"`
}

// Condition is a condition of a set's status, without its time.
type Condition struct {
	Type    string `json:"type"`
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// Pod is a pod of the set, or one that has been or could be. Times are in seconds, 0 is unset.
type Pod struct {
	Name       string            `json:"name"`
	UID        types.UID         `json:"uid"`
	Owner      types.UID         `json:"owner,omitempty"` // of its controller
	Labelled   bool              `json:"labelled"`        // it carries the labels that the set selects by
	Phase      string            `json:"phase"`
	Ready      bool              `json:"ready"`
	ReadySince int64             `json:"readySince,omitempty"` // when the Ready condition last turned, either way
	DeleteAt   int64             `json:"deleteAt,omitempty"`
	Created    int64             `json:"created"`
	Node       string            `json:"node,omitempty"`
	Template   string            `json:"template"`
	Revision   string            `json:"revision"`
	NameLabel  string            `json:"nameLabel"`
	IndexLabel string            `json:"indexLabel"`
	Hostname   string            `json:"hostname"`
	Subdomain  string            `json:"subdomain"`
	Volumes    map[string]string `json:"volumes,omitempty"` // from a volume's name to its claim's
}

// Claim is a PersistentVolumeClaim.
type Claim struct {
	Name     string    `json:"name"`
	UID      types.UID `json:"uid"`
	Owners   []Owner   `json:"owners,omitempty"`
	Deleting bool      `json:"deleting,omitempty"`
}

// Owner is an owner reference.
type Owner struct {
	Kind       string    `json:"kind"`
	Name       string    `json:"name"`
	UID        types.UID `json:"uid"`
	Controller bool      `json:"controller,omitempty"`
}

// Revision is a ControllerRevision; Template stands for the patch that it stores.
type Revision struct {
	Name     string    `json:"name"`
	UID      types.UID `json:"uid"`
	Revision int64     `json:"revision"`
	Template string    `json:"template"`
	Owner    types.UID `json:"owner,omitempty"`
	Labelled bool      `json:"labelled"`
	Created  int64     `json:"created"`
}

// Out is what a sync did. Of Errors only the presence counts; Status is nil if there are any.
type Out struct {
	Actions      []Action `json:"actions"`
	Errors       []string `json:"errors,omitempty"`
	Status       *Status  `json:"status,omitempty"`
	Events       []string `json:"events,omitempty"` // "Type Reason", sorted
	RequeueAfter float64  `json:"requeueAfter"`     // seconds to the next look at who is available, -1 for none
}

// Action is one write, in the order in which the API server got them; see Out.arrange for what chance may reorder.
type Action struct {
	Verb     string  `json:"verb"`
	Kind     string  `json:"kind"`
	Name     string  `json:"name"`
	Failed   string  `json:"failed,omitempty"` // the reason, if the API server refused
	Template string  `json:"template,omitempty"`
	Revision string  `json:"revision,omitempty"`
	Number   int64   `json:"number,omitempty"`
	Owners   []Owner `json:"owners,omitempty"`
	Status   *Status `json:"status,omitempty"`
}
