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
		if r.scenario.Runs[k.name].Leads() && r.known.sets[k.name].Spec.ServiceName == "" {
			r.wrongKey(k, "the peers of "+words.Quoted(k.name)+" cannot find each other: the StatefulSet has no serviceName",
				"serviceName: "+words.Printable(k.name)+", and a headless Service of that name")
		}
	}
}

// process reads what runs in the pods of a set: its kind alone, or a mapping.
func (r *reader) process(n *node, set string) Process {
	kind := n
	if n.kind == mapping {
		r.fits(n, &processForm)
		if kind = r.required(n, "a process", "process", "process: raft"); kind == nil {
			return Process{}
		}
	}
	p := defaultProcess(r.str(kind))
	if !slices.Contains(processKinds, p.Kind) {
		r.wrong(kind, "no process is named "+words.Quoted(p.Kind), words.DidYouMean(p.Kind, processKinds))
		return p
	}
	if n.kind == mapping {
		r.container(n.value("container"), set, &p)
		r.processOptions(n, Raft, raftOptions, &p)
		r.processOptions(n, Replicated, replicatedOptions, &p)
		r.raftTiming(n, &p)
		r.leaseTiming(n, &p.Replication)
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

// processOptions reads the options that mean something to one kind of process alone.
func (r *reader) processOptions(n *node, owner string, options []option[Process], p *Process) {
	for _, o := range options {
		if v := n.value(o.name); v != nil && p.Kind != owner {
			r.wrong(v, o.name+" means nothing to a process that is not "+owner, "process: "+owner)
		}
	}
	readOptions(r, n, options, p)
}

// raftTiming holds raft's timeouts to what hashicorp/raft's ValidateConfig asks of them together.
func (r *reader) raftTiming(n *node, p *Process) {
	heartbeat := cmp.Or(p.HeartbeatTimeout, defaultHeartbeat)
	if cmp.Or(p.ElectionTimeout, defaultElection) < heartbeat {
		r.wrong(n, "electionTimeout is below heartbeatTimeout", "it must be at least "+heartbeat.String())
	}
	if cmp.Or(p.LeaderLeaseTimeout, defaultLeaderLease) > heartbeat {
		r.wrong(n, "leaderLeaseTimeout is above heartbeatTimeout", "it must be at most "+heartbeat.String())
	}
}

// leaseTiming refuses a lease that would end before it is renewed.
func (r *reader) leaseTiming(n *node, o *Replication) {
	if v := n.value("leaseRenew"); v != nil && o.LeaseRenew >= o.LeaseDuration && o.LeaseDuration > 0 {
		r.wrong(v, "leaseRenew is not below leaseDuration", "it must be less than "+o.LeaseDuration.String())
	}
}
