package statefulset

import (
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// computeStatus works out the status from the pods as they were when the sync began
// (stateful_set_control.go:computeReplicaStatus, updateStatus).
func (r *run) computeStatus() {
	r.status = appsv1.StatefulSetStatus{
		ObservedGeneration: r.set.Generation,
		Replicas:           r.counts.replicas,
		ReadyReplicas:      r.counts.ready,
		AvailableReplicas:  r.counts.available,
		CurrentReplicas:    r.tallyOf(r.current.Name).active,
		UpdatedReplicas:    r.tallyOf(r.update.Name).active,
		CurrentRevision:    r.current.Name,
		UpdateRevision:     r.update.Name,
		CollisionCount:     r.set.Status.CollisionCount,
		Conditions:         r.set.Status.Conditions,
	}
	if r.status.CollisionCount == nil || *r.status.CollisionCount != r.collisions {
		r.status.CollisionCount = new(r.collisions)
	}
	if r.set.DeletionTimestamp != nil {
		r.countStray()
	}
}

// countStray adds the pods without a place, which only a set that is being deleted counts.
func (r *run) countStray() {
	for _, m := range r.stray {
		if !m.is.has(created) {
			continue
		}
		r.status.Replicas++
		if m.is.has(healthy) {
			r.status.ReadyReplicas++
			if m.is.has(available) {
				r.status.AvailableReplicas++
			}
		}
		if m.is.has(terminating) {
			continue
		}
		if m.revision == r.current.Name {
			r.status.CurrentReplicas++
		}
		if m.revision == r.update.Name {
			r.status.UpdatedReplicas++
		}
	}
}

// writeStatus completes a finished update and writes the status if it differs from the set's: collisionCount alone is no
// reason, and a generation is only if it is later (stateful_set_utils.go:completeUpdate, inconsistentStatus).
func (r *run) writeStatus() error {
	wanted := int32(replicaCount(r.set))
	if r.completes() && r.status.UpdatedReplicas == wanted && r.status.ReadyReplicas == wanted && r.status.Replicas == wanted {
		r.status.CurrentReplicas = r.status.UpdatedReplicas
		r.status.CurrentRevision = r.status.UpdateRevision
		if r.recreates() && slices.ContainsFunc(r.status.Conditions, isProgressing) {
			r.progressing(corev1.ConditionFalse, "RecreateCompleted", "All pods recreated successfully")
		}
	}
	if r.gates.MaxUnavailableStatefulSet {
		if _, err := maxUnavailable(r.set); err != nil {
			return err
		}
	}
	if old := &r.set.Status; r.status.ObservedGeneration <= old.ObservedGeneration &&
		r.status.Replicas == old.Replicas && r.status.ReadyReplicas == old.ReadyReplicas &&
		r.status.AvailableReplicas == old.AvailableReplicas && r.status.CurrentReplicas == old.CurrentReplicas &&
		r.status.UpdatedReplicas == old.UpdatedReplicas && r.status.CurrentRevision == old.CurrentRevision &&
		r.status.UpdateRevision == old.UpdateRevision && slices.Equal(r.status.Conditions, old.Conditions) {
		return nil
	}
	set := *r.set
	set.Status = r.status
	_, err := r.apply(Write{UpdateStatus, &set})
	return err
}

// completes tells whether the set's strategy has an end at all.
func (r *run) completes() bool {
	return r.gates.CompletesOnDelete || r.set.Spec.UpdateStrategy.Type == appsv1.RollingUpdateStatefulSetStrategyType
}

// again returns after how long the first pod that is Ready becomes available, and minReadySeconds if there is none that time
// alone will make so (stateful_set.go:syncStatefulSet, pkg/controller/controller_utils.go:FindMinNextPodAvailabilityCheck).
func (r *run) again() time.Duration {
	minReady := time.Duration(r.set.Spec.MinReadySeconds) * time.Second
	if !r.gates.ChecksNextAvailability {
		return r.lookAgain(minReady)
	}
	if minReady == 0 || r.status.ReadyReplicas == r.status.AvailableReplicas {
		return 0
	}
	if next := r.waiting.head(); next != nil {
		return next.due.Sub(r.now)
	}
	return minReady
}

// lookAgain is what again was before Kubernetes 1.36: minReadySeconds after a sync that found pods missing or not available.
// Until then no other time can be set, since the queue has a key once and keeps its earliest time (client-go,
// util/workqueue/delaying_queue.go): a pod that becomes Ready meanwhile is found too young, and waits as long once more.
func (r *run) lookAgain(minReady time.Duration) time.Duration {
	if r.check.After(r.now) {
		return r.check.Sub(r.now)
	}
	if minReady == 0 || int(r.status.AvailableReplicas) == replicaCount(r.set) {
		return 0
	}
	r.check = r.now.Add(minReady)
	return minReady
}
