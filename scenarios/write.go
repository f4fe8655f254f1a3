package scenarios

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Write writes a scenario as a file that is read back as the same scenario, with all objects in it. What the reader's defaults give
// is left out. The comment, whose lines need no "#", stands at the top. The error is that of w.
func Write(w io.Writer, s *Scenario, comment ...string) error {
	p := &printer{}
	for _, c := range comment {
		for line := range strings.SplitSeq(strings.TrimRight(c, "\n"), "\n") {
			p.line(0, strings.TrimRight("# "+masked(line), " "))
		}
	}
	p.about(s)
	p.cluster(s.Cluster)
	p.manifests(s)
	p.processes(s.Runs)
	list(p, "clients", s.Clients, writtenClient)
	p.latencies(s.Latencies)
	list(p, "steps", s.Steps, Step.String)
	list(p, "expect", s.Expect, writtenExpectation)
	list(p, "breaks", s.Breaks, scalar)
	_, err := io.WriteString(w, p.String())
	return err
}

// about writes what the scenario says of itself, and how long it runs.
func (p *printer) about(s *Scenario) {
	if label.MatchString(s.Name) {
		p.key("name", scalar(s.Name))
	}
	p.text("title", s.Title)
	p.text("teaches", s.Teaches)
	p.text("why", s.Why)
	list(p, "links", s.Links, scalar)
	p.key("for", s.For.String())
	if s.Recovers > 0 {
		p.key("recovers", s.Recovers.String())
	}
	if k := s.Kubernetes; len(k.Gates) > 0 {
		var gates pairs
		for _, name := range sortedKeys(k.Gates) {
			gates.add(name, fmt.Sprint(k.Gates[name]))
		}
		var both pairs
		both.text("version", k.Version)
		p.key("kubernetes", append(both, "gates: "+gates.String()).String())
	} else if k.Version != "" {
		p.key("kubernetes", fmt.Sprintf("%q", k.Version))
	}
}

// cluster writes the nodes: by zones if that gives the same, or else one by one.
func (p *printer) cluster(c Cluster) {
	var dns pairs
	dns.setting("ttl", c.DNS.TTL, defaultDNS.TTL)
	dns.setting("negative", c.DNS.Negative, defaultDNS.Negative)
	zones, each, alike := inZones(c.Nodes)
	usual := alike && each == 1 && slices.Equal(zones, defaultZones) && reflect.DeepEqual(sizeOf(c.Nodes[0]), defaultNode)
	if usual && len(dns) == 0 {
		return
	}
	p.line(0, "cluster:")
	switch {
	case usual:
	case alike:
		p.line(1, "zones: "+flowList(zones))
		if each > 1 {
			p.line(1, fmt.Sprintf("nodesPerZone: %d", each))
		}
		if size := writtenSize(c.Nodes[0]); len(size) > 0 {
			p.line(1, "node: "+size.String())
		}
	default:
		p.line(1, "nodes:")
		for _, n := range c.Nodes {
			p.line(2, "- "+append(pairs{"name: " + n.Name}, append(zoned(n), writtenSize(n)...)...).String())
		}
	}
	if len(dns) > 0 {
		p.line(1, "dns: "+dns.String())
	}
}

// inZones returns the zones and the number of nodes in each that make just these nodes, if any do.
func inZones(nodes []Node) (zones []string, each int, alike bool) {
	for _, n := range nodes {
		if !slices.Contains(zones, n.Zone) {
			zones = append(zones, n.Zone)
		}
	}
	if len(zones) == 0 || zones[0] == "" || len(nodes)%len(zones) != 0 {
		return nil, 0, false
	}
	each = len(nodes) / len(zones)
	for i, n := range nodes {
		zone := zones[i/each]
		want := sizeOf(nodes[0])
		want.Name, want.Zone = nodeName(zone, i%each+1, each), zone
		if !reflect.DeepEqual(n, want) {
			return nil, 0, false
		}
	}
	return zones, each, true
}

// sizeOf is a node without what makes it this one.
func sizeOf(n Node) Node {
	n.Name, n.Zone = "", ""
	return n
}

func zoned(n Node) (p pairs) {
	p.text("zone", n.Zone)
	return p
}

func writtenSize(n Node) (p pairs) {
	p.setting("cpu", n.CPU, defaultNode.CPU)
	p.setting("memory", n.Memory, defaultNode.Memory)
	p.setting("pods", n.Pods, defaultNode.Pods)
	if len(n.Labels) > 0 {
		var labels pairs
		for _, k := range sortedKeys(n.Labels) {
			labels.add(scalar(k), scalar(n.Labels[k]))
		}
		p.add("labels", labels.String())
	}
	if len(n.Taints) > 0 {
		p.add("taints", flowList(n.Taints))
	}
	return p
}

