package kubelet

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// statusRetry is how long the kubelet waits before it repeats a call whose effect it does not see:
// pkg/kubelet/status/status_manager.go:syncPeriod.
const statusRetry = 10 * time.Second

// end begins the end of the pod on this node, or hastens it if less time is left than before.
func (w *worker) end(now time.Time) {
	grace := w.gracePeriod()
	switch {
	case w.stage > stopping, w.stage == stopping && grace >= w.grace:
		return
	case w.stage == stopping:
		w.grace = grace
		w.hasten(now)
		return
	}
	w.stage, w.grace = stopping, grace
	w.report.changed = true
	if w.starting != nil {
		w.starting.cancelStart()
		w.starting = nil
	}
	for _, c := range w.containers {
		c.backedOff = false
		switch {
		case c.ending != nil:
			c.noticeAt = now
		case c.state == live && c.stop == nil:
			c.beginStop(now, grace, "Stopping container "+c.spec.Name)
		}
	}
	w.hasten(now)
}

func (w *worker) hasten(now time.Time) {
	for _, c := range w.containers {
		if c.stop != nil {
			c.stop.hasten(now, w.grace)
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
	return time.Duration(max(seconds, 1)) * time.Second
}

// stopContainers tells whether every container of the pod has ended.
func (w *worker) stopContainers(now time.Time) (done bool) {
	for changed := true; changed; {
		changed = false
		for _, c := range w.containers {
			changed = c.step(now) || changed
		}
	}
	for _, c := range w.containers {
		if c.state == live {
			return false
		}
	}
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
