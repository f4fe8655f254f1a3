package statefulset

import (
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
)

// recreates tells whether the set asks for the update strategy Recreate.
func (r *run) recreates() bool {
	return r.set.Spec.UpdateStrategy.Type == appsv1.RecreateStatefulSetStrategyType
}

// refuseRecreate is the end of a sync that asks for a strategy whose gate is off (stateful_set_control.go:updateStatefulSet).
func (r *run) refuseRecreate() error {
	err := fmt.Errorf("statefulset %s/%s uses Recreate strategy but feature gate StatefulSetRecreateStrategy is disabled",
		r.set.Namespace, r.set.Name)
	r.event(corev1.EventTypeWarning, "UnknownStrategy", err.Error())
	return err
}

// recreate deletes all pods that are not of the update revision, at once and under either policy, and ends the sync as long
// as one of them is left. Only then are pods made (stateful_set_control.go:recreateDeleteAndWait).
func (r *run) recreate() (end bool, err error) {
	left, err := r.deleteAllOld()
	switch {
	case err != nil:
		return true, err
	case left:
		r.progressing(corev1.ConditionTrue, "RecreateInProgress", "Deleting old revision pods")
		return true, nil
	case r.current.Name != r.update.Name:
		r.progressing(corev1.ConditionTrue, "RecreateInProgress", "Waiting for new-revision pods to be created")
	}
	return false, nil
}

// deleteAllOld deletes the pods that are not of the update revision, and tells whether there were any, terminating ones
// included. A missing pod takes up a place in the batches, too.
func (r *run) deleteAllOld() (left bool, err error) {
	var errs []error
	all := append(slices.Clone(r.replicas), r.condemned...)
	slices.Reverse(all[len(r.replicas):])
	stop := len(all)
	for i := 0; i < stop; i++ {
		m := all[i]
		if m == nil || !m.is.has(created) || m.revision == r.update.Name {
			continue
		}
		left = true
		if m.is.has(terminating) {
			continue
		}
		if err := r.deletePod(m.pod); err != nil {
			stop = min(stop, batchEnd(i))
			errs = append(errs, err)
		}
	}
	return left, utilerrors.NewAggregate(errs)
}

// progressing sets the condition Progressing, whose time moves only if its status changes
// (stateful_set_utils.go:setProgressingCondition).
func (r *run) progressing(status corev1.ConditionStatus, reason, message string) {
	next := appsv1.StatefulSetCondition{
		Type: appsv1.StatefulSetProgressing, Status: status, Reason: reason, Message: message, LastTransitionTime: metav1.NewTime(r.now),
	}
	conditions := slices.Clone(r.status.Conditions) // The set's own, so far.
	i := slices.IndexFunc(conditions, isProgressing)
	if i < 0 {
		r.status.Conditions = append(conditions, next)
		return
	}
	if conditions[i].Status == status {
		next.LastTransitionTime = conditions[i].LastTransitionTime
	}
	conditions[i] = next
	r.status.Conditions = conditions
}

func isProgressing(c appsv1.StatefulSetCondition) bool {
	return c.Type == appsv1.StatefulSetProgressing
}
