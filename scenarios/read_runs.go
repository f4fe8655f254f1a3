package scenarios

import (
	"cmp"
	"slices"
	"time"

	"statefulsim/scenarios/words"
)

// The timing of raft where a file says nothing of it, as hashicorp/raft's DefaultConfig has it.
const (
	defaultHeartbeat   = time.Second
	defaultElection    = time.Second
	defaultLeaderLease = 500 * time.Millisecond
)

// mostPeers bounds how many peers or replicas a file can ask for.
const mostPeers = 1000

func (r *reader) readRuns(n *node) {
	if n == nil {
		return
	}
	if n.kind != mapping {
		r.wrong(n, "runs is a mapping, and this is "+string(n.kind), "runs: {mysql: raft}")
		return
	}
	r.scenario.Runs = make(map[string]Process, len(n.keys))
	for i, k := range n.keys {
		if problem, cure := r.known.set(k.name); problem != "" {
			r.wrongKey(k, problem, cure)
			continue
		}
		r.scenario.Runs[k.name] = r.process(n.values[i], k.name)
		if p := r.scenario.Runs[k.name]; p.Leads() && r.known.sets[k.name].Spec.ServiceName == "" {
			r.wrongKey(k, "the peers of "+words.Quoted(k.name)+" cannot find each other: the StatefulSet has no serviceName",
				"serviceName: "+words.Printable(k.name)+", and a headless Service of that name")
		}
	}
}

// The settings of a process that mean something to one kind alone, in the order in which they are documented.
var (
	raftSettings = []string{"heartbeatTimeout", "electionTimeout", "leaderLeaseTimeout", "commitTimeout", "snapshotInterval",
		"snapshotThreshold", "trailingLogs", "addresses", "bootstrapExpect", "leaves", "peersJSON"}
	replicatedSettings = []string{"replication", "semiSyncTimeout", "syncReplicas", "detects", "failoverDelay", "maxLag", "fencing",
		"leaseDuration", "leaseRenew", "relabels", "rejoin"}
)

func (r *reader) process(n *node, set string) Process {
	var p Process
	kind := n
	if n.kind == mapping {
		r.fits(n, &processForm)
		if kind = r.required(n, "a process", "process", "process: raft"); kind == nil {
			return p
		}
	}
	kinds := []string{Plain, Raft, Replicated}
	if p.Kind = r.str(kind); !slices.Contains(kinds, p.Kind) {
		r.wrong(kind, "no process is named "+words.Quoted(p.Kind), words.DidYouMean(p.Kind, kinds))
		return p
	}
	if p.Kind == Replicated {
		p.Replication = DefaultReplication()
	}
	if n.kind == mapping {
		r.container(n.value("container"), set, &p)
		r.onlyFor(n, p.Kind, Raft, raftSettings)
		r.onlyFor(n, p.Kind, Replicated, replicatedSettings)
		r.raftTiming(n, &p)
		r.raftCluster(n, &p)
		r.replication(n, &p.Replication)
	}
	return p
}

func (r *reader) container(n *node, set string, p *Process) {
	if n == nil {
		return
	}
	p.Container = r.str(n)
	if problem, cure := missing("container of "+set, p.Container, containers(r.known.sets[set])); problem != "" {
		r.wrong(n, problem, cure)
	}
}

// onlyFor reports the settings of another kind of process.
func (r *reader) onlyFor(n *node, kind, owner string, settings []string) {
	for _, name := range settings {
		if v := n.value(name); v != nil && kind != owner {
			r.wrong(v, name+" means nothing to a process that is not "+owner, "process: "+owner)
		}
	}
}

