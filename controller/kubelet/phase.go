package kubelet

import corev1 "k8s.io/api/core/v1"

// phase is the pod's phase: pkg/kubelet/kubelet_pods.go:getPhase. A pod whose containers have all been ended is done for good,
// and never leaves that state; one that never ran has failed once nothing is left of it
// (pkg/kubelet/status/status_manager.go:TerminatePod).
func (w *worker) phase() corev1.PodPhase {
	if terminal(w.pod.Status.Phase) {
		return w.pod.Status.Phase
	}
	n := w.count()
	unstarted := n.initializing || n.waiting > 0
	switch over := w.stage > stopping; {
	case over && n.failedInits == 0 && n.succeeded == n.mains && !unstarted:
		return corev1.PodSucceeded
	case over && (n.failedInits > 0 || !unstarted), w.stage == ended:
		return corev1.PodFailed
	case unstarted:
		return corev1.PodPending
	}
	return corev1.PodRunning
}

// counts says how many of a pod's containers are in which state, as far as the phase depends on it.
type counts struct {
	finished     bool // every main container ended, or an init container failed, and none of them is run again
	initializing bool // an init container still has to do its part
	waiting      int  // containers that never ran

	mains, succeeded, done int // main containers: all, those that ended well, those that ended and are not run again
	failedInits            int // init containers that failed and are not run again
}

func (w *worker) count() counts {
	var n counts
	initialized := w.initialized()
	for _, c := range w.containers {
		switch {
		case c.sidecar:
			n.addSidecar(c, initialized)
		case c.init:
			n.addInit(c)
		default:
			n.addMain(c)
		}
	}
	n.finished = n.failedInits > 0 || n.done == n.mains
	return n
}

func (n *counts) addInit(c *container) {
	switch {
	case c.seen.exit == nil:
		n.initializing = true
	case c.seen.exit.ExitCode != 0 && !c.restarts(c.seen.exit.ExitCode):
		n.failedInits++
	}
}

func (n *counts) addSidecar(c *container, initialized bool) {
	switch {
	case c.seen.running:
		n.initializing = n.initializing || !initialized && !c.started()
	case c.seen.exit == nil:
		n.waiting++
	}
}

func (n *counts) addMain(c *container) {
	n.mains++
	switch {
	case c.seen.running:
	case c.seen.exit == nil:
		n.waiting++
	default:
		if c.seen.exit.ExitCode == 0 {
			n.succeeded++
		}
		if !c.restarts(c.seen.exit.ExitCode) {
			n.done++
		}
	}
}
