package statefulset

import (
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
)

// canAdopt tells why nothing may be adopted: the set has gone, was replaced or is being deleted, which the cache may not know
// yet (stateful_set.go:canAdoptFunc, pkg/controller/controller_ref_manager.go:RecheckDeletionTimestamp).
func (r *run) canAdopt() error {
	switch {
	case r.live == nil:
		return apierrors.NewNotFound(setResource, r.set.Name)
	case r.live.UID != r.set.UID:
		return fmt.Errorf("original StatefulSet %s/%s is gone: got uid %s, wanted %s", r.set.Namespace, r.set.Name, r.live.UID, r.set.UID)
	case r.live.DeletionTimestamp != nil:
		return fmt.Errorf("%s/%s has just been deleted at %s", r.set.Namespace, r.set.Name, r.live.DeletionTimestamp)
	}
	return nil
}

// claimPods lets go of the set's pods that don't match it any more and takes those that match and belong to nobody
// (controller_ref_manager.go:ClaimPods). A set that is being deleted does neither.
func (r *run) claimPods() error {
	if len(r.strangers) == 0 || r.set.DeletionTimestamp != nil {
		return nil
	}
	var errs []error
	for _, place := range []place{release, adopt} {
		for _, m := range slices.Clone(r.strangers) {
			if m.place != place {
				continue
			}
			if err := r.claimPod(m); err != nil && !apierrors.IsNotFound(err) {
				errs = append(errs, err)
			}
		}
	}
	return utilerrors.NewAggregate(errs)
}

func (r *run) claimPod(m *member) error {
	pod := *m.pod
	if m.place == release {
		pod.OwnerReferences = slices.DeleteFunc(slices.Clone(m.pod.OwnerReferences), func(ref metav1.OwnerReference) bool {
			return ref.UID == r.set.UID
		})
		_, err := r.apply(Write{Patch, &pod})
		if apierrors.IsInvalid(err) {
			return nil // It is another pod by now, or has no owner any more: released either way.
		}
		return err
	}
	if err := r.canAdopt(); err != nil {
		return fmt.Errorf("can't adopt Pod %s/%s (%s): %v", pod.Namespace, pod.Name, pod.UID, err)
	}
	pod.OwnerReferences = append(slices.Clone(pod.OwnerReferences), ownerSet(r.set).reference())
	if _, err := r.apply(Write{Patch, &pod}); err != nil {
		return err
	}
	r.remove(m)
	r.enter(m.pod, m.ordinal, replica)
	return nil
}
