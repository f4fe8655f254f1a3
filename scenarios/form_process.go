package scenarios

// processForm is what runs in the pods of a set, in its long form.
var processForm = form{"a process", []entry{
	{"process", "What it is.", aProcess, true},
	{"container", "The container that runs it and serves the pod's address; the first without it.", aText, false},

	{"heartbeatTimeout", "raft: how long a follower waits to hear of the leader; 1s without it.", aDuration, false},
	{"electionTimeout", "raft: how long a candidate waits for votes; 1s without it.", aDuration, false},
	{"leaderLeaseTimeout", "raft: how long a leader goes on without a majority; 500ms without it.", aDuration, false},
	{"commitTimeout", "raft: how long a quiet leader waits before it tells followers what is committed; 50ms without it.", aDuration, false},
	{"snapshotInterval", "raft: how often it looks whether a snapshot is due; 2m without it.", aDuration, false},
	{"snapshotThreshold", "raft: how many new entries make one due; 8192 without it.", whole(1, 1<<40), false},
	{"trailingLogs", "raft: how many entries stay in the log after a snapshot; 10240 without it.", whole(1, 1<<40), false},
	{"addresses", "raft: what peers know each other by; dns without it.", oneOf(AddressesDNS, AddressesIP), false},
	{"bootstrapExpect", "raft: found the cluster only when so many peers see each other; without it the first ordinal does so alone.", whole(0, mostPeers), false},
	{"leaves", "raft: a peer that is scaled away leaves the cluster; true without it.", aBoolean, false},
	{"peersJSON", "raft: a peer that finds no leader when it starts recovers with the peers that DNS names.", aBoolean, false},

	{"replication", "replicated: when a write is acknowledged; async without it.", oneOf(Async, SemiSync, Sync), false},
	{"semiSyncTimeout", "replicated: how long a write waits for a replica before the primary goes on without; 10s without it.", aDuration, false},
	{"syncReplicas", "replicated: how many must have a write, the primary among them; a majority without it.", whole(1, mostPeers), false},
	{"detects", "replicated: whether the primary is lost with its pod or with its node; pod without it.", oneOf(DetectsPod, DetectsNode), false},
	{"failoverDelay", "replicated: how long it must be lost without interruption; 0s without it.", aDuration, false},
	{"maxLag", "replicated: how many entries a replica may be behind to be promoted; any number without it.", whole(0, 1<<40), false},
	{"fencing", "replicated: what keeps a primary from taking writes that was given up; none without it.", oneOf(FencingNone, FencingLease), false},
	{"leaseDuration", "replicated: how long the lease is valid; 15s without it.", aDuration, false},
	{"leaseRenew", "replicated: how often it is renewed; 2s without it.", aDuration, false},
	{"relabels", "replicated: when the old primary's label changes; early without it.", oneOf(RelabelsEarly, RelabelsLate), false},
	{"rejoin", "replicated: what becomes of entries that the new primary does not have; rewind without it.", oneOf(Rewind, Refuse), false},
}}
