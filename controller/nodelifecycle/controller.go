// Package nodelifecycle watches the nodes' signs of life: it marks nodes that fell silent and their pods, and taints nodes
// by their conditions.
package nodelifecycle

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
)

const (
	monitorPeriod = 5 * time.Second  // between two passes over all nodes (--node-monitor-period)
	monitorGrace  = 50 * time.Second // how long a node may be silent (--node-monitor-grace-period)
	startupGrace  = 60 * time.Second // the same for a node that never reported (--node-startup-grace-period)
	// taintingPeriod is how often the queues of nodes to be tainted are looked at
	// (pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go:NodeEvictionPeriod).
	taintingPeriod = 100 * time.Millisecond

	evictionRate          = 0.1  // nodes per second that get a NoExecute taint in a zone (--node-eviction-rate)
	secondaryEvictionRate = 0.01 // the same in a large zone with many nodes down (--secondary-node-eviction-rate)
	largeZone             = 50   // a zone with more nodes than this is large (--large-cluster-size-threshold)
	unhealthyThreshold    = 0.55 // the part of a zone's nodes not Ready that counts as many (--unhealthy-zone-threshold)
)

// monitor is the key of the passes over all nodes. The other keys are nodes, for their NoSchedule taints, and pods, to be
// marked when they are bound to a node that is not Ready.
var monitor = store.Key{Kind: store.Lease}

// Gates are the feature gates that the controller reads.
type Gates struct {
	// NodeControllerLeaseCircuitBreaker has a node's lease read from the API server before the node is called silent. It is
	// on by default since 1.37.
	NodeControllerLeaseCircuitBreaker bool
}

// Controller is the node lifecycle controller (pkg/controller/nodelifecycle/node_lifecycle_controller.go:Controller).
type Controller struct {
	gates   Gates
	started bool                    // the first pass has been asked for
	next    time.Time               // when the next pass over all nodes is due
	known   map[string]*corev1.Node // the nodes that the last pass saw
	health  map[string]health       // what was last observed of each node; kept when a node goes, as upstream does
	retry   map[string]bool         // nodes whose pods could not all be marked
	zones   map[zoneKey]*zone

	leases   int64 // the resource version of the newest change of a lease that the cache has
	mustHave int64 // the one that it must have before any node is judged
}

// New returns a controller that has seen nothing. Its passes begin with the first node that it hears of.
func New(gates Gates) *Controller {
	return &Controller{
		gates:  gates,
		known:  map[string]*corev1.Node{},
		health: map[string]health{},
		retry:  map[string]bool{},
		zones:  map[zoneKey]*zone{},
	}
}

// Keys names a node that came or changed in what its NoSchedule taints depend on, and a pod that was bound.
func (c *Controller) Keys(change store.Change, _ *store.View) []store.Key {
	switch change.Kind {
	case store.Lease:
		c.leases = change.Revision
	case store.Node:
		return c.nodeKeys(change)
	case store.Pod:
		before, _ := change.Old.(*corev1.Pod)
		after, _ := change.New.(*corev1.Pod)
		if after != nil && after.Spec.NodeName != "" && (before == nil || before.Spec.NodeName != after.Spec.NodeName) {
			return []store.Key{change.Key()}
		}
	}
	return nil
}

func (c *Controller) nodeKeys(change store.Change) []store.Key {
	var keys []store.Key
	before, _ := change.Old.(*corev1.Node)
	after, _ := change.New.(*corev1.Node)
	if after == nil {
		delete(c.retry, before.Name)
	} else if before == nil || !sameForTaints(before, after) {
		keys = append(keys, change.Key())
	}
	if !c.started {
		c.started = true
		keys = append(keys, monitor)
	}
	return keys
}

// sameForTaints tells whether nothing changed that a node's NoSchedule taints follow from.
func sameForTaints(before, after *corev1.Node) bool {
	return before.Spec.Unschedulable == after.Spec.Unschedulable &&
		slices.EqualFunc(before.Spec.Taints, after.Spec.Taints, func(a, b corev1.Taint) bool { return a.MatchTaint(&b) }) &&
		slices.EqualFunc(before.Status.Conditions, after.Status.Conditions, func(a, b corev1.NodeCondition) bool {
			return a.Type == b.Type && a.Status == b.Status
		})
}

// Reconcile sets a node's NoSchedule taints, marks a newly bound pod, or makes the pass over all nodes that is due and
// taints the nodes whose turn it is.
func (c *Controller) Reconcile(key store.Key, cache *store.View, api *store.Client) (time.Duration, error) {
	switch key.Kind {
	case store.Node:
		return 0, taintNoSchedule(key.Name, cache, api)
	case store.Pod:
		return 0, c.markBoundPod(key, cache, api)
	}
	var err error
	if !api.Now.Before(c.next) {
		c.next = api.Now.Add(monitorPeriod)
		err = c.monitor(cache, api)
	} else {
		err = c.taintNoExecute(cache, api)
	}
	return c.wait(api.Now), err
}

// wait is how long it is until the next pass, or until a zone may taint its next node.
func (c *Controller) wait(now time.Time) time.Duration {
	wait := c.next.Sub(now)
	for _, z := range c.zones {
		if at, ok := z.due(); ok {
			wait = min(wait, max(taintingPeriod, at.Sub(now)))
		}
	}
	return wait
}
