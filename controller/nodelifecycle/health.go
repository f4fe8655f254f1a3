package nodelifecycle

import (
	"slices"
	"strconv"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// health is what was last observed of a node, and when: the controller trusts its own clock alone, and so counts from the
// pass that saw something new, not from the times that the node wrote
// (pkg/controller/nodelifecycle/node_lifecycle_controller.go:nodeHealthData).
type health struct {
	seen  time.Time             // when the last sign of life was observed
	ready *corev1.NodeCondition // the condition Ready of then; nil if there was none
	lease *coordinationv1.Lease // the lease of then; nil if there was none
}

// silenced are the conditions that become Unknown when a node falls silent. NetworkUnavailable is not the kubelet's.
var silenced = []corev1.NodeConditionType{
	corev1.NodeReady, corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure,
}

// observe takes in a node's signs of life, and sets its conditions to Unknown once it has been silent for too long
// (node_lifecycle_controller.go:tryUpdateNodeHealth). It returns the status of the condition Ready as the cache has it, and
// that condition as it is now: nil if the leases in the cache are older than the API server's, so that nothing can be
// said; with an empty status if the node has no such condition yet.
func (c *Controller) observe(node *corev1.Node, cache *store.View, api *store.Client) (was corev1.ConditionStatus, is *corev1.NodeCondition, err error) {
	for range 5 { // as often as upstream tries (scheduler.NodeHealthUpdateRetry)
		is, err = c.tryObserve(node, cache, api)
		was = corev1.ConditionUnknown
		if ready := condition.Node(&node.Status, corev1.NodeReady); ready != nil {
			was = ready.Status
		}
		if !apierrors.IsConflict(err) {
			return was, is, err
		}
		live, ok := store.Get[*corev1.Node](api.View(), "", node.Name)
		if !ok {
			return was, nil, nil
		}
		node = live
	}
	return was, is, err
}

func (c *Controller) tryObserve(node *corev1.Node, cache *store.View, api *store.Client) (*corev1.NodeCondition, error) {
	if c.leases < c.mustHave {
		return nil, nil
	}
	seen := c.signsOfLife(node, cache, api.Now)
	c.health[node.Name] = seen
	ready := condition.Node(&node.Status, corev1.NodeReady)
	grace := monitorGrace
	if ready == nil {
		grace = startupGrace
	}
	if !api.Now.After(seen.seen.Add(grace)) {
		if ready == nil {
			ready = &corev1.NodeCondition{Type: corev1.NodeReady}
		}
		return ready, nil
	}
	if c.gates.NodeControllerLeaseCircuitBreaker && c.behind(node.Name, seen.lease, api) {
		return nil, nil
	}
	if ready != nil && ready.Status == corev1.ConditionUnknown {
		return ready, nil
	}
	silent := *node
	silence(&silent, metav1.NewTime(api.Now))
	ready = condition.Node(&silent.Status, corev1.NodeReady)
	if _, err := api.UpdateStatus(&silent); err != nil {
		return nil, err
	}
	seen.ready = ready
	c.health[node.Name] = seen
	return ready, nil
}

// signsOfLife is what is known of a node after looking at it and its lease: a new heartbeat or a renewed lease counts from
// now on. A new heartbeat makes upstream forget the lease, so that in the next pass the same lease counts as news; this
// does the same.
func (c *Controller) signsOfLife(node *corev1.Node, cache *store.View, now time.Time) health {
	ready := condition.Node(&node.Status, corev1.NodeReady)
	seen, known := c.health[node.Name]
	lastLease := seen.lease
	switch {
	case !known && ready == nil:
		seen.seen = node.CreationTimestamp.Time
	case ready == nil:
		seen.ready = nil
	case seen.ready == nil, !seen.ready.LastHeartbeatTime.Equal(&ready.LastHeartbeatTime):
		seen = health{seen: now, ready: ready}
	}
	lease, ok := store.Get[*coordinationv1.Lease](cache, corev1.NamespaceNodeLease, node.Name)
	if ok && (lastLease == nil || lastLease.Spec.RenewTime.Before(lease.Spec.RenewTime)) {
		seen.lease, seen.seen = lease, now
	}
	return seen
}

// behind tells whether the API server has another lease than the one observed: then the cache is stale, and no node is
// judged by it until it has caught up with that lease (node_lifecycle_controller.go:tryUpdateNodeHealth).
func (c *Controller) behind(node string, observed *coordinationv1.Lease, api *store.Client) bool {
	live, ok := store.Get[*coordinationv1.Lease](api.View(), corev1.NamespaceNodeLease, node)
	if !ok || observed != nil && observed.ResourceVersion == live.ResourceVersion {
		return false
	}
	c.mustHave, _ = strconv.ParseInt(live.ResourceVersion, 10, 64) // the store's own versions are numbers
	return true
}

// silence sets the conditions that the kubelet reports to Unknown.
func silence(node *corev1.Node, now metav1.Time) {
	node.Status.Conditions = slices.Clone(node.Status.Conditions)
	for _, t := range silenced {
		c := condition.Node(&node.Status, t)
		if c == nil {
			node.Status.Conditions = append(node.Status.Conditions, corev1.NodeCondition{
				Type: t, Status: corev1.ConditionUnknown,
				Reason: "NodeStatusNeverUpdated", Message: "Kubelet never posted node status.",
				LastHeartbeatTime: node.CreationTimestamp, LastTransitionTime: now,
			})
		} else if c.Status != corev1.ConditionUnknown {
			c.Status, c.LastTransitionTime = corev1.ConditionUnknown, now
			c.Reason, c.Message = "NodeStatusUnknown", "Kubelet stopped posting node status."
		}
	}
}
