package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"statefulsim/scenarios/words"
)

// The cluster of a scenario that says nothing of it, and the node of one that does not say how large it is.
var (
	defaultZones = []string{"zone-a", "zone-b", "zone-c"}
	defaultNode  = Node{CPU: "4", Memory: "16Gi", Pods: 110}
	// What the Corefile of kubeadm says: ttl 30, which the denials' SOA record repeats
	// (cmd/kubeadm/app/phases/addons/dns/manifests.go).
	defaultDNS = DNS{TTL: 30 * time.Second, Negative: 30 * time.Second}
)

const (
	mostNodesOfCluster = 5000 // what upstream supports
	mostPodsOfNode     = 10_000
)

// nodeSizes are the keys of a node that say how large it is.
var nodeSizes = []option[Node]{
	optional("cpu", "The CPUs that pods can have, as a quantity; 4 without it.", quantityText, func(n *Node) *string { return &n.CPU }),
	optional("memory", "The memory that pods can have, as a quantity; 16Gi without it.", quantityText, func(n *Node) *string { return &n.Memory }),
	optional("pods", "How many pods fit; 110 without it.", wholeNumber[int64](0, mostPodsOfNode), func(n *Node) *int64 { return &n.Pods }),
}

var dnsOptions = []option[DNS]{
	optional("ttl", "How long the addresses of a name are kept; 30s without it.", lengthOfTime, func(d *DNS) *time.Duration { return &d.TTL }),
	optional("negative", "How long it is kept that there is no such name; 30s without it.", lengthOfTime,
		func(d *DNS) *time.Duration { return &d.Negative }),
}

func (r *reader) readCluster(n *node) {
	if n == nil {
		n = &node{place: place{in: r.text}, kind: mapping}
	}
	if !r.fits(n, &clusterForm) {
		return
	}
	r.scenario.Cluster.DNS = r.readDNS(n.value("dns"))
	size := r.machine(n.value("node"), defaultNode, &machineForm)
	if n.value("nodes") == nil || n.value("zones") != nil || n.value("nodesPerZone") != nil {
		r.readZones(n, size)
	}
	for _, item := range r.list(n.value("nodes"), "nodes") {
		if node := r.machine(item, size, &nodeForm); r.required(item, "a node", "name", "name: node-a") != nil {
			node.Name = r.name(item.value("name"), "a node")
			r.addNode(item, node)
		}
	}
}

func (r *reader) readDNS(n *node) DNS {
	dns := defaultDNS
	if n == nil || !r.fits(n, &dnsForm) {
		return dns
	}
	readOptions(r, n, dnsOptions, &dns)
	return dns
}

// readZones makes the nodes of each zone alike.
func (r *reader) readZones(n *node, size Node) {
	zones, each := defaultZones, int64(1)
	if given := n.value("zones"); given != nil {
		zones = nil
		for _, z := range r.list(given, "zones") {
			zones = append(zones, r.name(z, "a zone"))
		}
	}
	if given := n.value("nodesPerZone"); given != nil {
		each = r.integer(given, 1, mostNodesOfCluster)
	}
	if int64(len(zones))*each > mostNodesOfCluster {
		r.wrong(n, fmt.Sprintf("the cluster has more than %d nodes", mostNodesOfCluster), "")
		return
	}
	for _, zone := range zones {
		for i := int64(1); i <= each; i++ {
			node := size
			node.Zone, node.Name = zone, nodeName(zone, int(i), int(each))
			r.addNode(n, node)
		}
	}
}

// nodeName is the name of one of the nodes of a zone, which count from 1.
func nodeName(zone string, i, each int) string {
	name := "node-" + strings.TrimPrefix(zone, "zone-")
	if each > 1 {
		name = fmt.Sprintf("%s-%d", name, i)
	}
	return name
}

func (r *reader) addNode(n *node, made Node) {
	same := func(other Node) bool { return other.Name == made.Name }
	if slices.ContainsFunc(r.scenario.Cluster.Nodes, same) {
		r.wrong(n, "two nodes are named "+words.Quoted(made.Name), "give each its own name")
		return
	}
	if len(r.scenario.Cluster.Nodes) == mostNodesOfCluster {
		r.wrong(n, fmt.Sprintf("the cluster has more than %d nodes", mostNodesOfCluster), "")
		return
	}
	r.scenario.Cluster.Nodes = append(r.scenario.Cluster.Nodes, made)
}

// machine reads how large a node is and what is written on it, on top of what it would be otherwise.
func (r *reader) machine(n *node, otherwise Node, of *form) Node {
	made := otherwise
	if !r.fits(n, of) {
		return made
	}
	if v := n.value("zone"); v != nil {
		made.Zone = r.name(v, "a zone")
	}
	readOptions(r, n, nodeSizes, &made)
	if v := n.value("labels"); v != nil {
		made.Labels = r.labels(v)
	}
	for _, v := range r.list(n.value("taints"), "taints") {
		made.Taints = append(made.Taints, r.taint(v))
	}
	return made
}

func (r *reader) quantity(n *node) string {
	q, err := resource.ParseQuantity(r.str(n))
	if err != nil || q.Sign() <= 0 {
		r.wrong(n, words.Quoted(n.text)+" is not a quantity", "write it as Kubernetes does: 4, 500m, 16Gi")
		return "1"
	}
	return n.text
}

var (
	labelKey   = regexp.MustCompile(`^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`)
	labelValue = regexp.MustCompile(`^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$`)
	taint      = regexp.MustCompile(`^([^=:]+)(?:=([^=:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$`)
)

func (r *reader) labels(n *node) map[string]string {
	if n.kind != mapping {
		r.wrong(n, "labels are a mapping, and this is "+string(n.kind), "labels: {disk: ssd}")
		return nil
	}
	labels := make(map[string]string, len(n.keys))
	for i, k := range n.keys {
		value := r.str(n.values[i])
		if !labelKey.MatchString(k.name) || !labelValue.MatchString(value) {
			r.wrongKey(k, words.Quoted(k.name+"="+value)+" is not a label", "letters, digits, '-', '_' and '.', 63 characters at most")
		}
		labels[k.name] = value
	}
	return labels
}

func (r *reader) taint(n *node) string {
	m := taint.FindStringSubmatch(r.str(n))
	if m == nil || !labelKey.MatchString(m[1]) || !labelValue.MatchString(m[2]) {
		r.wrong(n, words.Quoted(n.text)+" is not a taint", "key=value:NoSchedule, with PreferNoSchedule or NoExecute as the other effects")
	}
	return n.text
}
