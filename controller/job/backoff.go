package job

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
)

// How long a Job waits before it makes a pod after the first failure, and at most (job_controller.go:DefaultJobPodFailureBackOff,
// MaxJobPodFailureBackOff).
const (
	firstBackOff   = 10 * time.Second
	longestBackOff = 10 * time.Minute
)

// backoff counts the pods that failed in a row (pkg/controller/job/backoff_utils.go:backoffRecord).
type backoff struct {
	failures int
	last     time.Time // when the last of them ended
}

// after is the count once some more pods have ended: a success ends the row (backoff_utils.go:newBackoffRecord).
func (b backoff) after(succeeded, failed []*corev1.Pod) backoff {
	var success time.Time
	if len(succeeded) > 0 {
		b = backoff{}
	}
	for _, pod := range succeeded {
		success = latest(success, endOf(pod))
	}
	for _, pod := range failed {
		if end := endOf(pod); end.After(success) {
			b.failures++
			b.last = latest(b.last, end)
		}
	}
	return b
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// remaining is how long the next pod still has to wait (backoff_utils.go:getRemainingTimeForFailuresCount).
func (b backoff) remaining(now time.Time) time.Duration {
	if b.failures == 0 {
		return 0
	}
	wait := firstBackOff
	for range b.failures - 1 {
		wait = min(2*wait, longestBackOff)
	}
	return max(0, wait-now.Sub(b.last))
}

// endOf is when a pod ended, as far as can be told: its last container, or the loss of its readiness, or its deletion
// (backoff_utils.go:getFinishedTime).
func endOf(pod *corev1.Pod) time.Time {
	if end, ok := endOfContainers(pod); ok {
		return end
	}
	if ready := condition.Pod(&pod.Status, corev1.PodReady); ready != nil && ready.Status == corev1.ConditionFalse && !ready.LastTransitionTime.IsZero() {
		return ready.LastTransitionTime.Time
	}
	if pod.DeletionTimestamp == nil {
		return pod.CreationTimestamp.Time
	}
	grace := int64(0)
	if pod.DeletionGracePeriodSeconds != nil {
		grace = *pod.DeletionGracePeriodSeconds
	}
	return pod.DeletionTimestamp.Add(-time.Duration(grace) * time.Second)
}

// endOfContainers is when the last container ended; false if one has not. Sidecars, which end last, are not looked at.
func endOfContainers(pod *corev1.Pod) (end time.Time, ok bool) {
	for i := range pod.Status.ContainerStatuses {
		terminated := pod.Status.ContainerStatuses[i].State.Terminated
		if terminated == nil || terminated.FinishedAt.IsZero() {
			return time.Time{}, false
		}
		end = latest(end, terminated.FinishedAt.Time)
	}
	return end, len(pod.Status.ContainerStatuses) > 0
}
