package scenarios

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
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
	addOptions(&dns, dnsOptions, &c.DNS, &defaultDNS)
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

// zoned writes the zone of a node, if it is in one.
func zoned(n Node) (p pairs) {
	p.text("zone", n.Zone)
	return p
}

// writtenSize writes what a node has that is not as usual.
func writtenSize(n Node) (p pairs) {
	addOptions(&p, nodeSizes, &n, &defaultNode)
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
	usual := defaultProcess(is.Kind)
	var p pairs
	p.text("container", is.Container)
	addOptions(&p, raftOptions, &is, &usual)
	addOptions(&p, replicatedOptions, &is, &usual)
	if len(p) == 0 {
		return is.Kind
	}
	return append(pairs{"process: " + is.Kind}, p...).String()
}

// writtenClient writes a client in one line.
func writtenClient(c Client) string {
	p := pairs{"name: " + scalar(c.Name)}
	if c.Writes {
		p.text("writes", c.Service)
	} else {
		p.text("reads", c.Service)
	}
	addOptions(&p, clientOptions, &c, &defaultClient)
	return p.String()
}

// writtenExpectation writes an expectation in one line, without the name that it would have anyway.
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
	p.duration("from", e.From)
	if len(e.After) > 0 {
		p.add("after", writtenNames(e.After))
	}
	p.duration("within", e.Within)
	if e.Mode == Always || e.Mode == Never {
		p.duration("until", e.Until)
	} else {
		p.duration("by", e.Until)
	}
	return p.String()
}
