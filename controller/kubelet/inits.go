package kubelet

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// planInits queues the init containers that are to be started, in their order, and tells whether the pod is initialized
// (pkg/kubelet/kuberuntime/kuberuntime_container.go:computeInitContainerActions). What counts is the last one that ran in the
// present sandbox: those before it have done their part, and only their sidecars are kept alive.
func (w *worker) planInits() (initialized bool) {
	inits := w.containers[:len(w.pod.Spec.InitContainers)]
	initialized = len(inits) == 0 || w.initialized()
	passed := initialized
	w.queue = w.queue[:0]
	for i := len(inits) - 1; i >= 0; i-- {
		c := inits[i]
		switch {
		case !c.seen.here:
			continue
		case c.succeeded() && i == len(inits)-1:
			initialized = true
		case c.succeeded() && !passed:
			w.queue = append(w.queue, inits[i+1])
		}
		if c.wanted() || c.unhealthy() {
			w.queue = append(w.queue, c)
		}
		passed = true
	}
	if !passed {
		w.queue = append(w.queue, inits[0])
	}
	slices.Reverse(w.queue)
	return initialized
}

// succeeded tells, of an init container, whether what stands behind it may start: it has ended well, or as a sidecar has started.
func (c *container) succeeded() bool {
	if c.sidecar {
		return c.started()
	}
	return c.seen.exit != nil && c.seen.exit.ExitCode == 0
}

// initialized tells whether one of the main containers ran in the present sandbox.
func (w *worker) initialized() bool {
	for _, c := range w.containers {
		if !c.init && c.seen.here {
			return true
		}
	}
	return false
}

// wanted tells whether the container, which does not run, is to be started: it never ran, or it is to run again
// (pkg/kubelet/container/helpers.go:ShouldContainerBeRestarted).
func (c *container) wanted() bool {
	return !c.seen.running && (c.seen.exit == nil || c.restarts(c.seen.exit.ExitCode))
}

// restarts tells whether the container is run again after it ended so: k8s.io/kubernetes/pkg/api/v1/pod:ContainerShouldRestart,
// and for an init container kuberuntime_container.go:computeInitContainerActions.
func (c *container) restarts(code int32) bool {
	switch {
	case c.init && !c.sidecar && code == 0:
		return false
	case c.spec.RestartPolicy != nil && c.restartRule(code):
		return true
	case c.policy() == corev1.ContainerRestartPolicyOnFailure:
		return code != 0
	}
	return c.policy() != corev1.ContainerRestartPolicyNever
}

// policy is the container's own restart policy, or else the pod's.
func (c *container) policy() corev1.ContainerRestartPolicy {
	if c.spec.RestartPolicy != nil {
		return *c.spec.RestartPolicy
	}
	return corev1.ContainerRestartPolicy(c.worker.pod.Spec.RestartPolicy)
}

// restartRule tells whether the first of the container's rules that matches an exit code restarts it.
func (c *container) restartRule(code int32) bool {
	for _, rule := range c.spec.RestartPolicyRules {
		if rule.ExitCodes == nil {
			continue
		}
		in := slices.Contains(rule.ExitCodes.Values, code)
		if in == (rule.ExitCodes.Operator == corev1.ContainerRestartRuleOnExitCodesOpIn) {
			return rule.Action == corev1.ContainerRestartRuleActionRestart
		}
	}
	return false
}
