package job

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// manage makes or deletes pods, so that as many are active as are wanted, and returns how many are. After failures it waits
// before it makes another (job_controller.go:manageJob).
func (s *sync) manage(active int32) (int32, error) {
	if s.suspended() {
		return s.shrink(active, 0)
	}
	wanted := s.wanted(active)
	if active > wanted {
		return s.shrink(active, wanted)
	}
	missing := wanted - active
	if s.onlyReplacesFailed() {
		missing -= s.terminating
	}
	if missing <= 0 {
		return active, nil
	}
	if wait := s.backoff.remaining(s.api.Now); wait > 0 {
		s.memory.later(s.api.Now.Add(max(wait, batchPeriod)))
		return active, nil
	}
	for range missing {
		if err := s.createPod(); err != nil {
			return active, err
		}
		active++
	}
	return active, nil
}

// wanted is how many pods are to be active: never more than can still be needed.
func (s *sync) wanted(active int32) int32 {
	spec := &s.job.Spec
	switch {
	case spec.Completions != nil:
		return max(0, min(*spec.Completions-s.succeeded, *spec.Parallelism))
	case s.succeeded > 0:
		return active
	}
	return *spec.Parallelism
}

// createPod makes a pod of the template. Its name is the store's choice: Kubernetes takes it from a random number, and the store
// from how many objects there were, so that it is the same in every run.
func (s *sync) createPod() error {
	template := &s.job.Spec.Template
	pod, err := s.api.Create(&corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: s.job.Namespace, GenerateName: s.job.Name + "-",
			Labels: maps.Clone(template.Labels), Annotations: maps.Clone(template.Annotations),
			Finalizers:      append(slices.Clone(template.Finalizers), batchv1.JobTrackingFinalizer),
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(s.job, store.Job.GroupVersionKind())},
		},
		Spec: *template.Spec.DeepCopy(),
	})
	if err != nil {
		s.api.Event(s.job, corev1.EventTypeWarning, "FailedCreate", fmt.Sprintf("Error creating: %v", err))
		return err
	}
	s.memory.wrote.remember(pod)
	s.api.Event(s.job, corev1.EventTypeNormal, "SuccessfulCreate", "Created pod: "+pod.GetName())
	return nil
}

// shrink deletes pods until only so many are active, and lets them go uncounted: first those that have come least far
// (job_controller.go:activePodsForRemoval, deleteJobPods).
func (s *sync) shrink(active, wanted int32) (int32, error) {
	surplus := slices.SortedStableFunc(slices.Values(s.active), leastFar)[:active-wanted]
	var errs []error
	for _, pod := range surplus {
		errs = append(errs, s.release(pod))
	}
	deleted, err := s.deletePods(surplus)
	return active - deleted, errors.Join(append(errs, err)...)
}

// leastFar puts pods in the order in which they are given up (pkg/controller/controller_utils.go:ActivePods.Less); restarts and
// the time since a pod is ready are not compared.
func leastFar(a, b *corev1.Pod) int {
	return cmp.Or(
		order(a.Spec.NodeName == "", b.Spec.NodeName == ""),
		order(a.Status.Phase == corev1.PodPending, b.Status.Phase == corev1.PodPending),
		order(!condition.PodReady(a), !condition.PodReady(b)),
		b.CreationTimestamp.Compare(a.CreationTimestamp.Time),
	)
}

// order puts what is so before what is not.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// deletePods deletes pods and returns how many of them are being deleted now (job_controller.go:deleteActivePods).
func (s *sync) deletePods(pods []*corev1.Pod) (deleted int32, err error) {
	var errs []error
	for _, pod := range pods {
		key := store.KeyOf(pod)
		switch err := s.api.Delete(key, store.DeleteOptions{}); {
		case err == nil:
			s.api.Event(s.job, corev1.EventTypeNormal, "SuccessfulDelete", "Deleted pod: "+pod.Name)
			if marked, ok := s.api.View().Object(key); ok {
				s.memory.wrote.remember(marked)
			}
		case !apierrors.IsNotFound(err):
			s.api.Event(s.job, corev1.EventTypeWarning, "FailedDelete", fmt.Sprintf("Error deleting: %v", err))
			errs = append(errs, err)
			continue
		}
		deleted++
		s.terminating++
		if condition.PodReady(pod) {
			s.ready--
		}
	}
	return deleted, errors.Join(errs...)
}
