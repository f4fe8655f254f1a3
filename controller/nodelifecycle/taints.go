package nodelifecycle

import (
	"errors"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

var (
	unreachable = corev1.Taint{Key: corev1.TaintNodeUnreachable, Effect: corev1.TaintEffectNoExecute}
	notReady    = corev1.Taint{Key: corev1.TaintNodeNotReady, Effect: corev1.TaintEffectNoExecute}
)

// opposite returns the NoExecute taint of a node whose condition Ready has that status, and the one that it must not have
// beside it; ok is false for a node that is Ready.
func opposite(ready corev1.ConditionStatus) (taint, other corev1.Taint, ok bool) {
	switch ready {
	case corev1.ConditionFalse:
		return notReady, unreachable, true
	case corev1.ConditionUnknown:
		return unreachable, notReady, true
	}
	return corev1.Taint{}, corev1.Taint{}, false
}

// evictByTaint queues a node that is not Ready for its NoExecute taint, and takes the taints off one that is
// (pkg/controller/nodelifecycle/node_lifecycle_controller.go:processTaintBaseEviction). A node that has the wrong one of
// the two taints gets the right one at once.
func (c *Controller) evictByTaint(node *corev1.Node, z *zone, ready corev1.ConditionStatus, api *store.Client) error {
	taint, other, ok := opposite(ready)
	if !ok {
		return markReachable(node, z, api)
	}
	if has(node.Spec.Taints, other) {
		return swapTaints(node.Name, []corev1.Taint{taint}, []corev1.Taint{other}, api)
	}
	if !has(node.Spec.Taints, taint) {
		z.remove(node.Name)
	}
	z.add(node.Name, api.Now)
	return nil
}

// markReachable takes a node's NoExecute taints off and its name out of the queue.
func markReachable(node *corev1.Node, z *zone, api *store.Client) error {
	if has(node.Spec.Taints, unreachable) || has(node.Spec.Taints, notReady) {
		if err := swapTaints(node.Name, nil, []corev1.Taint{unreachable, notReady}, api); err != nil {
			return err
		}
	}
	z.remove(node.Name)
	return nil
}

// taintNoExecute gives the nodes whose turn it is their NoExecute taint (node_lifecycle_controller.go:doNoExecuteTaintingPass).
func (c *Controller) taintNoExecute(cache *store.View, api *store.Client) error {
	var errs []error
	for _, key := range slices.SortedFunc(maps.Keys(c.zones), zoneKey.compare) {
		c.zones[key].drain(api.Now, func(name string) bool {
			node, ok := store.Get[*corev1.Node](cache, "", name)
			if !ok {
				return true
			}
			ready := condition.Node(&node.Status, corev1.NodeReady)
			if ready == nil {
				return false
			}
			taint, other, ok := opposite(ready.Status)
			if !ok {
				return true // it is Ready again
			}
			err := swapTaints(name, []corev1.Taint{taint}, []corev1.Taint{other}, api)
			errs = append(errs, err)
			return err == nil
		})
	}
	return errors.Join(errs...)
}

// judgeZones adapts the rates at which nodes are tainted to how much of each zone is left
// (node_lifecycle_controller.go:handleDisruption). When no node of any zone is Ready, the fault is taken to lie with the
// control plane: all NoExecute taints are taken away and none is set until a node is Ready again.
func (c *Controller) judgeZones(nodes []*corev1.Node, zones []*zone, api *store.Client) error {
	allDown, allWereDown := true, true
	for key, z := range c.zones {
		if z.up+z.down == 0 {
			delete(c.zones, key)
			continue
		}
		allDown = allDown && z.disruption() == fullDisruption
		allWereDown = allWereDown && z.state == fullDisruption
	}
	switch {
	case allDown && allWereDown:
		return nil
	case allDown:
		return c.stopEvictions(nodes, zones, api)
	case allWereDown:
		for _, node := range nodes {
			seen := c.health[node.Name]
			seen.seen = api.Now
			c.health[node.Name] = seen
		}
	}
	for _, z := range c.zones {
		if state := z.disruption(); allWereDown || z.state != state {
			z.swap(rateIn(state, z.up+z.down), api.Now)
			z.state = state
		}
	}
	return nil
}

// stopEvictions takes all NoExecute taints away and stops the setting of new ones.
func (c *Controller) stopEvictions(nodes []*corev1.Node, zones []*zone, api *store.Client) error {
	var errs []error
	for i, node := range nodes {
		errs = append(errs, markReachable(node, zones[i], api))
	}
	for _, z := range c.zones {
		z.swap(0, api.Now)
		z.state = fullDisruption
	}
	return errors.Join(errs...)
}

// conditionTaints are the NoSchedule taints that follow from a node's conditions
// (node_lifecycle_controller.go:nodeConditionToTaintKeyStatusMap).
var conditionTaints = []struct {
	condition corev1.NodeConditionType
	status    corev1.ConditionStatus
	key       string
}{
	{corev1.NodeReady, corev1.ConditionFalse, corev1.TaintNodeNotReady},
	{corev1.NodeReady, corev1.ConditionUnknown, corev1.TaintNodeUnreachable},
	{corev1.NodeMemoryPressure, corev1.ConditionTrue, corev1.TaintNodeMemoryPressure},
	{corev1.NodeDiskPressure, corev1.ConditionTrue, corev1.TaintNodeDiskPressure},
	{corev1.NodeNetworkUnavailable, corev1.ConditionTrue, corev1.TaintNodeNetworkUnavailable},
	{corev1.NodePIDPressure, corev1.ConditionTrue, corev1.TaintNodePIDPressure},
}

// taintNoSchedule brings a node's NoSchedule taints in line with its conditions and with spec.unschedulable
// (node_lifecycle_controller.go:doNoScheduleTaintingPass). There is no limit to their rate.
func taintNoSchedule(name string, cache *store.View, api *store.Client) error {
	node, ok := store.Get[*corev1.Node](cache, "", name)
	if !ok {
		return nil
	}
	var add, remove []corev1.Taint
	want := func(key string, wanted bool) {
		taint := corev1.Taint{Key: key, Effect: corev1.TaintEffectNoSchedule}
		if present := has(node.Spec.Taints, taint); wanted && !present {
			add = append(add, taint)
		} else if !wanted && present {
			remove = append(remove, taint)
		}
	}
	for _, t := range conditionTaints {
		c := condition.Node(&node.Status, t.condition)
		want(t.key, c != nil && c.Status == t.status)
	}
	want(corev1.TaintNodeUnschedulable, node.Spec.Unschedulable)
	if len(add) == 0 && len(remove) == 0 {
		return nil
	}
	return swapTaints(name, add, remove, api)
}

// swapTaints sets taints on a node, as added now, and takes others off, reading the node live
// (pkg/controller/util/node/controller_utils.go:SwapNodeControllerTaint). A node that is gone is no error.
func swapTaints(name string, add, remove []corev1.Taint, api *store.Client) error {
	node, ok := store.Get[*corev1.Node](api.View(), "", name)
	if !ok {
		return nil
	}
	var taints []corev1.Taint
	for _, taint := range node.Spec.Taints {
		if !has(add, taint) && !has(remove, taint) {
			taints = append(taints, taint)
		}
	}
	if len(add) == 0 && len(taints) == len(node.Spec.Taints) {
		return nil
	}
	for _, taint := range add {
		taint.TimeAdded = timestamp(api.Now)
		taints = append(taints, taint)
	}
	next := *node
	next.Spec.Taints = taints
	_, err := api.Update(&next)
	return err
}

// has tells whether a list has a taint of that key and effect.
func has(taints []corev1.Taint, taint corev1.Taint) bool {
	return slices.ContainsFunc(taints, func(t corev1.Taint) bool { return t.MatchTaint(&taint) })
}

func timestamp(now time.Time) *metav1.Time {
	t := metav1.NewTime(now)
	return &t
}
