package scenarios

import "time"

// processForm is what runs in the pods of a set, in its long form.
var processForm = form{"a process", append(append([]entry{
	{"process", "What it is.", aProcess},
	{"container", "The container that runs it and serves the pod's address; the first without it.", aText},
}, onlyOf(Raft, raftOptions)...), onlyOf(Replicated, replicatedOptions)...), []string{"process"}}

// onlyOf are the keys of options that mean something to one kind of process alone.
func onlyOf(kind string, options []option[Process]) []entry {
	all := entries(options)
	for i := range all {
		all[i].doc = kind + ": " + all[i].doc
	}
	return all
}

// mostPeers bounds how many peers or replicas a file can ask for.
const mostPeers = 1000

// raftOptions are those of Raft.
var raftOptions = []option[Process]{
	timeout("heartbeatTimeout", "how long a follower waits to hear of the leader; 1s without it.", 5*time.Millisecond,
		func(p *Process) *time.Duration { return &p.HeartbeatTimeout }),
	timeout("electionTimeout", "how long a candidate waits for votes; 1s without it.", 5*time.Millisecond,
		func(p *Process) *time.Duration { return &p.ElectionTimeout }),
	timeout("leaderLeaseTimeout", "how long a leader goes on without a majority; 500ms without it.", 5*time.Millisecond,
		func(p *Process) *time.Duration { return &p.LeaderLeaseTimeout }),
	timeout("commitTimeout", "how long a quiet leader waits before it tells followers what is committed; 50ms without it.", time.Millisecond,
		func(p *Process) *time.Duration { return &p.CommitTimeout }),
	timeout("snapshotInterval", "how often it looks whether a snapshot is due; 2m without it.", 5*time.Millisecond,
		func(p *Process) *time.Duration { return &p.SnapshotInterval }),
	optional("snapshotThreshold", "how many new entries make one due; 8192 without it.", wholeNumber[uint64](1, 1<<40),
		func(p *Process) *uint64 { return &p.SnapshotThreshold }),
	optional("trailingLogs", "how many entries stay in the log after a snapshot; 10240 without it.", wholeNumber[uint64](1, 1<<40),
		func(p *Process) *uint64 { return &p.TrailingLogs }),
	optional("addresses", "what peers know each other by; dns without it.", oneWord(AddressesDNS, AddressesIP),
		func(p *Process) *string { return &p.Addresses }),
	optional("bootstrapExpect", "found the cluster only when so many peers see each other; without it the first ordinal does so alone.",
		wholeNumber[int](0, mostPeers), func(p *Process) *int { return &p.BootstrapExpect }),
	optional("leaves", "a peer that is scaled away leaves the cluster; true without it.", opposite,
		func(p *Process) *bool { return &p.Stays }),
	optional("peersJSON", "a peer that finds no leader when it starts recovers with the peers that DNS names.", trueOrFalse,
		func(p *Process) *bool { return &p.PeersJSON }),
}

// timeout is an option for a time that hashicorp/raft's ValidateConfig wants to be no shorter than least.
func timeout(name, doc string, least time.Duration, field func(*Process) *time.Duration) option[Process] {
	read := func(r *reader, n *node) time.Duration {
		d := r.positive(n)
		if d < least && d > 0 {
			r.wrong(n, name+" is below "+least.String(), "")
		}
		return d
	}
	return optional(name, doc, value[time.Duration]{aDuration, read, time.Duration.String}, field)
}

// replicatedOptions are those of Replicated.
var replicatedOptions = []option[Process]{
	optional("replication", "when a write is acknowledged; async without it.", oneWord(Async, SemiSync, Sync),
		func(p *Process) *string { return &p.Replication.Mode }),
	optional("semiSyncTimeout", "how long a write waits for a replica before the primary goes on without; 10s without it.", positiveTime,
		func(p *Process) *time.Duration { return &p.Replication.SemiSyncTimeout }),
	optional("syncReplicas", "how many must have a write, the primary among them; a majority without it.", wholeNumber[int](1, mostPeers),
		func(p *Process) *int { return &p.Replication.SyncReplicas }),
	optional("detects", "whether the primary is lost with its pod or with its node; pod without it.", oneWord(DetectsPod, DetectsNode),
		func(p *Process) *string { return &p.Replication.Detects }),
	optional("failoverDelay", "how long it must be lost without interruption; 0s without it.", lengthOfTime,
		func(p *Process) *time.Duration { return &p.Replication.FailoverDelay }),
	optional("maxLag", "how many entries a replica may be behind to be promoted; any number without it.", wholeNumber[int64](0, 1<<40),
		func(p *Process) *int64 { return &p.Replication.MaxLag }),
	optional("fencing", "what keeps a primary from taking writes that was given up; none without it.", oneWord(FencingNone, FencingLease),
		func(p *Process) *string { return &p.Replication.Fencing }),
	optional("leaseDuration", "how long the lease is valid; 15s without it.", positiveTime,
		func(p *Process) *time.Duration { return &p.Replication.LeaseDuration }),
	optional("leaseRenew", "how often it is renewed; 2s without it.", positiveTime,
		func(p *Process) *time.Duration { return &p.Replication.LeaseRenew }),
	optional("relabels", "when the old primary's label changes; early without it.", oneWord(RelabelsEarly, RelabelsLate),
		func(p *Process) *string { return &p.Replication.Relabels }),
	optional("rejoin", "what becomes of entries that the new primary does not have; rewind without it.", oneWord(Rewind, Refuse),
		func(p *Process) *string { return &p.Replication.Rejoin }),
}
