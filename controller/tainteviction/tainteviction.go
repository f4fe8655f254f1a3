// Package tainteviction deletes pods from nodes with NoExecute taints that they do not tolerate, or no longer.
package tainteviction

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// Controller is the taint eviction controller (pkg/controller/tainteviction/taint_eviction.go:Controller). Its keys are
// pods. PodDisruptionBudgets mean nothing to it.
type Controller struct {
	evictions map[store.Key]eviction // those that wait for their time
}

// eviction is a deletion that has been put off because the pod tolerates the taints for a while.
type eviction struct {
	since, at time.Time
}

// New returns a controller that has scheduled no eviction.
func New() *Controller { return &Controller{evictions: map[store.Key]eviction{}} }

// Keys names the pods of a node whose NoExecute taints changed, and a pod that came, went, was bound or got other
// tolerations (taint_eviction.go:NodeUpdated, PodUpdated).
func (c *Controller) Keys(change store.Change, cache *store.View) []store.Key {
	switch change.Kind {
	case store.Node:
		if !sameNoExecute(change) {
			return podsOn(cache, change.Object().GetName())
		}
	case store.Pod:
		before, _ := change.Old.(*corev1.Pod)
		after, _ := change.New.(*corev1.Pod)
		if before == nil || after == nil || before.Spec.NodeName != after.Spec.NodeName ||
			!slices.EqualFunc(before.Spec.Tolerations, after.Spec.Tolerations, sameToleration) {
			return []store.Key{change.Key()}
		}
	}
	return nil
}

func podsOn(cache *store.View, node string) []store.Key {
	var keys []store.Key
	for pod := range store.PodsOn(cache, node) {
		keys = append(keys, store.KeyOf(pod))
	}
	return keys
}

// Reconcile deletes the pod, or plans or cancels its deletion, by its node's taints and its tolerations. It asks to be
// called again when a planned deletion is due.
func (c *Controller) Reconcile(key store.Key, cache *store.View, api *store.Client) (time.Duration, error) {
	pod, ok := store.Get[*corev1.Pod](cache, key.Namespace, key.Name)
	if !ok {
		c.cancel(key, api)
		return 0, nil
	}
	node, ok := store.Get[*corev1.Node](cache, "", pod.Spec.NodeName)
	if !ok {
		// What was planned for a node stays planned when the node object goes.
		return c.wait(key, api)
	}
	used, all := matching(noExecute(node), pod.Spec.Tolerations)
	if !all {
		c.cancel(key, api)
		return 0, c.evict(key, api)
	}
	grace, ends := minTolerationTime(used)
	if !ends {
		c.cancel(key, api)
		return 0, nil
	}
	c.plan(key, grace, api)
	return c.wait(key, api)
}

// plan puts the deletion off by grace. What was planned before keeps its time even if the new grace is shorter: upstream
// compares both from the instant of the first plan, and so never brings a deletion forward
// (taint_eviction.go:processPodOnNode).
func (c *Controller) plan(key store.Key, grace time.Duration, api *store.Client) {
	planned, ok := c.evictions[key]
	if ok && planned.since.Before(api.Now) {
		return
	}
	if ok {
		c.cancel(key, api)
	}
	c.evictions[key] = eviction{since: api.Now, at: api.Now.Add(grace)}
}

// wait returns how long it is until the planned deletion, and carries it out if it is due.
func (c *Controller) wait(key store.Key, api *store.Client) (time.Duration, error) {
	planned, ok := c.evictions[key]
	if !ok {
		return 0, nil
	}
	if left := planned.at.Sub(api.Now); left > 0 {
		return left, nil
	}
	if err := c.evict(key, api); err != nil {
		return 0, err
	}
	delete(c.evictions, key)
	return 0, nil
}

func (c *Controller) cancel(key store.Key, api *store.Client) {
	if _, ok := c.evictions[key]; !ok {
		return
	}
	delete(c.evictions, key)
	api.Event(reference(key), corev1.EventTypeNormal, "TaintManagerEviction",
		fmt.Sprintf("Cancelling deletion of Pod %s/%s", key.Namespace, key.Name))
}

// evict marks the pod as the target of a disruption and deletes it with its own grace period
// (taint_eviction.go:addConditionAndDeletePod).
func (c *Controller) evict(key store.Key, api *store.Client) error {
	api.Event(reference(key), corev1.EventTypeNormal, "TaintManagerEviction",
		fmt.Sprintf("Marking for deletion Pod %s/%s", key.Namespace, key.Name))
	live, ok := store.Get[*corev1.Pod](api.View(), key.Namespace, key.Name)
	if !ok {
		return nil
	}
	marked := *live
	if condition.SetPod(&marked.Status, corev1.PodCondition{
		Type:               corev1.DisruptionTarget,
		Status:             corev1.ConditionTrue,
		ObservedGeneration: live.Generation,
		Reason:             "DeletionByTaintManager",
		Message:            "Taint manager: deleting due to NoExecute taint",
	}, api.Now) {
		if _, err := api.UpdateStatus(&marked); err != nil {
			return err
		}
	}
	if err := api.Delete(key, store.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	return nil
}

// reference stands for a pod that an Event is about when the pod itself may be gone.
func reference(key store.Key) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
}
