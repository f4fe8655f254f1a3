package scheduler

import (
	"math"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/controller/store"
)

// softConstraints are those of the pod that say ScheduleAnyway; without any constraints of its own, those of Kubernetes:
// over hosts and zones, counting what its Services and its set select
// (framework/plugins/podtopologyspread/plugin.go: systemDefaultConstraints, helper/spread.go:DefaultSelector).
func (c *cycle) softConstraints() (soft []corev1.TopologySpreadConstraint, selectors []labels.Selector) {
	pod := c.pod.pod
	if len(pod.Spec.TopologySpreadConstraints) > 0 {
		for i := range pod.Spec.TopologySpreadConstraints {
			if t := &pod.Spec.TopologySpreadConstraints[i]; t.WhenUnsatisfiable == corev1.ScheduleAnyway {
				soft, selectors = append(soft, *t), append(selectors, spreadSelector(t, pod))
			}
		}
		return soft, selectors
	}
	selector := c.defaultSelector()
	if selector.Empty() {
		return nil, nil
	}
	return defaultConstraints, []labels.Selector{selector, selector}
}

var defaultConstraints = []corev1.TopologySpreadConstraint{
	{TopologyKey: corev1.LabelHostname, WhenUnsatisfiable: corev1.ScheduleAnyway, MaxSkew: 3},
	{TopologyKey: corev1.LabelTopologyZone, WhenUnsatisfiable: corev1.ScheduleAnyway, MaxSkew: 5},
}

func (c *cycle) defaultSelector() labels.Selector {
	pod := c.pod.pod
	merged := labels.Set{}
	for service := range store.In[*corev1.Service](c.view, pod.Namespace) {
		own := labels.Set(service.Spec.Selector)
		if len(own) > 0 && own.AsSelectorPreValidated().Matches(labels.Set(pod.Labels)) {
			merged = labels.Merge(merged, own)
		}
	}
	selector := merged.AsSelectorPreValidated()
	owner := metav1.GetControllerOfNoCopy(pod)
	if owner == nil || owner.Kind != "StatefulSet" {
		return selector
	}
	if set, ok := store.Get[*appsv1.StatefulSet](c.view, pod.Namespace, owner.Name); ok {
		if more, selectable := parsed(set.Spec.Selector).Requirements(); selectable {
			return selector.Add(more...)
		}
	}
	return selector
}

// evenness scores the nodes by the soft constraints: the fewer pods of the kind in a node's domains, the better
// (framework/plugins/podtopologyspread/scoring.go).
func (c *cycle) evenness(feasible []*nodeInfo) []int64 {
	soft, selectors := c.softConstraints()
	if len(soft) == 0 {
		return nil
	}
	own := len(c.pod.pod.Spec.TopologySpreadConstraints) > 0
	skewed := make([]float64, len(feasible))
	for i := range soft {
		c.addSkew(skewed, feasible, &soft[i], selectors[i], own)
	}
	return c.invert(skewed, feasible, soft, own)
}

func (c *cycle) addSkew(skewed []float64, feasible []*nodeInfo, rule *corev1.TopologySpreadConstraint, selector labels.Selector, own bool) {
	m := newMatcher([]string{c.pod.pod.Namespace}, nil, selector)
	d, _ := c.living(rule, c.selection(c.view, &m))
	weight := math.Log(float64(reachable(d.topology, feasible, own) + 2))
	for i, n := range feasible {
		if count, ok := d.at(n); ok {
			skewed[i] += float64(count)*weight + float64(rule.MaxSkew-1)
		}
	}
}

// reachable tells how many domains hold a feasible node. For the default constraints the nodes outside of all domains are one
// more.
func reachable(t *topology, feasible []*nodeInfo, own bool) int {
	wanted := make([]bool, t.size)
	size, strays := 0, 0
	for _, n := range feasible {
		number := t.domain[n.index]
		switch {
		case number == outside && !own:
			strays = 1
		case number != outside && !wanted[number]:
			wanted[number] = true
			size++
		}
	}
	return size + strays
}

func labelled(n *nodeInfo, key string) bool {
	_, ok := n.node.Labels[key]
	return ok
}

// invert turns counts into scores from 0 to 100. A node without one of the topology keys that the pod itself names gets
// none; for the default constraints a missing key does not matter.
func (c *cycle) invert(skewed []float64, feasible []*nodeInfo, soft []corev1.TopologySpreadConstraint, own bool) []int64 {
	scores := make([]int64, len(feasible))
	fewest, most := int64(math.MaxInt64), int64(0)
	for i, n := range feasible {
		if own && !labelledAll(n, soft) {
			scores[i] = -1
			continue
		}
		scores[i] = int64(math.Round(skewed[i]))
		fewest, most = min(fewest, scores[i]), max(most, scores[i])
	}
	for i, score := range scores {
		switch {
		case score < 0:
			scores[i] = 0
		case most == 0:
			scores[i] = maxScore
		default:
			scores[i] = maxScore * (most + fewest - score) / most
		}
	}
	return scores
}

func labelledAll(n *nodeInfo, soft []corev1.TopologySpreadConstraint) bool {
	for i := range soft {
		if !labelled(n, soft[i].TopologyKey) {
			return false
		}
	}
	return true
}
