package scheduler

import (
	"math"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// spreadConstraint is a topology spread constraint with the pods that it counts.
type spreadConstraint struct {
	domains              // living pods by domain, over the nodes that count
	selection *selection // the pods it is about
	maxSkew   int64
	least     int64 // the fewest in any domain
	itself    int64 // 1 if the pod is one of those that it counts
}

// prepareSpread looks at the constraints that say DoNotSchedule
// (framework/plugins/podtopologyspread/filtering.go:calPreFilterState).
func (c *cycle) prepareSpread() {
	for i := range c.pod.pod.Spec.TopologySpreadConstraints {
		t := &c.pod.pod.Spec.TopologySpreadConstraints[i]
		if t.WhenUnsatisfiable == corev1.DoNotSchedule {
			c.spread = append(c.spread, c.constraint(t))
		}
	}
}

func (c *cycle) constraint(rule *corev1.TopologySpreadConstraint) spreadConstraint {
	m := newMatcher([]string{c.pod.pod.Namespace}, nil, spreadSelector(rule, c.pod.pod))
	s := spreadConstraint{selection: c.selection(c.view, &m), maxSkew: int64(rule.MaxSkew)}
	t := c.topology(rule.TopologyKey)
	s.domains = domains{topology: t, count: make([]int64, t.size)}
	eligible := make([]bool, t.size)
	for i, n := range c.order {
		if number := t.domain[i]; number != outside && c.counts(rule, n) {
			s.count[number] += n.tally[s.selection].living
			eligible[number] = true
		}
	}
	s.least = math.MaxInt32
	number := int32(0)
	for i, ok := range eligible {
		if ok {
			s.least = min(s.least, s.count[i])
			number++
		}
	}
	if rule.MinDomains != nil && number < *rule.MinDomains {
		s.least = 0
	}
	if m.matches(c.pod.pod, c.view) {
		s.itself = 1
	}
	return s
}

// spreadSelector is the constraint's selector, narrowed to the pod's own values of the labels in matchLabelKeys.
func spreadSelector(t *corev1.TopologySpreadConstraint, pod *corev1.Pod) labels.Selector {
	selector := parsed(t.LabelSelector)
	own := labels.Set{}
	for _, key := range t.MatchLabelKeys {
		if value, ok := pod.Labels[key]; ok {
			own[key] = value
		}
	}
	if len(own) == 0 {
		return selector
	}
	narrowing, _ := own.AsSelectorPreValidated().Requirements()
	return selector.Add(narrowing...)
}

// counts tells whether a node is one of those over which the constraint spreads: it has the labels of all constraints of
// its kind, and passes the policies for node affinity (honoured by default) and taints (ignored by default).
func (c *cycle) counts(t *corev1.TopologySpreadConstraint, n *nodeInfo) bool {
	pod := c.pod.pod
	for i := range pod.Spec.TopologySpreadConstraints {
		other := &pod.Spec.TopologySpreadConstraints[i]
		if _, ok := n.node.Labels[other.TopologyKey]; !ok && other.WhenUnsatisfiable == t.WhenUnsatisfiable {
			return false
		}
	}
	if (t.NodeAffinityPolicy == nil || *t.NodeAffinityPolicy == corev1.NodeInclusionPolicyHonor) && !wantsNode(pod, n.node) {
		return false
	}
	return t.NodeTaintsPolicy == nil || *t.NodeTaintsPolicy != corev1.NodeInclusionPolicyHonor || toleratesAll(pod, n.node)
}

// spreads judges the hard constraints.
func (c *cycle) spreads(n *nodeInfo) verdict {
	for i := range c.spread {
		s := &c.spread[i]
		count, ok := s.at(n)
		if !ok {
			return noDomain
		}
		if count+s.itself-s.least > s.maxSkew {
			return wrongDomain
		}
	}
	return verdict{}
}
