package scheduler

import (
	"math"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// spreadConstraint is a topology spread constraint with the pods that it counts.
type spreadConstraint struct {
	*domains // living pods by domain, over the nodes that count
	maxSkew  int64
	least    int64 // the fewest in any domain
	itself   int64 // 1 if the pod is one of those that it counts
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
	s := spreadConstraint{maxSkew: int64(rule.MaxSkew), least: math.MaxInt32}
	var eligible []bool
	s.domains, eligible = c.living(rule, c.selection(c.view, &m))
	number := int32(0)
	for i, count := range s.count {
		if eligible == nil || eligible[i] {
			s.least = min(s.least, count)
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

// living counts the pods of a selection that are not being deleted by the constraint's topology, over the nodes that the
// constraint counts, and tells which domains have such a node; nil stands for all.
func (c *cycle) living(rule *corev1.TopologySpreadConstraint, s *selection) (d *domains, eligible []bool) {
	if c.countsAll(rule) {
		return c.members(s, rule.TopologyKey).living, nil
	}
	d = newDomains(c.topology(rule.TopologyKey))
	eligible = make([]bool, d.size)
	for i, n := range c.order {
		if number := d.domain[i]; number != outside && c.counts(rule, n) {
			d.add(n, n.tally[s].living)
			eligible[number] = true
		}
	}
	return d, eligible
}

// countsAll tells whether the constraint counts every node, for all that can be told without looking at each.
func (c *cycle) countsAll(rule *corev1.TopologySpreadConstraint) bool {
	spec := &c.pod.pod.Spec
	if len(spec.NodeSelector) > 0 || spec.Affinity != nil && spec.Affinity.NodeAffinity != nil ||
		rule.NodeTaintsPolicy != nil && *rule.NodeTaintsPolicy == corev1.NodeInclusionPolicyHonor {
		return false
	}
	for i := range spec.TopologySpreadConstraints {
		other := &spec.TopologySpreadConstraints[i]
		if other.WhenUnsatisfiable == rule.WhenUnsatisfiable && !c.topology(other.TopologyKey).complete {
			return false
		}
	}
	return true
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
