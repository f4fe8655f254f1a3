package kubelet

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// statusRetry is how long the kubelet waits before it repeats a call whose effect it does not see:
// pkg/kubelet/status/status_manager.go:syncPeriod.
const statusRetry = 10 * time.Second

// end begins the end of the pod on this node: pkg/kubelet/kubelet.go:SyncTerminatingPod.
func (w *worker) end(now time.Time) {
	w.stage = stopping
	w.look()
	w.stopAll(now)
}

// stopAll begins to end all containers that run, each with the whole grace period.
func (w *worker) stopAll(now time.Time) {
	w.report.changed = true
	grace := w.gracePeriod()
	for _, c := range w.containers {
		c.seen.waiting = nil
		if c.process != nil {
			c.beginStop(now, grace, "Stopping container "+c.spec.Name)
		}
	}
}

// gracePeriod is how long the pod's containers may take to end: pkg/kubelet/pod_workers.go:calculateEffectiveGracePeriod.
// A pod that was deleted by force has a grace period of 0, unless the kubelet was cut off and finds it gone: then it is known
// by an older state, and its containers get what its spec grants them.
func (w *worker) gracePeriod() time.Duration {
	seconds := int64(corev1.DefaultTerminationGracePeriodSeconds)
	switch {
	case w.pod.DeletionGracePeriodSeconds != nil:
		seconds = *w.pod.DeletionGracePeriodSeconds
	case w.pod.Spec.TerminationGracePeriodSeconds != nil:
		seconds = *w.pod.Spec.TerminationGracePeriodSeconds
	}
	grace := time.Duration(seconds) * time.Second
	if w.evicted != nil {
		grace = min(grace, w.evicted.Grace)
	}
	return max(grace, time.Second)
}

// stopContainers tells whether every container of the pod has ended. Until then the pod is not looked at: what its status says
// of its containers stays.
func (w *worker) stopContainers(now time.Time) (done bool) {
	for changed := true; changed; {
		changed = false
		for _, c := range w.containers {
			changed = c.step(now) || changed
		}
	}
	for _, c := range w.containers {
		if c.process != nil {
			return false
		}
	}
	w.look()
	w.relist = time.Time{}
	w.relistSoon(now)
	w.report.changed = true
	return true
}

// deletePod lets the pod vanish from the API, once that was asked for and the API knows that the pod's containers ended:
// pkg/kubelet/status/status_manager.go:canBeDeleted.
func (w *worker) deletePod(now time.Time) {
	if w.gone || w.pod.DeletionTimestamp == nil || !terminal(w.pod.Status.Phase) {
		return
	}
	if w.deleteSent.IsZero() || w.due(now, w.deleteSent.Add(statusRetry)) {
		w.kubelet.node.DeletePod(w.name(), w.pod.UID)
		w.deleteSent = now
		w.due(now, now.Add(statusRetry))
	}
}
