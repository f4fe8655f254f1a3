// Package scheduler finds nodes for pods, as kube-scheduler's default profile does: what must hold (filters), what is
// better (scores), and a seeded choice among the nodes that are equally good. Claims that wait for their first consumer
// are told the node, and the pod is bound once they are.
//
// Of more than 100 nodes some are looked at, in turn. Left out are preemption and priorities, host
// ports, limits on volumes per node, ephemeral storage and extended resources, images that a node has already, and pod
// overhead. Pods with a scheduling gate, or with another scheduler's name, are not touched.
package scheduler

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// Scheduler places pods. Its keys are those of pods. Make it with New.
//
// It keeps its picture of the cluster up to date in Keys, which must therefore hear of every change exactly once and in
// the order of the cache. The first call takes in all that the cache has.
type Scheduler struct {
	choose func(about string, n int) int

	cluster *cluster
	written pv.Written
	free    []string // volumes that are bound to nothing yet, sorted

	waiting map[store.Key]*attempted // pods that were tried and found no node
	binding map[store.Key]*binding   // pods that have a node and wait for their volumes
	queued  int64                    // how many pods ever began to wait: their order
	next    int                      // where the next search for nodes begins

	listed bool
}

// New returns a scheduler that has seen nothing yet. choose picks one of n equally good nodes, 0 ≤ choice < n; about
// tells its choices apart and names the pod.
func New(choose func(about string, n int) int) *Scheduler {
	return &Scheduler{
		choose: choose, cluster: newCluster(), written: pv.Written{},
		waiting: map[store.Key]*attempted{}, binding: map[store.Key]*binding{},
	}
}

// Reconcile tries to place the pod with that key, or sees how its volumes are getting on.
//
// A pod that finds no node is told so by its PodScheduled condition and an event, and is tried again when a change might
// help it, and after five minutes in any case. Kubernetes also makes it wait 1 to 10 seconds after its last attempt, but
// since 1.33 (gate SchedulerPopFromBackoffQ) not while the scheduler has nothing else to do, so here it does not wait.
// Only after an error, as when its volumes cannot be bound, the 1 to 10 seconds are kept.
func (s *Scheduler) Reconcile(key store.Key, cache *store.View, api *store.Client) (again time.Duration, err error) {
	s.list(cache)
	pod, ok := store.Get[*corev1.Pod](cache, key.Namespace, key.Name)
	if !ok || !responsible(pod) || pod.DeletionTimestamp != nil {
		s.forget(key)
		return 0, nil
	}
	if b, ok := s.binding[key]; ok && b.pod.UID == pod.UID {
		return s.proceed(key, b, cache, api)
	}
	if p, ok := s.cluster.pods[key]; ok && p.pod.UID == pod.UID {
		return 0, nil // bound, and the cache does not show it yet
	}
	if w, ok := s.waiting[key]; ok && w.uid == pod.UID && !w.woken && api.Now.Before(w.retry) {
		return w.retry.Sub(api.Now), nil
	}
	return s.schedule(key, pod, cache, api)
}

// schedule makes one attempt.
func (s *Scheduler) schedule(key store.Key, pod *corev1.Pod, cache *store.View, api *store.Client) (time.Duration, error) {
	n, c, failed := s.attempt(pod, cache)
	if failed != nil {
		return s.postpone(key, pod, failed, api)
	}
	s.cluster.place(c.pod, n.name, cache)
	promised, _ := c.volumes.promises(c, n)
	if len(promised) == 0 {
		return 0, s.bind(key, pod, n.name, api)
	}
	if err := s.reserve(promised, n.name, api); err != nil {
		return s.abandon(key, pod, err, api)
	}
	delete(s.waiting, key)
	s.binding[key] = &binding{pod: pod, node: n.name, promised: promised, since: api.Now, check: api.Now.Add(bindPoll)}
	return bindPoll, nil
}

// responsible tells whether a pod is one that this scheduler has to place. Pods that have ended hold nothing any more.
func responsible(pod *corev1.Pod) bool {
	return pod.Spec.NodeName == "" && !condition.PodTerminal(pod) && len(pod.Spec.SchedulingGates) == 0 &&
		(pod.Spec.SchedulerName == "" || pod.Spec.SchedulerName == corev1.DefaultSchedulerName)
}

// forget drops all that is known of a pod that is not to be placed any more.
func (s *Scheduler) forget(key store.Key) {
	delete(s.waiting, key)
	if _, ok := s.binding[key]; ok {
		delete(s.binding, key)
		s.cluster.remove(key)
	}
}
