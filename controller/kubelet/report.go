package kubelet

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// report is how far the API server knows what the kubelet knows of a pod: pkg/kubelet/status/status_manager.go.
type report struct {
	changed bool              // the pod, or something on the node, is no longer what status was made from
	status  *corev1.PodStatus // what the API should show; nil before the first
	shown   bool              // the cache shows it
	at      time.Time         // when it is sent, the first time or once more; zero: not at all
	news    bool              // it was not sent yet
	sent    time.Time         // when something was sent last
}

// tell reports the pod's status when the API does not show it, and again until it does. What somebody else wrote over it is
// replaced in the same way.
func (w *worker) tell(now time.Time) {
	if w.gone {
		return
	}
	if w.report.changed {
		w.compare(now)
	}
	r := &w.report
	if r.shown || !w.due(now, r.at) {
		return
	}
	w.kubelet.node.UpdatePodStatus(w.pod, *r.status)
	r.news, r.sent, r.at = false, now, now.Add(statusRetry)
	w.due(now, r.at)
}

// compare makes the status anew and plans when to send it.
func (w *worker) compare(now time.Time) {
	r := &w.report
	before := r.status
	if before == nil {
		before = &w.pod.Status
	}
	status := w.status(now, before)
	changed := r.status == nil || !sameStatus(r.status, status)
	r.changed, r.status, r.shown = false, status, sameStatus(&w.pod.Status, status)
	switch {
	case r.shown:
		r.at, r.news = time.Time{}, false
	case changed && !r.news:
		r.at, r.news = now.Add(w.latency("statusReport", "")), true
	case r.at.IsZero(): // somebody else has overwritten it
		r.at = now.Add(w.latency("statusReport", ""))
		if again := r.sent.Add(statusRetry); again.After(r.at) {
			r.at = again
		}
	}
}

func (w *worker) name() types.NamespacedName {
	return types.NamespacedName{Namespace: w.key.Namespace, Name: w.key.Name}
}

// sameStatus compares what the kubelet owns of two statuses.
func sameStatus(a, b *corev1.PodStatus) bool {
	if a.Phase != b.Phase || a.PodIP != b.PodIP || a.HostIP != b.HostIP || !a.StartTime.Equal(b.StartTime) ||
		a.ObservedGeneration != b.ObservedGeneration {
		return false
	}
	for _, kind := range ownConditions {
		if !sameCondition(find(a.Conditions, kind), find(b.Conditions, kind)) {
			return false
		}
	}
	return sameContainers(a.InitContainerStatuses, b.InitContainerStatuses) &&
		sameContainers(a.ContainerStatuses, b.ContainerStatuses)
}

func sameCondition(a, b *corev1.PodCondition) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Status == b.Status && a.ObservedGeneration == b.ObservedGeneration && a.Reason == b.Reason && a.Message == b.Message &&
		a.LastTransitionTime.Equal(&b.LastTransitionTime)
}

func sameContainers(a, b []corev1.ContainerStatus) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := &a[i], &b[i]
		if x.Name != y.Name || x.Ready != y.Ready || x.RestartCount != y.RestartCount || x.Image != y.Image ||
			x.ContainerID != y.ContainerID || !same(x.Started, y.Started, func(a, b bool) bool { return a == b }) ||
			!sameState(x.State, y.State) || !sameState(x.LastTerminationState, y.LastTerminationState) {
			return false
		}
	}
	return true
}

func sameState(a, b corev1.ContainerState) bool {
	return same(a.Waiting, b.Waiting, func(a, b corev1.ContainerStateWaiting) bool { return a == b }) &&
		same(a.Running, b.Running, func(a, b corev1.ContainerStateRunning) bool { return a.StartedAt.Time.Equal(b.StartedAt.Time) }) &&
		same(a.Terminated, b.Terminated, sameEnd)
}

// same compares what two pointers point to.
func same[T any](a, b *T, equal func(a, b T) bool) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a == b || equal(*a, *b)
}

func sameEnd(a, b corev1.ContainerStateTerminated) bool {
	return a.ExitCode == b.ExitCode && a.Reason == b.Reason && a.Message == b.Message && a.ContainerID == b.ContainerID &&
		a.StartedAt.Time.Equal(b.StartedAt.Time) && a.FinishedAt.Time.Equal(b.FinishedAt.Time)
}
