// Package podgc is the pod garbage collector: every 20 s it force-deletes the pods that no kubelet will ever finish.
package podgc

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

const (
	period     = 20 * time.Second // between two passes (pkg/controller/podgc/gc_controller.go:gcCheckPeriod)
	quarantine = 40 * time.Second // how long a node must have been missing (gc_controller.go:quarantineTime)
	threshold  = 12500            // how many terminal pods may stay (--terminated-pod-gc-threshold)
)

// pass is the only key: a pass looks at all that the collector suspects.
var pass = store.Key{Kind: store.Pod}

// Collector is the pod garbage collector (pkg/controller/podgc/gc_controller.go:PodGCController). It keeps the names of
// the pods and nodes that a pass has to look at, so that a pass costs nothing while there is nothing to collect.
type Collector struct {
	started     bool      // the first pass has been asked for
	next        time.Time // when the next pass is due
	terminal    map[store.Key]struct{}
	terminating map[store.Key]struct{}
	nodes       map[string]time.Time // nodes that may be missing, and until when they are in quarantine: zero is not yet
}

// New returns a collector that has seen nothing. Its first pass comes with the first change that it hears of.
func New() *Collector {
	return &Collector{
		terminal:    map[store.Key]struct{}{},
		terminating: map[store.Key]struct{}{},
		nodes:       map[string]time.Time{},
	}
}

// Keys notes what the next pass must look at. It asks for a reconcile only once, to start the collector's clock.
func (c *Collector) Keys(change store.Change, cache *store.View) []store.Key {
	switch change.Kind {
	case store.Node:
		if change.New == nil {
			c.suspect(change.Old.GetName())
		}
	case store.Pod:
		c.note(change, cache)
	default:
		return nil
	}
	if c.started {
		return nil
	}
	c.started = true
	return []store.Key{pass}
}

func (c *Collector) note(change store.Change, cache *store.View) {
	key := change.Key()
	pod, ok := change.New.(*corev1.Pod)
	if !ok {
		delete(c.terminal, key)
		delete(c.terminating, key)
		return
	}
	if condition.PodTerminal(pod) {
		c.terminal[key] = struct{}{}
	}
	if pod.DeletionTimestamp != nil {
		c.terminating[key] = struct{}{}
	}
	if node := pod.Spec.NodeName; node != "" {
		if _, ok := store.Get[*corev1.Node](cache, "", node); !ok {
			c.suspect(node)
		}
	}
}

func (c *Collector) suspect(node string) {
	if _, ok := c.nodes[node]; !ok {
		c.nodes[node] = time.Time{}
	}
}

// Reconcile makes a pass if one is due: terminal pods beyond the threshold, terminating pods on nodes that are out of
// service, pods of nodes that no longer exist, and terminating pods that were never scheduled, in this order
// (gc_controller.go:gc). It always asks to be called again for the next pass.
func (c *Collector) Reconcile(_ store.Key, cache *store.View, api *store.Client) (time.Duration, error) {
	if wait := c.next.Sub(api.Now); wait > 0 {
		return wait, nil
	}
	c.next = api.Now.Add(period)
	var errs []error
	for _, pod := range c.beyondThreshold(cache) {
		errs = append(errs, failAndDelete(pod, nil, api))
	}
	terminating := c.terminatingPods(cache)
	for _, pod := range terminating {
		if outOfService(pod, cache) {
			errs = append(errs, failAndDelete(pod, nil, api))
		}
	}
	for _, node := range c.deletedNodes(cache, api) {
		for pod := range store.PodsOn(cache, node) {
			errs = append(errs, failAndDelete(pod, &nodeGone, api))
		}
	}
	for _, pod := range terminating {
		if pod.Spec.NodeName == "" {
			errs = append(errs, failAndDelete(pod, nil, api))
		}
	}
	return period, errors.Join(errs...)
}

// beyondThreshold returns the terminal pods that are too many, those first that go first.
func (c *Collector) beyondThreshold(cache *store.View) []*corev1.Pod {
	if len(c.terminal) <= threshold {
		return nil
	}
	pods := current(c.terminal, cache, condition.PodTerminal)
	return pods[:max(0, len(pods)-threshold)]
}

func (c *Collector) terminatingPods(cache *store.View) []*corev1.Pod {
	return current(c.terminating, cache, func(pod *corev1.Pod) bool { return pod.DeletionTimestamp != nil })
}

// current returns the noted pods for which the reason still holds, evicted ones first, then by age and name
// (gc_controller.go:byEvictionAndCreationTimestamp). A note whose reason is gone goes too: another pod may have taken
// the name.
func current(noted map[store.Key]struct{}, cache *store.View, holds func(*corev1.Pod) bool) []*corev1.Pod {
	pods := make([]*corev1.Pod, 0, len(noted))
	for key := range noted {
		if pod, ok := store.Get[*corev1.Pod](cache, key.Namespace, key.Name); ok && holds(pod) {
			pods = append(pods, pod)
		} else {
			delete(noted, key)
		}
	}
	slices.SortFunc(pods, func(a, b *corev1.Pod) int {
		if evictedA, evictedB := evicted(a), evicted(b); evictedA != evictedB {
			if evictedA {
				return -1
			}
			return 1
		}
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Namespace, b.Namespace))
	})
	return pods
}

// evicted tells whether a kubelet evicted the pod (pkg/kubelet/eviction/helpers.go:PodIsEvicted).
func evicted(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodFailed && pod.Status.Reason == "Evicted"
}

// outOfService tells whether the pod's node is not Ready and has the taint with which an administrator promises that
// nothing runs there any more (gc_controller.go:gcTerminating).
func outOfService(pod *corev1.Pod, cache *store.View) bool {
	node, ok := store.Get[*corev1.Node](cache, "", pod.Spec.NodeName)
	return ok && !condition.NodeReady(node) && slices.ContainsFunc(node.Spec.Taints, func(taint corev1.Taint) bool {
		return taint.Key == corev1.TaintNodeOutOfService
	})
}

// deletedNodes puts nodes that are missing from the cache into quarantine, and returns those whose quarantine is over
// and that the API server does not know either, sorted. A quarantine that is over begins anew in the same pass as long as
// pods are bound to the node (gc_controller.go:gcOrphaned, discoverDeletedNodes).
func (c *Collector) deletedNodes(cache *store.View, api *store.Client) []string {
	var gone []string
	for _, name := range slices.Sorted(maps.Keys(c.nodes)) {
		until := c.nodes[name]
		over := !until.IsZero() && !api.Now.Before(until)
		switch {
		case !over && !until.IsZero():
			continue
		case orphans(cache, name):
			c.nodes[name] = api.Now.Add(quarantine)
		default:
			delete(c.nodes, name)
		}
		_, cached := store.Get[*corev1.Node](cache, "", name)
		_, live := store.Get[*corev1.Node](api.View(), "", name)
		if over && !cached && !live {
			gone = append(gone, name)
		}
	}
	return gone
}

// orphans tells whether the node is missing and pods are bound to it.
func orphans(cache *store.View, node string) bool {
	if _, ok := store.Get[*corev1.Node](cache, "", node); ok {
		return false
	}
	for range store.PodsOn(cache, node) {
		return true
	}
	return false
}
