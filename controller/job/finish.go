package job

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
)

// judge finds out whether the Job ends now: because that was decided before, because too many pods have failed, or because it
// has been active for too long. Otherwise it asks to look again at the deadline.
func (s *sync) judge() {
	if s.finished = condition.Job(&s.job.Status, batchv1.JobSuccessCriteriaMet); s.finished != nil {
		return
	}
	deadline := s.job.Spec.ActiveDeadlineSeconds
	switch target := condition.Job(&s.job.Status, batchv1.JobFailureTarget); {
	case target != nil:
		s.finished = s.condition(batchv1.JobFailed, target.Reason, target.Message)
	case s.failed > *s.job.Spec.BackoffLimit || s.pastRestarts():
		s.finished = s.condition(batchv1.JobFailureTarget, batchv1.JobReasonBackoffLimitExceeded, "Job has reached the specified backoff limit")
	case deadline == nil || s.suspended():
	default:
		until := s.job.Status.StartTime.Add(time.Duration(*deadline) * time.Second)
		if until.After(s.api.Now) {
			s.memory.later(until)
			return
		}
		s.finished = s.condition(batchv1.JobFailureTarget, batchv1.JobReasonDeadlineExceeded, "Job was active longer than specified deadline")
	}
}

// pastRestarts tells whether the containers of pods with the restart policy OnFailure were started again too often
// (job_controller.go:pastBackoffLimitOnFailure).
func (s *sync) pastRestarts() bool {
	if s.job.Spec.Template.Spec.RestartPolicy != corev1.RestartPolicyOnFailure {
		return false
	}
	restarts := int32(0)
	for _, pod := range s.pods {
		if phase := pod.Status.Phase; phase != corev1.PodRunning && phase != corev1.PodPending {
			continue
		}
		for _, statuses := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
			for i := range statuses {
				restarts += statuses[i].RestartCount
			}
		}
	}
	return restarts >= max(*s.job.Spec.BackoffLimit, 1)
}

// finish gives the Job its last condition, unless pods still have to end or to be counted (job_controller.go:enactJobFinished).
func (s *sync) finish() bool {
	status := &s.job.Status
	if s.finished == nil || s.terminating > 0 || len(status.UncountedTerminatedPods.Succeeded)+len(status.UncountedTerminatedPods.Failed) > 0 {
		return false
	}
	s.ensure(s.finished)
	if s.finished.Type == batchv1.JobComplete {
		status.CompletionTime = &s.finished.LastTransitionTime
	}
	return true
}

// tellFinished records how the Job ended (job_controller.go:recordJobFinished).
func (s *sync) tellFinished() {
	if s.finished.Type != batchv1.JobComplete {
		s.api.Event(s.job, corev1.EventTypeWarning, s.finished.Reason, s.finished.Message)
		return
	}
	if completions := s.job.Spec.Completions; completions != nil && s.job.Status.Succeeded > *completions {
		s.api.Event(s.job, corev1.EventTypeWarning, "TooManySucceededPods", "Too many succeeded pods running after completion count reached")
	}
	s.api.Event(s.job, corev1.EventTypeNormal, "Completed", "Job completed")
}

// condition makes one that is True from now on.
func (s *sync) condition(t batchv1.JobConditionType, reason, message string) *batchv1.JobCondition {
	return &batchv1.JobCondition{Type: t, Status: corev1.ConditionTrue, Reason: reason, Message: message,
		LastProbeTime: *s.stamp(), LastTransitionTime: *s.stamp()}
}

// ensure puts a condition into the status and tells whether that changed anything. One that is False is not put where there is
// none (job_controller.go:ensureJobConditionStatus).
func (s *sync) ensure(c *batchv1.JobCondition) bool {
	list := s.job.Status.Conditions
	for i := range list {
		if list[i].Type != c.Type {
			continue
		}
		if list[i].Status == c.Status && list[i].Reason == c.Reason && list[i].Message == c.Message {
			return false
		}
		list[i], s.changed = *c, true
		return true
	}
	if c.Status == corev1.ConditionFalse {
		return false
	}
	s.job.Status.Conditions, s.changed = append(list, *c), true
	return true
}