func (p *printer) processes(runs map[string]Process) {
	if len(runs) == 0 {
		return
	}
	p.line(0, "runs:")
	for _, set := range sortedKeys(runs) {
		p.line(1, scalar(set)+": "+writtenProcess(runs[set]))
	}
}

func (p *printer) latencies(all map[string]Distribution) {
	if len(all) == 0 {
		return
	}
	p.line(0, "latencies:")
	for _, name := range sortedKeys(all) {
		p.line(1, name+": "+all[name].String())
	}
}

// writtenProcess writes the settings that differ from those of a process of which only the kind is known.
func writtenProcess(is Process) string {
	usual := Process{}
	if is.Kind == Replicated {
		usual.Replication = DefaultReplication()
	}
	var p pairs
	p.setting("container", is.Container, "")
	p.setting("heartbeatTimeout", is.HeartbeatTimeout, usual.HeartbeatTimeout)
	p.setting("electionTimeout", is.ElectionTimeout, usual.ElectionTimeout)
	p.setting("leaderLeaseTimeout", is.LeaderLeaseTimeout, usual.LeaderLeaseTimeout)
	p.setting("commitTimeout", is.CommitTimeout, usual.CommitTimeout)
	p.setting("snapshotInterval", is.SnapshotInterval, usual.SnapshotInterval)
	p.setting("snapshotThreshold", is.SnapshotThreshold, usual.SnapshotThreshold)
	p.setting("trailingLogs", is.TrailingLogs, usual.TrailingLogs)
	p.setting("addresses", is.Addresses, usual.Addresses)
	p.setting("bootstrapExpect", is.BootstrapExpect, usual.BootstrapExpect)
	p.setting("leaves", !is.Stays, !usual.Stays)
	p.setting("peersJSON", is.PeersJSON, usual.PeersJSON)
	p.replication(is.Replication, usual.Replication)
	if len(p) == 0 {
		return is.Kind
	}
	return append(pairs{"process: " + is.Kind}, p...).String()
}

func (p *pairs) replication(is, usual Replication) {
	p.setting("replication", is.Mode, usual.Mode)
	p.setting("semiSyncTimeout", is.SemiSyncTimeout, usual.SemiSyncTimeout)
	p.setting("syncReplicas", is.SyncReplicas, usual.SyncReplicas)
	p.setting("detects", is.Detects, usual.Detects)
	p.setting("failoverDelay", is.FailoverDelay, usual.FailoverDelay)
	p.setting("maxLag", is.MaxLag, usual.MaxLag)
	p.setting("fencing", is.Fencing, usual.Fencing)
	p.setting("leaseDuration", is.LeaseDuration, usual.LeaseDuration)
	p.setting("leaseRenew", is.LeaseRenew, usual.LeaseRenew)
	p.setting("relabels", is.Relabels, usual.Relabels)
	p.setting("rejoin", is.Rejoin, usual.Rejoin)
}

// setting adds a value that differs from what it is by default.
func (p *pairs) setting(key string, value, usual any) {
	switch text, is := value.(string); {
	case value == usual:
	case is:
		p.add(key, scalar(text))
	default:
		p.add(key, fmt.Sprint(value))
	}
}

func writtenClient(c Client) string {
	p := pairs{"name: " + scalar(c.Name)}
	if c.Writes {
		p.text("writes", c.Service)
	} else {
		p.text("reads", c.Service)
	}
	if c.Stale {
		p.add("stale", "true")
	}
	p.setting("namespace", c.Namespace, defaultClient.Namespace)
	p.text("zone", c.Zone)
	if c.Rate != defaultClient.Rate {
		p.add("rate", decimal(c.Rate))
	}
	p.setting("timeout", c.Timeout, defaultClient.Timeout)
	p.setting("retries", c.Retries, defaultClient.Retries)
	p.setting("keys", c.Keys, defaultClient.Keys)
	p.setting("from", c.From, defaultClient.From)
	p.setting("until", c.Until, defaultClient.Until)
	return p.String()
}

func writtenExpectation(e Expectation) string {
	var p pairs
	if e.Name != e.called() {
		p.text("name", e.Name)
	}
	switch e.Mode {
	case InOrder:
		texts := make([]string, len(e.Order))
		for i := range e.Order {
			texts[i] = e.Order[i].String()
		}
		p.add("inOrder", flowList(texts))
	case AtInstant:
		p.add("at", e.At.String())
		p.text("that", e.That.String())
	default:
		p.text(string(e.Mode), e.That.String())
	}
	p.setting("from", e.From, time.Duration(0))
	if len(e.After) > 0 {
		p.add("after", writtenNames(e.After))
	}
	p.setting("within", e.Within, time.Duration(0))
	if e.Mode == Always || e.Mode == Never {
		p.setting("until", e.Until, time.Duration(0))
	} else {
		p.setting("by", e.Until, time.Duration(0))
	}
	return p.String()
}
