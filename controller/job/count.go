package job

import (
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

// count takes the pods that ended into the status, in two steps, so that none is counted twice: their UIDs first, and the
// numbers once the pods have lost their finalizer. Then it ends the Job, if it is over
// (job_controller.go:trackJobStatusAndRemoveFinalizers).
func (s *sync) count() error {
	left := map[types.UID]bool{}
	for _, pod := range s.pods {
		if isTracked(pod) {
			left[pod.UID] = true
		}
	}
	s.settle(left)
	ended := s.nameEnded()
	s.announce()
	if s.changed {
		if err := s.write(); err != nil {
			return err
		}
	}
	s.memory.backoff = s.backoff
	for _, pod := range ended {
		if err := s.release(pod); err != nil {
			return err
		}
		delete(left, pod.UID)
	}
	s.settle(left)
	over := s.finish()
	if s.changed {
		if err := s.write(); err != nil {
			return err
		}
	}
	if over {
		s.tellFinished()
	}
	return nil
}

// settle counts the pods that the status names and that are not among those which still have the finalizer
// (job_controller.go:cleanUncountedPodsWithoutFinalizers).
func (s *sync) settle(left map[types.UID]bool) {
	status := &s.job.Status
	for _, c := range []struct {
		named *[]types.UID
		count *int32
	}{{&status.UncountedTerminatedPods.Succeeded, &status.Succeeded}, {&status.UncountedTerminatedPods.Failed, &status.Failed}} {
		waiting := slices.DeleteFunc(slices.Clone(*c.named), func(uid types.UID) bool { return !left[uid] })
		if counted := len(*c.named) - len(waiting); counted > 0 {
			*c.count += int32(counted)
			*c.named, s.changed = waiting, true
		}
	}
}

// nameEnded puts the pods that ended into the status and returns those that can lose their finalizer. Once the Job has failed or is
// deleted those are all of them: a pod that did not end by itself has failed then.
func (s *sync) nameEnded() (ended []*corev1.Pod) {
	to := s.job.Status.UncountedTerminatedPods
	lost := s.finished != nil && s.finished.Type != batchv1.JobSuccessCriteriaMet
	for _, pod := range s.pods {
		succeeded, failed := pod.Status.Phase == corev1.PodSucceeded, s.podFailed(pod)
		over := s.job.DeletionTimestamp != nil || s.finished != nil
		if !isTracked(pod) || !succeeded && !failed && !over {
			continue
		}
		ended = append(ended, pod)
		switch {
		case s.uncounted(pod):
		case succeeded:
			to.Succeeded, s.changed = append(to.Succeeded, pod.UID), true
		case failed || lost:
			to.Failed, s.changed = append(to.Failed, pod.UID), true
		}
	}
	return ended
}

// announce writes down that the Job is going to end, and prepares the condition that it gets when it has.
func (s *sync) announce() {
	switch c := s.finished; {
	case c == nil || c.Type == batchv1.JobFailed:
	case c.Type == batchv1.JobFailureTarget:
		s.ensure(c)
		s.finished = s.condition(batchv1.JobFailed, c.Reason, c.Message)
	default:
		s.ensure(c)
		s.finished = s.condition(batchv1.JobComplete, c.Reason, c.Message)
	}
}

// write stores the status as it is now.
func (s *sync) write() error {
	stored, err := s.api.UpdateStatus(s.job.DeepCopy())
	if err != nil {
		return err
	}
	s.memory.wrote.remember(stored)
	s.job, s.changed = stored.(*batchv1.Job).DeepCopy(), false
	return nil
}

// release takes the finalizer off a pod of the Job.
func (s *sync) release(pod *corev1.Pod) error {
	stored, err := release(pod, s.api)
	if stored != nil && err == nil {
		s.memory.wrote.remember(stored)
	}
	return err
}

// release takes the finalizer off a pod, and returns what is stored then: nil if there is nothing to do any more.
func release(pod *corev1.Pod, api *store.Client) (store.Object, error) {
	live, ok := store.Get[*corev1.Pod](api.View(), pod.Namespace, pod.Name)
	if !ok || live.UID != pod.UID || !isTracked(live) {
		return nil, nil
	}
	free := live.DeepCopy()
	free.Finalizers = slices.DeleteFunc(free.Finalizers, func(name string) bool { return name == batchv1.JobTrackingFinalizer })
	return api.Update(free)
}
