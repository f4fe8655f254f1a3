package scenarios

import "time"

// Facts is what an expression can ask about the world at one instant. Each method is called at most once for a judgement,
// and only if the expression reads what it gives; what it returns is only read. Lists are in the order of their names,
// failovers in the order in which they began.
type Facts interface {
	Now() time.Duration // since the start of the run
	Pods() []PodFact
	Sets() []SetFact
	Nodes() []NodeFact
	Claims() []ClaimFact
	Services() []ServiceFact
	Clients() []ClientFact
	Failovers() []FailoverFact
}

// PodFact is a pod as expressions see it.
type PodFact struct {
	Name, Namespace string
	Set             string // the StatefulSet that owns it, or ""
	Ordinal         int64  // -1 without a set
	Node, Zone      string // "" until it is scheduled
	Phase           string
	Ready           bool
	Restarts        int64  // of all its containers
	Revision        string // the controller-revision-hash label
	Volume          string // name of the PersistentVolume behind its first claim, or ""
	Role            string // the role label, or ""
	IP, UID, Image  string // Image is the first container's
	Terminating     bool
}

// SetFact is a StatefulSet as expressions see it: its spec.replicas and the counts of its status.
type SetFact struct {
	Name, Namespace                                                              string
	Replicas, ReadyReplicas, AvailableReplicas, CurrentReplicas, UpdatedReplicas int64
	CurrentRevision, UpdateRevision                                              string
	Primary                                                                      string // the pod that leads it, or ""
}

// NodeFact is a node as expressions see it.
type NodeFact struct {
	Name, Zone string
	Ready      bool
}

// ClaimFact is a PersistentVolumeClaim as expressions see it.
type ClaimFact struct {
	Name, Namespace, Phase string
	Volume                 string // name of the PersistentVolume, or ""
	Pod                    string // the pod that uses it, or ""
}

// ServiceFact is a Service as expressions see it.
type ServiceFact struct {
	Name, Namespace string
	Endpoints       []string // names of the pods behind its ready endpoints
}

// ClientFact counts what a client's operations have come to so far.
type ClientFact struct {
	Name                                string
	Acknowledged, Failed, Unknown, Lost int64 // Unknown: sent, never answered; Lost: acknowledged writes that are missing
}

// FailoverFact is the loss of a primary and what followed.
type FailoverFact struct {
	Set                    string
	AtSeconds              float64 // when the old primary was lost
	RecoverySeconds        float64 // until the first successful write; so far, if not Recovered
	Recovered              bool
	OldPrimary, NewPrimary string // pods; NewPrimary is "" if none came yet
	LostWrites             int64
}
