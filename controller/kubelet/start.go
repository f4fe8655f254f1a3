package kubelet

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// startNext brings the start of one container nearer, and tells whether anything changed. A pod's containers start one after
// the other, each once its image is there: pkg/kubelet/kuberuntime/kuberuntime_manager.go:SyncPod.
func (w *worker) startNext(now time.Time) (changed bool) {
	c := w.starting
	if c == nil {
		if c = w.next(now); c == nil {
			return false
		}
		w.starting = c
		c.pull(now)
	}
	if !w.due(now, c.until) {
		return false
	}
	if c.state == pulling {
		c.pulled(now)
		c.state = creating
		c.until = now.Add(w.latency("containerStart", c.spec.Name))
		return true
	}
	w.starting = nil
	c.begin(now)
	return true
}

// next returns the container to start now, or nil. Init containers go first, in their order; each must have succeeded, or as
// a sidecar have started, before anything behind it starts. Once the pod is initialized only its sidecars are kept alive:
// pkg/kubelet/kuberuntime/kuberuntime_container.go:computeInitContainerActions.
func (w *worker) next(now time.Time) *container {
	initialized := w.initialized()
	for _, c := range w.containers {
		if initialized && c.init && !c.sidecar {
			continue
		}
		if c.wanted(now) {
			return c
		}
		if c.init && !initialized && !c.passed() {
			return nil
		}
	}
	return nil
}

// initialized tells whether one of the main containers ran in the present sandbox.
func (w *worker) initialized() bool {
	for _, c := range w.containers {
		if !c.init && c.inSandbox {
			return true
		}
	}
	return false
}

// passed tells whether what stands behind this init container may start.
func (c *container) passed() bool {
	if c.sidecar {
		return c.started()
	}
	return c.inSandbox && c.exit != nil && c.exit.ExitCode == 0
}

// wanted tells whether the container is to be started now: it never ran in this sandbox, or it has to run again and its
// back-off is over.
func (c *container) wanted(now time.Time) bool {
	switch {
	case c.state == live:
		return false
	case !c.inSandbox:
		return true
	case !c.restarts(c.exit.ExitCode):
		return false
	}
	if c.worker.due(now, c.backoff.until(c.finishedAt)) {
		return true
	}
	if !c.backedOff {
		c.backedOff = true
		c.worker.report.changed = true
		c.event(corev1.EventTypeWarning, "BackOff",
			fmt.Sprintf("Back-off restarting failed container %s in pod %s", c.spec.Name, c.worker.fullName()))
	}
	return false
}

// restarts tells whether the container is run again after it ended so: k8s.io/kubernetes/pkg/api/v1/pod:ContainerShouldRestart,
// and for an init container kuberuntime_container.go:computeInitContainerActions.
func (c *container) restarts(code int32) bool {
	policy := string(c.worker.pod.Spec.RestartPolicy)
	if c.spec.RestartPolicy != nil {
		policy = string(*c.spec.RestartPolicy)
	}
	switch policy {
	case string(corev1.RestartPolicyNever):
		return false
	case string(corev1.RestartPolicyOnFailure):
		return code != 0
	}
	return code != 0 || !c.init || c.sidecar
}
