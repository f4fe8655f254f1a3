package statefulset

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
)

// passReplicas gives each replica that needs one its turn, by ascending ordinal. Under OrderedReady the first that is not as
// it should be ends the sync; under Parallel errors do, after the rest of the batch.
func (r *run) passReplicas() (end bool, err error) {
	var errs []error
	stop := len(r.replicas)
	for i := r.busy.next(0); i >= 0 && i < stop; i = r.busy.next(i + 1) {
		end, err := r.turn(i)
		if !r.parallel() && (end || err != nil) {
			return true, err
		}
		if err != nil {
			stop = min(stop, batchEnd(i))
			errs = append(errs, err)
		}
	}
	return len(errs) > 0, utilerrors.NewAggregate(errs)
}

// turn does what one replica needs, and tells whether that ends its turn early (stateful_set_control.go:processReplica).
func (r *run) turn(i int) (end bool, err error) {
	m := r.replicas[i]
	if m == nil {
		return r.fill(startOrdinal(r.set) + i)
	}
	if m.is.has(terminal) {
		if m.is.has(terminating) {
			return true, nil
		}
		return true, r.deletePod(m.pod)
	}
	if !m.is.has(created) {
		return r.fill(m.ordinal)
	}
	if m.is.has(pending) {
		if err := r.createMissingClaims(m); err != nil {
			return true, err
		}
	}
	if !r.parallel() && (m.is.has(terminating) || !m.is.has(healthy|available)) {
		return true, nil
	}
	keep := retentionOf(r.set, ownerPod(m.pod.Name, m.pod.UID), true)
	if m.is.has(identified|furnished) && r.ownersSettled(m.ordinal, &keep) {
		return false, nil
	}
	err = r.updatePod(m, &keep)
	return err != nil, err
}

// fill creates the pod of an ordinal. Under the Parallel policy its turn then goes on like that of a pod that was there: a
// claim whose owners could not be settled at once, because somebody else managed it, is looked at a second time.
func (r *run) fill(ordinal int) (end bool, err error) {
	pod, err := r.createPod(ordinal)
	if pod == nil || err != nil || !r.parallel() {
		return true, err
	}
	keep := retentionOf(r.set, ownerPod(pod.Name, ""), true)
	if r.ownersSettled(ordinal, &keep) {
		return false, nil
	}
	err = r.updatePod(&member{pod: pod, ordinal: ordinal, is: identified | furnished}, &keep)
	return err != nil, err
}

// createPod makes the claims of a missing pod, the pod, and then the claims' owner references; a claim of an earlier pod puts
// that off (stateful_pod_control.go:CreateStatefulPod). It returns the pod if that was made.
func (r *run) createPod(ordinal int) (*corev1.Pod, error) {
	if r.blocked(ordinal) {
		return nil, nil
	}
	name := PodName(r.set.Name, ordinal)
	if err := r.createClaims(ordinal); err != nil {
		r.podEvent("Create", name, err)
		return nil, err
	}
	revision := r.revisionFor(ordinal)
	template, err := r.history.template(revision)
	if err != nil {
		return nil, err
	}
	pod := newPod(r.set, template, revision.Name, ordinal)
	_, err = r.apply(Write{Create, pod})
	if apierrors.IsAlreadyExists(err) {
		return nil, err
	}
	keep := retentionOf(r.set, ownerPod(name, ""), true)
	if err := r.settleOwners(ordinal, &keep); err != nil {
		r.podEvent("Update", name, err)
		return nil, err
	}
	r.podEvent("Create", name, err)
	return pod, err
}

// revisionFor returns the revision that a missing pod is made from. With a rolling update that has no parameters it hangs
// on the status as it was last written (stateful_set_utils.go:newVersionedStatefulSetPod).
func (r *run) revisionFor(ordinal int) *appsv1.ControllerRevision {
	if ordinal < startOrdinal(r.set)+r.kept() {
		return r.current
	}
	return r.update
}

// kept returns how many of the first ordinals are made from the current revision.
func (r *run) kept() int {
	strategy := &r.set.Spec.UpdateStrategy
	switch {
	case strategy.RollingUpdate != nil:
		return partition(r.set)
	case strategy.Type == appsv1.RollingUpdateStatefulSetStrategyType:
		return int(r.set.Status.CurrentReplicas)
	}
	return 0
}

// createMissingClaims makes the claims that a pending pod waits for
// (stateful_pod_control.go:createMissingPersistentVolumeClaims).
func (r *run) createMissingClaims(m *member) error {
	if err := r.createClaims(m.ordinal); err != nil {
		return err
	}
	keep := retentionOf(r.set, ownerPod(m.pod.Name, m.pod.UID), true)
	if err := r.settleOwners(m.ordinal, &keep); err != nil {
		r.podEvent("Update", m.pod.Name, err)
		return err
	}
	return nil
}

// updatePod repairs a pod's identity and storage and the owners of its claims. The pod itself is written even if only its
// claims needed it (stateful_pod_control.go:UpdateStatefulPod).
func (r *run) updatePod(m *member, keep *retention) error {
	fixed := repaired(r.set, m.pod, m.ordinal)
	name := fixed.Name
	if !m.is.has(furnished) {
		if err := r.createClaims(m.ordinal); err != nil {
			r.podEvent("Update", name, err)
			return err
		}
	}
	if !r.ownersSettled(m.ordinal, keep) {
		if err := r.settleOwners(m.ordinal, keep); err != nil {
			r.podEvent("Update", name, err)
			return err
		}
	}
	_, err := r.apply(Write{Update, fixed})
	r.podEvent("Update", name, err)
	return err
}

// deletePod deletes whatever has the pod's name. That there is nothing is as good
// (stateful_pod_control.go:DeleteStatefulPod).
func (r *run) deletePod(pod *corev1.Pod) error {
	_, err := r.apply(Write{Delete, pod})
	if apierrors.IsNotFound(err) {
		err = nil
	}
	r.podEvent("Delete", pod.Name, err)
	return err
}
