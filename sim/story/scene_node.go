package story

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/sim"
)

// findNodes puts the machines of the scenario into their zones, with the pods that are bound to them, and the nodes that exist beside
// them: those that were created by hand, and those that are only named by a pod.
func (now *instant) findNodes(bound map[string][]Pod) {
	zones := map[string][]Node{}
	add := func(name, zone string) {
		n := now.node(name, zone)
		n.Pods = bound[name]
		delete(bound, name)
		zones[zone] = append(zones[zone], n)
	}
	known := map[string]bool{}
	for i := range now.story.Rec.Scenario.Cluster.Nodes {
		machine := &now.story.Rec.Scenario.Cluster.Nodes[i]
		known[machine.Name] = true
		add(machine.Name, machine.Zone)
	}
	for node := range store.All[*corev1.Node](now.view) {
		if !known[node.Name] {
			add(node.Name, node.Labels[corev1.LabelTopologyZone])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(bound)) {
		add(name, "")
	}
	for _, name := range slices.SortedFunc(maps.Keys(zones), compareNames) {
		nodes := zones[name]
		slices.SortFunc(nodes, func(a, b Node) int { return compareNames(a.Name, b.Name) })
		now.scene.Zones = append(now.scene.Zones, Zone{name, nodes})
	}
}

// node is a node without its pods.
func (now *instant) node(name, zone string) Node {
	place := sim.Place{Node: name, Zone: zone}
	n := Node{Name: name, Zone: zone, Down: now.down(name), Cut: now.cut(place) || now.lonely(place)}
	if node, ok := store.Get[*corev1.Node](now.view, "", name); ok {
		n.Ready, n.Cordoned = "Unknown", node.Spec.Unschedulable
		if ready := condition.Node(&node.Status, corev1.NodeReady); ready != nil {
			n.Ready = string(ready.Status)
		}
		for i := range node.Spec.Taints {
			n.Taints = append(n.Taints, node.Spec.Taints[i].ToString())
		}
	}
	return n
}

// down is what ended the machine of a node, "" if it runs.
func (now *instant) down(node string) string {
	if span := now.story.at(now.story.index.lanes[NodeLane][node], now.scene.At); span != nil && span.State == Failed {
		return span.Text
	}
	return ""
}
