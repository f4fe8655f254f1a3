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
			r.report(r.text.problem(k.line, k.column, problem, cure))
			continue
		}
		r.scenario.Runs[k.name] = r.process(n.values[i], k.name)
	}
}

func (r *reader) process(n *node, set string) Process {
	var p Process
	kind := n
	if n.kind == mapping {
		r.mapping(n, "a process", "process", "container", "heartbeatTimeout", "electionTimeout", "commitTimeout",
			"leaderLeaseTimeout", "snapshotThreshold", "trailingLogs", "snapshotInterval")
		if kind = r.required(n, "a process", "process", "process: raft"); kind == nil {
			return p
		}
	}
	kinds := []string{Plain, Raft}
	if p.Kind = r.str(kind); !slices.Contains(kinds, p.Kind) {
		r.wrong(kind, "no process is named "+words.Quoted(p.Kind), words.DidYouMean(p.Kind, kinds))
		return p
	}
	if n.kind == mapping {
		r.container(n.value("container"), set, &p)
		r.raftTiming(n, &p)
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
			r.raftOnly(v, p, d.name)
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
			r.raftOnly(v, p, c.name)
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

func (r *reader) raftOnly(n *node, p *Process, name string) {
	if p.Kind != Raft {
		r.wrong(n, name+" means nothing to a process that is not raft", "process: raft")
	}
}

func (r *reader) readClients(n *node) {
	for _, item := range r.list(n, "clients") {
		if !r.mapping(item, "a client", "name", "writes", "reads", "stale", "namespace", "zone", "rate", "timeout", "retries", "keys", "from", "until") {
			continue
		}
		c := r.client(item)
		if slices.Contains(r.known.clients, c.Name) {
			r.wrong(item.value("name"), "two clients are named "+words.Quoted(c.Name), "give each its own name")
			continue
		}
		r.scenario.Clients = append(r.scenario.Clients, c)
		r.known.clients = append(r.known.clients, c.Name)
	}
}

func (r *reader) client(n *node) Client {
	c := Client{Namespace: "default", Rate: 1, Timeout: time.Second, Retries: 3, Keys: 8, Pos: r.pos(n)}
	if v := r.required(n, "a client", "name", "name: writer"); v != nil {
		c.Name = r.name(v, "a client")
	}
	if v := n.value("namespace"); v != nil {
		c.Namespace = r.name(v, "a namespace")
	}
	r.usedService(n, &c)
	if v := n.value("zone"); v != nil {
		c.Zone = r.str(v)
		if problem, cure := missing("zone", c.Zone, r.known.zones); problem != "" {
			r.wrong(v, problem, cure)
		}
	}
	if v := n.value("rate"); v != nil {
		c.Rate = r.number(v, 0.001, 10_000)
	}
	if v := n.value("timeout"); v != nil {
		c.Timeout = r.positive(v)
	}
	if v := n.value("retries"); v != nil {
		c.Retries = int(r.integer(v, 0, 1000))
	}
	if v := n.value("keys"); v != nil {
		c.Keys = int(r.integer(v, 1, 100_000))
	}
	r.clientTimes(n, &c)
	return c
}

func (r *reader) usedService(n *node, c *Client) {
	writes, reads := n.value("writes"), n.value("reads")
	service := writes
	switch {
	case writes != nil && reads != nil:
		r.wrong(reads, "a client writes or reads, not both", "make two clients of it")
	case writes == nil && reads == nil:
		r.wrong(n, "the client does not say which Service it uses", "writes: SERVICE or reads: SERVICE")
		return
	case writes == nil:
		service = reads
	}
	c.Writes, c.Service = writes != nil, r.str(service)
	if c.Stale = r.boolean(n.value("stale")); c.Stale && c.Writes {
		r.wrong(n.value("stale"), "stale means nothing to a client that writes", "leave it out")
	}
	if problem, cure := missing("Service of namespace "+c.Namespace, c.Service, r.known.services[c.Namespace]); problem != "" {
		r.wrong(service, problem, cure)
	}
}

func (r *reader) clientTimes(n *node, c *Client) {
	if v := n.value("from"); v != nil {
		if c.From = r.duration(v); c.From >= r.scenario.For && r.scenario.For > 0 {
			r.wrong(v, "the client begins after the end of the run, which is at "+r.scenario.For.String(), "")
		}
	}
	if v := n.value("until"); v != nil {
		if c.Until = r.positive(v); c.Until <= c.From && c.Until > 0 {
			r.wrong(v, "the client ends before it begins", "until is an instant of the run, after from")
		}
	}
}
