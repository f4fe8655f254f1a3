package scheduler

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

const (
	minFeasible        = 100 // so many nodes that would do are looked for at least
	minFeasiblePercent = 5
)

// enough returns how many nodes that would do the scheduler looks for among so many: all below 100, then a share that shrinks
// from a half (pkg/scheduler/schedule_one.go:numFeasibleNodesToFind).
func enough(nodes int) int {
	if nodes < minFeasible {
		return nodes
	}
	percent := max(minFeasiblePercent, 50-nodes/125)
	return max(minFeasible, nodes*percent/100)
}

// rounds returns the nodes in the order in which they are looked at: from zone to zone, and in each by name
// (pkg/scheduler/backend/cache/node_tree.go:list, where the order in a zone is that of arrival).
func (c *cluster) rounds() []*nodeInfo {
	if c.round != nil {
		return c.round
	}
	type zone struct{ region, name string }
	zones := map[zone][]*nodeInfo{}
	var names []zone
	for _, n := range c.order {
		z := zone{n.node.Labels[corev1.LabelTopologyRegion], n.node.Labels[corev1.LabelTopologyZone]}
		if zones[z] == nil {
			names = append(names, z)
		}
		zones[z] = append(zones[z], n)
	}
	c.round = make([]*nodeInfo, 0, len(c.order))
	for i := 0; len(c.round) < len(c.order); i++ {
		for _, z := range names {
			if i < len(zones[z]) {
				c.round = append(c.round, zones[z][i])
			}
		}
	}
	return c.round
}

// search looks at the nodes, from where the last search ended, until enough of them would do. It returns these, and what was
// wrong with the others (pkg/scheduler/schedule_one.go:findNodesThatPassFilters).
func (s *Scheduler) search(c *cycle) (feasible []*nodeInfo, failed diagnosis) {
	failed.reasons = map[string]int{}
	nodes := c.candidates(&failed)
	wanted, looked := enough(len(nodes)), 0
	for ; looked < len(nodes) && len(feasible) < wanted; looked++ {
		n := nodes[(s.next+looked)%len(nodes)]
		if v, by := c.filter(n); v.passes() {
			feasible = append(feasible, n)
		} else {
			failed.add(v, by)
		}
	}
	s.next = (s.next + looked) % len(c.order)
	return feasible, failed
}

// candidates returns the nodes to look at: all, or those that the pod's node affinity names. The others fail.
func (c *cycle) candidates(failed *diagnosis) []*nodeInfo {
	if c.named == nil {
		return c.rounds()
	}
	var found []*nodeInfo
	for _, name := range c.named {
		if n := c.nodes[name]; n != nil && n.node != nil {
			found = append(found, n)
		}
	}
	if rest := len(c.order) - len(found); rest > 0 {
		failed.reasons["node(s) didn't satisfy plugin(s) [NodeAffinity]"] = rest
		failed.by |= nodeAffinity
	}
	return found
}

// prepareNames finds out whether the pod's node affinity names its nodes, all of them. Its reason, if any, rules out every
// node (framework/plugins/nodeaffinity/node_affinity.go:PreFilter).
func (c *cycle) prepareNames() (reason string) {
	affinity := c.pod.pod.Spec.Affinity
	if affinity == nil || affinity.NodeAffinity == nil || affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return ""
	}
	names := []string{}
	for _, term := range affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		own, named := namesOf(term.MatchFields)
		if !named {
			return ""
		}
		names = append(names, own...)
	}
	if len(names) == 0 {
		return "pod affinity terms conflict"
	}
	slices.Sort(names)
	c.named = slices.Compact(names)
	return ""
}

// namesOf returns the names of nodes that every one of a term's fields allows, and whether any of them speaks of names.
func namesOf(fields []corev1.NodeSelectorRequirement) (names []string, named bool) {
	for i := range fields {
		if fields[i].Key != "metadata.name" || fields[i].Operator != corev1.NodeSelectorOpIn {
			continue
		}
		if !named {
			names, named = slices.Clone(fields[i].Values), true
			continue
		}
		names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(fields[i].Values, name) })
	}
	return names, named
}
