package statefulset

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// maxUnavailable returns how many pods a rolling update may have unavailable: at least one, a percentage of the wanted
// replicas rounded down (stateful_set_utils.go:getStatefulSetMaxUnavailable).
func maxUnavailable(set *appsv1.StatefulSet) (int, error) {
	rolling := set.Spec.UpdateStrategy.RollingUpdate
	if rolling == nil || rolling.MaxUnavailable == nil {
		return 1, nil
	}
	n, err := intstr.GetScaledValueFromIntOrPercent(rolling.MaxUnavailable, replicaCount(set), false)
	if err != nil {
		return 0, err
	}
	return max(n, 1), nil
}

// rollingUpdate deletes pods that are not of the update revision, as far as the budget goes, from the highest ordinal down to
// the partition (stateful_set_control.go:updateStatefulSetAfterInvariantEstablished).
func (r *run) rollingUpdate() error {
	budget, err := maxUnavailable(r.set)
	if err != nil {
		return err
	}
	old := r.old()
	if old == nil {
		return nil
	}
	budget -= len(r.replicas) - r.fit.count()
	if !r.parallel() || !r.gates.ReplacesUnavailable {
		return r.deleteOld(old, budget)
	}
	broken := old.without(r.fit)
	if err := r.deleteOld(broken, len(r.replicas)); err != nil {
		return err
	}
	return r.deleteOld(old.without(broken), budget)
}

// updateNext is the rolling update without the gate MaxUnavailableStatefulSet: the highest pod that is not of the update
// revision is deleted, once all above it are available (the rest of stateful_set_control.go:updateStatefulSet).
func (r *run) updateNext() error {
	old := r.old()
	if old == nil {
		return nil
	}
	last := len(r.replicas) - 1
	for i := old.prev(last) + 1; i <= last; i++ {
		if !r.fit.has(i) {
			return nil
		}
	}
	return r.deleteOld(old, 1)
}

// old returns the replicas that are not terminating and not of the update revision, or nil if there are none. A pod that was
// missing when the sync began counts by the revision it is made from.
func (r *run) old() bitset {
	kept := min(r.kept(), len(r.replicas))
	if r.current.Name == r.update.Name {
		kept = 0
	}
	old := r.outdated
	for i, copied := r.busy.next(0), false; i >= 0 && i < kept; i = r.busy.next(i + 1) {
		if r.replicas[i] != nil {
			continue
		}
		if !copied {
			old, copied = append(bitset(nil), old...), true
		}
		old.put(i, true)
	}
	if old.next(0) < 0 {
		return nil
	}
	return old
}

// deleteOld deletes up to that many of the given replicas, the highest first, and none below the partition. Each deletion
// takes one off the status' currentReplicas, whatever the pod's revision was: that is how the number can fall below zero.
func (r *run) deleteOld(old bitset, budget int) error {
	for i := old.prev(len(r.replicas) - 1); i >= partition(r.set) && budget > 0; i = old.prev(i - 1) {
		if err := r.deletePod(r.podAt(i)); err != nil {
			return err
		}
		budget--
		r.status.CurrentReplicas--
	}
	return nil
}

// podAt returns a replica, or of one that was missing when the sync began what is needed to delete it.
func (r *run) podAt(i int) *corev1.Pod {
	if m := r.replicas[i]; m != nil {
		return m.pod
	}
	name := PodName(r.set.Name, startOrdinal(r.set)+i)
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: r.set.Namespace}}
}
