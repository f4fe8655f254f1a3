package scheduler

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// Keys takes a change into the scheduler's picture, and returns the pods to try because of it: a new pod, or those that
// wait for something of this kind (each plugin's EventsToRegister).
func (s *Scheduler) Keys(change store.Change, cache *store.View) []store.Key {
	if !s.listed {
		return s.list(cache)
	}
	s.written.Forget(change)
	switch change.Kind {
	case store.Pod:
		return s.podChanged(change, cache)
	case store.Node:
		return s.nodeChanged(change)
	case store.PersistentVolumeClaim:
		return s.claimChanged(change, cache)
	case store.PersistentVolume:
		s.volumeChanged(change)
		return s.wake(volumeBinding, anyPod)
	case store.StorageClass:
		return s.wake(volumeBinding, anyPod)
	}
	return nil
}

// list takes in all that a cache holds, once, and returns the pods to place.
func (s *Scheduler) list(cache *store.View) []store.Key {
	if s.listed {
		return nil
	}
	s.listed = true
	for node := range store.All[*corev1.Node](cache) {
		s.cluster.setNode(node)
	}
	for volume := range store.All[*corev1.PersistentVolume](cache) {
		s.trackFree(volume.Name, volume)
	}
	var keys []store.Key
	for pod := range store.All[*corev1.Pod](cache) {
		if responsible(pod) {
			keys = append(keys, store.KeyOf(pod))
		} else if pod.Spec.NodeName != "" && !condition.PodTerminal(pod) {
			s.cluster.place(newPodInfo(pod), pod.Spec.NodeName, cache)
		}
	}
	return keys
}

func (s *Scheduler) podChanged(change store.Change, cache *store.View) []store.Key {
	key := change.Key()
	pod, _ := change.New.(*corev1.Pod)
	if pod != nil && pod.Spec.NodeName != "" && !condition.PodTerminal(pod) {
		return s.podPlaced(key, pod, cache)
	}
	known := s.cluster.pods[key]
	if pod != nil && responsible(pod) && (known == nil || known.pod.UID == pod.UID) {
		return s.podPending(key, change, pod)
	}
	s.forget(key)
	var keys []store.Key
	if known != nil {
		s.cluster.remove(key)
		keys = s.wake(nodeResourcesFit|volumeRestrictions|podTopologySpread|interPodAffinity, anyPod)
	}
	if pod != nil && responsible(pod) {
		keys = append(keys, key)
	}
	return keys
}

// podPlaced observes a pod on a node: perhaps one whose company another pod waits for.
func (s *Scheduler) podPlaced(key store.Key, pod *corev1.Pod, cache *store.View) []store.Key {
	known := s.cluster.pods[key]
	seenBefore := known != nil && known.pod.Spec.NodeName != "" && maps.Equal(known.pod.Labels, pod.Labels)
	delete(s.waiting, key)
	delete(s.binding, key)
	s.cluster.observe(pod, cache)
	if seenBefore {
		return nil
	}
	return s.wake(podTopologySpread|interPodAffinity, anyPod)
}

// podPending returns the pod itself, unless only its status changed.
func (s *Scheduler) podPending(key store.Key, change store.Change, pod *corev1.Pod) []store.Key {
	if old, ok := change.Old.(*corev1.Pod); ok && old.UID == pod.UID && responsible(old) &&
		old.Generation == pod.Generation && maps.Equal(old.Labels, pod.Labels) &&
		(old.DeletionTimestamp == nil) == (pod.DeletionTimestamp == nil) {
		return nil
	}
	if w, ok := s.waiting[key]; ok {
		w.woken = true
	}
	return []store.Key{key}
}

func (s *Scheduler) nodeChanged(change store.Change) []store.Key {
	node, _ := change.New.(*corev1.Node)
	if node == nil {
		s.cluster.removeNode(change.Key().Name)
		return s.wake(podTopologySpread, anyPod)
	}
	known := s.cluster.nodes[node.Name]
	helpful := known == nil || known.node == nil || differs(known.node, node)
	s.cluster.setNode(node)
	if !helpful {
		return nil
	}
	return s.wake(anyPlugin&^(volumeRestrictions|podClaims), anyPod)
}

// differs tells whether a node changed in something that a filter looks at. Heartbeats do not.
func differs(old, node *corev1.Node) bool {
	return old.Spec.Unschedulable != node.Spec.Unschedulable || !maps.Equal(old.Labels, node.Labels) ||
		!slices.EqualFunc(old.Spec.Taints, node.Spec.Taints, sameTaint) ||
		!maps.EqualFunc(old.Status.Allocatable, node.Status.Allocatable, quantitiesEqual)
}

// claimChanged wakes the pods that mount the claim.
func (s *Scheduler) claimChanged(change store.Change, cache *store.View) []store.Key {
	claim := change.Key()
	return s.wake(podClaims|volumeBinding|volumeRestrictions, func(key store.Key) bool {
		if key.Namespace != claim.Namespace {
			return false
		}
		pod, ok := store.Get[*corev1.Pod](cache, key.Namespace, key.Name)
		if !ok {
			return false
		}
		for name := range claimNames(pod) {
			if name == claim.Name {
				return true
			}
		}
		return false
	})
}

func (s *Scheduler) volumeChanged(change store.Change) {
	volume, _ := change.New.(*corev1.PersistentVolume)
	s.trackFree(change.Key().Name, volume)
}

func sameTaint(a, b corev1.Taint) bool {
	return a.Key == b.Key && a.Value == b.Value && a.Effect == b.Effect
}

func quantitiesEqual(a, b resource.Quantity) bool { return a.Cmp(b) == 0 }
