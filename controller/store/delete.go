package store

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// delete marks an object as being deleted, removes it, or does both, as two changes.
// Source: k8s.io/apiserver pkg/registry/generic/registry/store.go:Delete, pkg/registry/rest/delete.go:BeforeDelete.
func (s *Store) delete(now time.Time, key Key, opts DeleteOptions) error {
	old, ok := s.view.Object(key)
	if !ok {
		return apierrors.NewNotFound(key.Kind.GroupResource(), key.Name)
	}
	if err := checkOptions(key, old, opts); err != nil {
		return err
	}
	marked := shallow(old)
	meta := metaOf(marked)
	meta.Finalizers = finalizersFor(meta.Finalizers, opts.Propagation)
	seconds := int64(0)
	if pod, ok := marked.(*corev1.Pod); ok {
		var more bool
		if seconds, more = gracePeriod(pod, opts.GracePeriodSeconds); !more {
			return nil
		}
		markDeleted(meta, now, seconds)
	} else if len(meta.Finalizers) > 0 {
		markDeleted(meta, now, 0)
	}
	if !sameDeletion(meta, metaOf(old)) {
		s.commit(key.Kind, old, marked)
		old = marked
	}
	if seconds == 0 && len(meta.Finalizers) == 0 {
		s.commit(key.Kind, old, nil)
	}
	return nil
}

func checkOptions(key Key, old Object, opts DeleteOptions) error {
	if opts.UID != "" && opts.UID != old.GetUID() {
		return apierrors.NewConflict(key.Kind.GroupResource(), key.Name, fmt.Errorf(
			"the UID in the precondition (%s) does not match the UID in record (%s). The object might have been deleted and then recreated",
			opts.UID, old.GetUID()))
	}
	switch metav1.DeletionPropagation(opts.Propagation) {
	case "", metav1.DeletePropagationBackground, metav1.DeletePropagationForeground, metav1.DeletePropagationOrphan:
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: "DeleteOptions"}, "", field.ErrorList{
		field.NotSupported(field.NewPath("propagationPolicy"), opts.Propagation, []string{
			string(metav1.DeletePropagationForeground), string(metav1.DeletePropagationBackground), string(metav1.DeletePropagationOrphan), "nil"}),
	})
}

// finalizersFor returns the finalizers of an object once it is deleted with that propagation: the garbage collector's two
// are set, or removed, by what the propagation says; without any they stay as they are.
func finalizersFor(finalizers []string, propagation string) []string {
	if propagation == "" {
		return finalizers
	}
	result := slices.DeleteFunc(slices.Clone(finalizers), func(f string) bool {
		return f == metav1.FinalizerOrphanDependents || f == metav1.FinalizerDeleteDependents
	})
	switch metav1.DeletionPropagation(propagation) {
	case metav1.DeletePropagationOrphan:
		result = append(result, metav1.FinalizerOrphanDependents)
	case metav1.DeletePropagationForeground:
		result = append(result, metav1.FinalizerDeleteDependents)
	}
	return result
}

// gracePeriod returns the seconds that a pod gets when it is deleted now, and whether that changes anything: a deletion that
// is under way can only be shortened. A negative period is 1 s; a pod that is on no node or has ended gets none.
// Source: pkg/registry/core/pod/strategy.go:CheckGracefulDelete.
func gracePeriod(pod *corev1.Pod, asked *int64) (seconds int64, more bool) {
	if asked != nil && *asked < 0 {
		asked = new(int64(1))
	}
	if pod.DeletionTimestamp != nil {
		left := pod.DeletionGracePeriodSeconds
		if left == nil || *left == 0 {
			return 0, true
		}
		if asked == nil || *asked >= *left {
			return 0, false
		}
		return *asked, true
	}
	if asked == nil {
		asked = pod.Spec.TerminationGracePeriodSeconds
	}
	ended := pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded
	switch {
	case asked == nil || pod.Spec.NodeName == "" || ended:
		return 0, true
	case *asked < 0:
		return 1, true
	}
	return *asked, true
}

// markDeleted sets the time by which an object is to be gone, or moves it forward. The first time counts as a new
// generation, since the object's controllers have to behave differently from then on.
func markDeleted(meta *metav1.ObjectMeta, now time.Time, seconds int64) {
	requested := wholeSeconds(now).Time
	if meta.DeletionTimestamp == nil {
		if meta.Generation > 0 {
			meta.Generation++
		}
	} else {
		requested = meta.DeletionTimestamp.Time
		if left := meta.DeletionGracePeriodSeconds; left != nil {
			requested = requested.Add(-time.Duration(*left) * time.Second)
		}
	}
	meta.DeletionTimestamp = &metav1.Time{Time: requested.Add(time.Duration(seconds) * time.Second)}
	meta.DeletionGracePeriodSeconds = &seconds
}

// sameDeletion tells whether a delete call left everything as it was.
func sameDeletion(a, b *metav1.ObjectMeta) bool {
	return a.DeletionTimestamp.Equal(b.DeletionTimestamp) && slices.Equal(a.Finalizers, b.Finalizers) &&
		(a.DeletionGracePeriodSeconds == nil) == (b.DeletionGracePeriodSeconds == nil) &&
		(a.DeletionGracePeriodSeconds == nil || *a.DeletionGracePeriodSeconds == *b.DeletionGracePeriodSeconds)
}

// deletionCompletes tells whether an update removes the last thing that a deletion waited for.
// Source: k8s.io/apiserver pkg/registry/generic/registry/store.go:ShouldDeleteDuringUpdate.
func deletionCompletes(meta, old *metav1.ObjectMeta) bool {
	return old.DeletionTimestamp != nil && len(meta.Finalizers) == 0 &&
		(old.DeletionGracePeriodSeconds == nil || *old.DeletionGracePeriodSeconds == 0)
}
