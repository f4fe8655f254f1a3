package scenarios

import "time"

// Facts is what an expression can ask about the world at one instant. Each method is called at most once for a judgement,
// and only if the expression reads what it gives; what it returns is only read. Lists are in the order of their names,
// failovers and events in the order in which they began.
type Facts interface {
	Now() time.Duration // since the start of the run
	Pods() []PodFact
	Sets() []SetFact
	Nodes() []NodeFact
	Claims() []ClaimFact
	Services() []ServiceFact
	Clients() []ClientFact
	Peers() []PeerFact
	Events() []EventFact
	CronJobs() []CronJobFact
	Jobs() []JobFact
	Failovers() []FailoverFact
}

// PodFact is a pod as expressions see it.
type PodFact struct {
	Name, Namespace string
	Set             string // the StatefulSet that owns it, or ""
	Ordinal         int64  // -1 without a set
	Node, Zone      string // "" until it is scheduled
	Phase           string
	Reason          string // what kubectl shows under STATUS
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
	Writable                                                                     int64  // how many of its pods take writes
	UpdateStrategy                                                               string // its type
}

// NodeFact is a node as expressions see it.
type NodeFact struct {
	Name, Zone    string
	Ready         bool
	Unschedulable bool
	Taints        []string // as kubectl writes them: key=value:Effect
	Down          bool     // the machine has no power, or boots anew
}

// ClaimFact is a PersistentVolumeClaim as expressions see it.
type ClaimFact struct {
	Name, Namespace, Phase string
	Volume                 string   // name of the PersistentVolume, or ""
	Pod                    string   // the pod that uses it, or ""
	StorageClass, Capacity string   // Capacity is that of the volume, as a quantity; "" until the claim is bound
	AttachedTo             []string // the nodes to which the volume is attached, as the API server has it, sorted
}

// ServiceFact is a Service as expressions see it.
type ServiceFact struct {
	Name, Namespace string
	Endpoints       []string // names of the pods behind its ready endpoints
}

// ClientFact counts what a client's operations have come to so far.
type ClientFact struct {
	Name                                string
	Acknowledged, Failed, Unknown, Lost int64   // Unknown: sent, never answered; Lost: acknowledged writes that are missing
	MaxOutageSeconds                    float64 // the longest time without a success, from the client's beginning to its end, so far
}

// PeerFact is a raft peer that runs, as expressions see it.
type PeerFact struct {
	Pod, Namespace, Set                      string
	State                                    string // "Follower", "Candidate", "Leader", or "" while it starts
	Leader                                   string // the pod that it takes for the leader, or ""
	Term, LastIndex, Commit, Applied, Voters int64  // Voters: how many servers of its configuration vote
}

// EventFact is a Kubernetes Event as expressions see it. Equal ones about one object are one, and counted.
type EventFact struct {
	Reason, Message           string
	Object                    string // kind and name: "Pod/mysql-0", or "Pod/other/mysql-0" outside of the namespace default
	Count                     int64
	FirstSeconds, LastSeconds float64 // since the start of the run
}

// CronJobFact is a CronJob as expressions see it.
type CronJobFact struct {
	Name, Namespace     string
	Active              int64   // Jobs of it that have not finished, as its status lists them
	LastScheduleSeconds float64 // when the last Job was to start, since the start of the run; -1: none was made
	LastSuccessSeconds  float64 // when the last one that succeeded ended, likewise; -1: none has
	Suspended           bool
}

// JobFact is a Job as expressions see it.
type JobFact struct {
	Name, Namespace           string
	CronJob                   string // the CronJob that made it, or ""
	Active, Succeeded, Failed int64  // pods, as its status counts them
	Complete, FailedFinally   bool   // how it ended, if it did
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
