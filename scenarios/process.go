package scenarios

import "time"

// The kinds of process that a set's pods can run.
const (
	Plain      = "plain"      // serves after its start-up time; knows nobody
	Raft       = "raft"       // a peer of hashicorp/raft with a replicated register map on the pod's volume
	Replicated = "replicated" // an instance of a database with one primary, whose log the others stream
)

var processKinds = []string{Plain, Raft, Replicated}

// DatabaseOperator is the component of the control plane that fails replicated databases over: there is one if there are such.
const DatabaseOperator = "database-operator"

// Process says what runs in each pod of a set.
type Process struct {
	Kind      string // Plain, Raft or Replicated
	Container string // which container runs it; default: the first

	// The timing of raft, as hashicorp/raft names it; zero is its default.
	HeartbeatTimeout, ElectionTimeout, CommitTimeout, LeaderLeaseTimeout time.Duration
	SnapshotThreshold, TrailingLogs                                      uint64
	SnapshotInterval                                                     time.Duration

	// How raft peers find each other, and when they part.
	Addresses       string // AddressesDNS or AddressesIP; "" is AddressesDNS
	BootstrapExpect int    // found the cluster only when so many peers see each other; 0: the first ordinal does so alone
	Stays           bool   // a peer that is scaled away does not leave the cluster
	PeersJSON       bool   // a peer that finds no leader when it starts recovers with the peers that DNS names

	Replication Replication // of Replicated
}

// Leads tells whether one of the set's pods leads the others.
func (p Process) Leads() bool { return p.Kind == Raft || p.Kind == Replicated }

// MayLose tells whether the process may lose writes that it has acknowledged, as its settings say.
func (p Process) MayLose() bool { return p.Kind == Replicated && p.Replication.Mode != Sync }

// What raft peers know each other by.
const (
	AddressesDNS = "dns" // the pods' names, which stay
	AddressesIP  = "ip"  // the pods' addresses, which change with every pod
)

// Replication says how a database with one primary replicates, and how an operator fails it over.
type Replication struct {
	Mode            string        // when a write is acknowledged: Async, SemiSync or Sync
	SemiSyncTimeout time.Duration // SemiSync: how long a write waits for a replica before the primary goes on without
	SyncReplicas    int           // Sync: how many must have a write, the primary among them; 0: a majority of the set

	Detects       string        // when the primary counts as lost: DetectsPod or DetectsNode
	FailoverDelay time.Duration // how long that must last without interruption
	MaxLag        int64         // entries that a replica may be behind to be promoted; -1: any number

	Fencing                   string // FencingNone or FencingLease
	LeaseDuration, LeaseRenew time.Duration
	Relabels                  string // when the old primary's label changes: RelabelsEarly or RelabelsLate
	Rejoin                    string // what becomes of entries that the new primary does not have: Rewind or Refuse
}

// When a primary acknowledges a write.
const (
	Async    = "async"    // when it has the write itself
	SemiSync = "semiSync" // when a replica has it too, or none had it in time, as with MySQL's rpl_semi_sync
	Sync     = "sync"     // when enough replicas have it too
)

// When an operator takes a primary for lost.
const (
	DetectsPod  = "pod"  // its pod is not Ready, or gone
	DetectsNode = "node" // its node is not Ready, or gone
)

// What keeps a primary from taking writes that the operator has given up.
const (
	FencingNone  = "none"
	FencingLease = "lease" // it has to renew a lease at the API server
)

// When the role label of an old primary changes.
const (
	RelabelsEarly = "early" // when the operator decides for a new one
	RelabelsLate  = "late"  // when the old one is known to be down, or to obey again
)

// What an instance does that has entries which the primary does not have.
const (
	Rewind = "rewind" // it drops them and follows
	Refuse = "refuse" // it does not follow, and stays not Ready
)

// defaultProcess is one of which a file says no more than its kind.
func defaultProcess(kind string) Process {
	if kind != Replicated {
		return Process{Kind: kind}
	}
	return Process{Kind: kind, Replication: Replication{Mode: Async, SemiSyncTimeout: 10 * time.Second, Detects: DetectsPod, MaxLag: -1, Fencing: FencingNone,
		LeaseDuration: 15 * time.Second, LeaseRenew: 2 * time.Second, Relabels: RelabelsEarly, Rejoin: Rewind}}
}
