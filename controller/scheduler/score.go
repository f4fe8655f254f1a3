package scheduler

import (
	"math"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/volumebinding/pv"
)

const maxScore = 100

// The weights of the scoring plugins (pkg/scheduler/apis/config/v1/default_plugins.go).
const (
	taintWeight        = 3
	nodeAffinityWeight = 2
	spreadWeight       = 2
	podAffinityWeight  = 2
)

// score returns what each node is worth to the pod.
func (c *cycle) score(nodes []*nodeInfo) []int64 {
	total := make([]int64, len(nodes))
	for i, n := range nodes {
		total[i] = leastAllocated(c.pod, n) + balanced(c.pod, n)
	}
	add(total, taintWeight, c.cleanliness(nodes))
	add(total, nodeAffinityWeight, c.nodePreference(nodes))
	add(total, spreadWeight, c.evenness(nodes))
	add(total, podAffinityWeight, c.podPreference(nodes))
	return total
}

func add(total []int64, weight int64, scores []int64) {
	for i, score := range scores {
		total[i] += weight * score
	}
}

// leastAllocated is the share of CPU and memory that would be left, on average
// (framework/plugins/noderesources/least_allocated.go). What a node does not have does not count.
func leastAllocated(pod *podInfo, n *nodeInfo) int64 {
	used := n.scored
	used.add(pod.scored)
	var sum, kinds int64
	left := func(used, has int64) {
		if has == 0 {
			return
		}
		kinds++
		if used <= has {
			sum += (has - used) * maxScore / has
		}
	}
	left(used.milliCPU, n.allocatable.milliCPU)
	left(used.memory, n.allocatable.memory)
	if kinds == 0 {
		return 0
	}
	return sum / kinds
}

// balanced is high where the pod brings the use of CPU and that of memory nearer to each other
// (framework/plugins/noderesources/balanced_allocation.go).
func balanced(pod *podInfo, n *nodeInfo) int64 {
	if pod.requested == (resources{}) {
		return 0
	}
	after := n.requested
	after.add(pod.requested)
	return maxScore/2 + (maxScore/2+balance(after, n.allocatable)-balance(n.requested, n.allocatable))/2
}

func balance(used, has resources) int64 {
	if has.milliCPU == 0 || has.memory == 0 {
		return maxScore
	}
	cpu := min(1, float64(used.milliCPU)/float64(has.milliCPU))
	memory := min(1, float64(used.memory)/float64(has.memory))
	return int64((1 - math.Abs(cpu-memory)/2) * maxScore)
}

// cleanliness prefers nodes with few taints that the pod would rather avoid
// (framework/plugins/tainttoleration/taint_toleration.go:Score).
func (c *cycle) cleanliness(nodes []*nodeInfo) []int64 {
	scores := make([]int64, len(nodes))
	for i, n := range nodes {
		for t := range n.node.Spec.Taints {
			taint := &n.node.Spec.Taints[t]
			if taint.Effect == corev1.TaintEffectPreferNoSchedule && !tolerates(c.pod.pod, taint) {
				scores[i]++
			}
		}
	}
	most := slices.Max(scores)
	for i, taints := range scores {
		scores[i] = maxScore
		if most > 0 {
			scores[i] -= maxScore * taints / most
		}
	}
	return scores
}

// nodePreference sums the weights of the preferred node affinity terms that match, scaled to the best node
// (framework/plugins/nodeaffinity/node_affinity.go:Score).
func (c *cycle) nodePreference(nodes []*nodeInfo) []int64 {
	affinity := c.pod.pod.Spec.Affinity
	if affinity == nil || affinity.NodeAffinity == nil {
		return nil
	}
	scores := make([]int64, len(nodes))
	preferred := affinity.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution
	for i, n := range nodes {
		for t := range preferred {
			if pv.MatchesTerm(&preferred[t].Preference, n.node) {
				scores[i] += int64(preferred[t].Weight)
			}
		}
	}
	if most := slices.Max(scores); most > 0 {
		for i := range scores {
			scores[i] = maxScore * scores[i] / most
		}
	}
	return scores
}

// podPreference sums the weights of the preferred terms, the pod's own and those of the pods that are placed, and scales
// the span from the worst to the best node to 0..100 (framework/plugins/interpodaffinity/scoring.go).
func (c *cycle) podPreference(nodes []*nodeInfo) []int64 {
	type preference struct {
		*domains
		weight int64
	}
	var wanted []preference
	own := c.pod.terms.preferred
	for i := range own {
		members := c.members(c.selection(c.view, &own[i].matcher), own[i].topologyKey)
		wanted = append(wanted, preference{members.all, own[i].weight})
	}
	for _, h := range c.held {
		if h.matches(c.pod.pod, c.view) {
			_, weight := c.holders(h)
			wanted = append(wanted, preference{weight, 1})
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	scores := make([]int64, len(nodes))
	for i, n := range nodes {
		for _, d := range wanted {
			sum, _ := d.at(n)
			scores[i] += d.weight * sum
		}
	}
	least, most := slices.Min(scores), slices.Max(scores)
	for i := range scores {
		if most > least {
			scores[i] = int64(maxScore * (float64(scores[i]-least) / float64(most-least)))
		} else {
			scores[i] = 0
		}
	}
	return scores
}
