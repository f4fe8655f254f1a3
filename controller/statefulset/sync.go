package statefulset

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
)

// run is one sync.
type run struct {
	*State
	apply   Apply
	live    *appsv1.StatefulSet
	events  []Event
	written map[claimKey]*corev1.PersistentVolumeClaim // claims that this sync has made or changed

	current, update *appsv1.ControllerRevision
	collisions      int32
	status          appsv1.StatefulSetStatus
}

// Sync decides and, through apply, does what the controller does in one sync at the given time. live is the set as the API
// server has it at this moment, nil if it is gone; it is read only before something is adopted
// (stateful_set.go:sync, syncStatefulSet).
func (s *State) Sync(live *appsv1.StatefulSet, now time.Time, apply Apply) Outcome {
	if s.selector == nil {
		return Outcome{} // A selector that makes no sense is nothing that another try would mend.
	}
	s.advance(now)
	r := run{State: s, apply: apply, live: live}
	err := r.sync()
	outcome := Outcome{Status: r.status, Events: r.events, Err: err}
	if err == nil {
		outcome.Again = r.again()
	}
	return outcome
}

func (r *run) sync() error {
	if err := r.adoptRevisions(); err != nil {
		return err
	}
	if err := r.claimPods(); err != nil {
		return err
	}
	err := r.performUpdate()
	if truncated := r.truncate(); err == nil {
		return truncated
	} else if truncated != nil {
		return utilerrors.NewAggregate([]error{err, truncated})
	}
	return err
}

// performUpdate changes pods and claims, and writes the status if it came so far; an error before this one counts for more
// than an error of the status (stateful_set_control.go:performUpdate).
func (r *run) performUpdate() error {
	if err := r.chooseRevisions(); err != nil {
		return err
	}
	if r.recreates() && !r.gates.StatefulSetRecreateStrategy {
		return r.refuseRecreate()
	}
	r.markOutdated(r.update.Name)
	r.computeStatus()
	err := r.changePods()
	if statusErr := r.writeStatus(); err == nil {
		err = statusErr
	}
	return err
}

// changePods runs the passes in their order. Each may end the sync: under OrderedReady by waiting for a pod, else only by an
// error (stateful_set_control.go:updateStatefulSet).
func (r *run) changePods() error {
	if r.set.DeletionTimestamp != nil {
		return nil
	}
	if r.recreates() {
		if end, err := r.recreate(); end || err != nil {
			return err
		}
	}
	if end, err := r.passReplicas(); end || err != nil {
		return err
	}
	if err := r.settleCondemned(); err != nil {
		return err
	}
	if end, err := r.passCondemned(); end || err != nil {
		return err
	}
	switch {
	case r.set.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType, r.recreates():
		return nil
	case r.gates.MaxUnavailableStatefulSet:
		return r.rollingUpdate()
	}
	return r.updateNext()
}

// parallel tells whether pods are made and removed without regard to their order.
func (r *run) parallel() bool {
	return r.set.Spec.PodManagementPolicy == appsv1.ParallelPodManagement
}

// batchEnd returns where the batch of parallel turns ends that i is in: batches begin with one turn and double up to 500. All
// turns of a batch are taken even if one fails; no further batch is begun (stateful_set_control.go:slowStartBatch).
func batchEnd(i int) int {
	const largest = 500
	end := 0
	for size := 1; ; size = min(2*size, largest) {
		if end += size; i < end {
			return end
		}
	}
}