// raftTiming reads raft's settings and holds them to what hashicorp/raft's ValidateConfig asks of them.
func (r *reader) raftTiming(n *node, p *Process) {
	durations := []struct {
		name  string
		least time.Duration
		to    *time.Duration
	}{
		{"heartbeatTimeout", 5 * time.Millisecond, &p.HeartbeatTimeout},
		{"electionTimeout", 5 * time.Millisecond, &p.ElectionTimeout},
		{"commitTimeout", time.Millisecond, &p.CommitTimeout},
		{"leaderLeaseTimeout", 5 * time.Millisecond, &p.LeaderLeaseTimeout},
		{"snapshotInterval", 5 * time.Millisecond, &p.SnapshotInterval},
	}
	for _, d := range durations {
		if v := n.value(d.name); v != nil {
			if *d.to = r.positive(v); *d.to < d.least && *d.to > 0 {
				r.wrong(v, d.name+" is below "+d.least.String(), "")
			}
		}
	}
	counts := []struct {
		name string
		to   *uint64
	}{{"snapshotThreshold", &p.SnapshotThreshold}, {"trailingLogs", &p.TrailingLogs}}
	for _, c := range counts {
		if v := n.value(c.name); v != nil {
			*c.to = uint64(r.integer(v, 1, 1<<40))
		}
	}
	heartbeat := cmp.Or(p.HeartbeatTimeout, defaultHeartbeat)
	if cmp.Or(p.ElectionTimeout, defaultElection) < heartbeat {
		r.wrong(n, "electionTimeout is below heartbeatTimeout", "it must be at least "+heartbeat.String())
	}
	if cmp.Or(p.LeaderLeaseTimeout, defaultLeaderLease) > heartbeat {
		r.wrong(n, "leaderLeaseTimeout is above heartbeatTimeout", "it must be at most "+heartbeat.String())
	}
}

// raftCluster reads how raft peers find each other, and when they part.
func (r *reader) raftCluster(n *node, p *Process) {
	p.Addresses = r.oneOf(n.value("addresses"), p.Addresses, AddressesDNS, AddressesIP)
	if v := n.value("bootstrapExpect"); v != nil {
		p.BootstrapExpect = int(r.integer(v, 0, mostPeers))
	}
	if v := n.value("leaves"); v != nil {
		p.Stays = !r.boolean(v)
	}
	p.PeersJSON = r.boolean(n.value("peersJSON"))
}

// replication reads how a database with one primary replicates, and who fails it over.
func (r *reader) replication(n *node, o *Replication) {
	o.Mode = r.oneOf(n.value("replication"), o.Mode, Async, SemiSync, Sync)
	o.Detects = r.oneOf(n.value("detects"), o.Detects, DetectsPod, DetectsNode)
	o.Fencing = r.oneOf(n.value("fencing"), o.Fencing, FencingNone, FencingLease)
	o.Relabels = r.oneOf(n.value("relabels"), o.Relabels, RelabelsEarly, RelabelsLate)
	o.Rejoin = r.oneOf(n.value("rejoin"), o.Rejoin, Rewind, Refuse)
	for _, d := range []struct {
		name string
		to   *time.Duration
	}{{"semiSyncTimeout", &o.SemiSyncTimeout}, {"leaseDuration", &o.LeaseDuration}, {"leaseRenew", &o.LeaseRenew}} {
		if v := n.value(d.name); v != nil {
			*d.to = r.positive(v)
		}
	}
	if v := n.value("failoverDelay"); v != nil {
		o.FailoverDelay = r.duration(v)
	}
	if v := n.value("syncReplicas"); v != nil {
		o.SyncReplicas = int(r.integer(v, 1, mostPeers))
	}
	if v := n.value("maxLag"); v != nil {
		o.MaxLag = r.integer(v, 0, 1<<40)
	}
	if v := n.value("leaseRenew"); v != nil && o.LeaseRenew >= o.LeaseDuration && o.LeaseDuration > 0 {
		r.wrong(v, "leaseRenew is not below leaseDuration", "it must be less than "+o.LeaseDuration.String())
	}
}

// components are the parts of the control plane that this scenario has.
func (k *names) components() []string {
	all := Components()
	for _, runs := range k.runs {
		if runs.Kind == Replicated {
			return append(all, DatabaseOperator)
		}
	}
	return all
}

// oneOf returns one of some words, or what there is if the file does not say.
func (r *reader) oneOf(n *node, otherwise string, known ...string) string {
	if n == nil {
		return otherwise
	}
	word := r.str(n)
	if !slices.Contains(known, word) {
		r.wrong(n, words.Quoted(word)+" is none of "+words.OneOf(known), words.DidYouMean(word, known))
		return otherwise
	}
	return word
}
