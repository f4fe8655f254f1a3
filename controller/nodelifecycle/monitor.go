package nodelifecycle

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// excludeFromDisruption is the label of nodes that do not count when a zone's state is judged.
const excludeFromDisruption = "node.kubernetes.io/exclude-disruption"

// monitor makes one pass over all nodes (pkg/controller/nodelifecycle/node_lifecycle_controller.go:monitorNodeHealth):
// each node's signs of life are judged, its pods marked if it just fell silent, and its NoExecute taint queued or taken
// away; then the zones are judged.
func (c *Controller) monitor(cache *store.View, api *store.Client) error {
	nodes := slices.AppendSeq(make([]*corev1.Node, 0, cache.Len(store.Node)), store.All[*corev1.Node](cache))
	zones, err := c.register(nodes, api)
	errs := []error{err}
	for i, node := range nodes {
		was, is, err := c.observe(node, cache, api)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if is == nil {
			continue // the cache is behind the API server: nothing is known of this node in this pass
		}
		if _, excluded := node.Labels[excludeFromDisruption]; !excluded {
			zones[i].count(is.Status)
		}
		if is.Status == "" {
			continue // no condition Ready yet, and still time for it
		}
		if err := c.evictByTaint(node, zones[i], is.Status, api); err != nil {
			errs = append(errs, err)
		}
		if err := c.markPods(node, was, is.Status, cache, api); err != nil {
			errs = append(errs, err)
		}
	}
	errs = append(errs, c.judgeZones(nodes, zones, api))
	return errors.Join(errs...)
}

// register tells of nodes that came and went since the last pass (node_lifecycle_controller.go:classifyNodes), and returns the
// zone of each.
func (c *Controller) register(nodes []*corev1.Node, api *store.Client) (zones []*zone, err error) {
	for _, z := range c.zones {
		z.up, z.down = 0, 0
	}
	zones = make([]*zone, len(nodes))
	var errs []error
	for i, node := range nodes {
		zones[i] = c.zone(node)
		if _, ok := c.known[node.Name]; !ok {
			c.known[node.Name] = node
			nodeEvent(node, "RegisteredNode", fmt.Sprintf("Registered Node %s in Controller", node.Name), api)
			errs = append(errs, markReachable(node, zones[i], api))
		}
	}
	if len(c.known) > len(nodes) {
		c.unregister(nodes, api)
	}
	return zones, errors.Join(errs...)
}

// unregister tells of the known nodes that are not among those.
func (c *Controller) unregister(nodes []*corev1.Node, api *store.Client) {
	present := make(map[string]bool, len(nodes))
	for _, node := range nodes {
		present[node.Name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(c.known)) {
		if !present[name] {
			nodeEvent(c.known[name], "RemovingNode", fmt.Sprintf("Removing Node %s from Controller", name), api)
			delete(c.known, name)
		}
	}
}

func nodeEvent(node *corev1.Node, reason, event string, api *store.Client) {
	api.Event(node, corev1.EventTypeNormal, reason, fmt.Sprintf("Node %s event: %s", node.Name, event))
}

// zone returns the queue of a node's zone.
func (c *Controller) zone(node *corev1.Node) *zone {
	key := zoneOf(node)
	if c.zones[key] == nil {
		c.zones[key] = newZone()
	}
	return c.zones[key]
}

// markPods sets the pods of a node that stopped being Ready in this pass to not Ready, or tries that again.
func (c *Controller) markPods(node *corev1.Node, was, is corev1.ConditionStatus, cache *store.View, api *store.Client) error {
	stopped := was == corev1.ConditionTrue && is != corev1.ConditionTrue
	if stopped {
		api.Event(node, corev1.EventTypeNormal, "NodeNotReady", fmt.Sprintf("Node %s status is now: NodeNotReady", node.Name))
	}
	if stopped || c.retry[node.Name] && was != corev1.ConditionTrue {
		if err := markNotReady(slices.Collect(store.PodsOn(cache, node.Name)), api); err != nil {
			c.retry[node.Name] = true
			return err
		}
	}
	delete(c.retry, node.Name)
	return nil
}

// markBoundPod marks a pod that was bound to a node which is not Ready (node_lifecycle_controller.go:processPod).
func (c *Controller) markBoundPod(key store.Key, cache *store.View, api *store.Client) error {
	pod, ok := store.Get[*corev1.Pod](cache, key.Namespace, key.Name)
	if !ok {
		return nil
	}
	seen, ok := c.health[pod.Spec.NodeName]
	if _, exists := store.Get[*corev1.Node](cache, "", pod.Spec.NodeName); !ok || !exists || seen.ready == nil {
		return nil
	}
	if seen.ready.Status == corev1.ConditionTrue {
		return nil
	}
	return markNotReady([]*corev1.Pod{pod}, api)
}

// markNotReady sets the condition Ready of pods that have it to False; their phase stays
// (pkg/controller/util/node/controller_utils.go:MarkPodsNotReady). A pod that changed since the cache saw it is an error.
func markNotReady(pods []*corev1.Pod, api *store.Client) error {
	var errs []error
	for _, pod := range pods {
		ready := condition.Pod(&pod.Status, corev1.PodReady)
		if ready == nil {
			continue
		}
		c, marked := *ready, *pod
		c.Status = corev1.ConditionFalse
		if !condition.SetPod(&marked.Status, c, api.Now) {
			continue
		}
		if _, err := api.UpdateStatus(&marked); err != nil {
			if !apierrors.IsNotFound(err) {
				errs = append(errs, err)
			}
			continue
		}
		api.Event(pod, corev1.EventTypeWarning, "NodeNotReady", "Node is not ready")
	}
	return errors.Join(errs...)
}
