package kubelet

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// answered counts an answer, and tells whether the result changed. After a startup probe has made up its mind, or a liveness
// probe has failed, it asks no more before the container runs anew: pkg/kubelet/prober/worker.go:doProbe.
func (c *container) answered(now time.Time, p *probe, err error) (changed bool) {
	answer, threshold := success, max(p.spec.SuccessThreshold, 1)
	if err != nil {
		answer, threshold = failure, p.spec.FailureThreshold
		if threshold == 0 {
			threshold = 3
		}
		c.event(corev1.EventTypeWarning, "Unhealthy", string(p.kind)+" probe failed: "+err.Error())
	}
	if p.last != answer {
		p.last, p.count = answer, 0
	}
	p.count++
	if p.count < threshold {
		return false
	}
	if p.kind == StartupProbe || p.kind == LivenessProbe && answer == failure {
		p.held, p.count = true, 0
	}
	if p.result == answer {
		return false
	}
	p.result = answer
	c.resultChanged(now, p)
	return true
}

// resultChanged tells of a new result, and has the pod looked at because of it.
func (c *container) resultChanged(now time.Time, p *probe) {
	verb := "ProbeSucceeded"
	if p.result == failure {
		verb = "ProbeFailed"
	}
	c.worker.kubelet.node.Note(c.worker.pod, verb, string(p.kind), "container "+c.spec.Name)
	c.worker.report.changed = true
	c.worker.resync = now
}

// unhealthy tells whether a container that runs is to be killed because of its probes.
func (c *container) unhealthy() bool {
	return c.seen.running && (c.liveness != nil && c.liveness.result == failure || c.startup != nil && c.startup.result == failure)
}

// killUnhealthy ends a container because of its probes. A grace period of the probe's own goes before the pod's:
// pkg/kubelet/kuberuntime/kuberuntime_container.go:setTerminationGracePeriod.
func (c *container) killUnhealthy(now time.Time) {
	if c.process == nil {
		return
	}
	p, message := c.liveness, " failed liveness probe"
	if p == nil || p.result != failure {
		p, message = c.startup, " failed startup probe"
	}
	message = "ontainer " + c.spec.Name + message
	switch {
	case c.init:
		message = "Init c" + message
	case c.policy() == corev1.ContainerRestartPolicyNever:
		message = "C" + message
	default:
		message = "C" + message + ", will be restarted"
	}
	grace := c.worker.gracePeriod()
	if seconds := p.spec.TerminationGracePeriodSeconds; seconds != nil {
		grace = time.Duration(*seconds) * time.Second
	}
	c.worker.acted = true
	c.beginStop(now, grace, message)
}

// started tells whether the container runs and its startup probe, if it has one, has succeeded.
func (c *container) started() bool {
	return c.seen.running && (c.startup == nil || c.startup.result == success)
}

// ready tells whether the container is started and its readiness probe, if it has one, succeeds. An init container that is no
// sidecar is ready when it has succeeded: pkg/kubelet/prober/prober_manager.go:UpdatePodStatus.
func (c *container) ready() bool {
	if c.init && !c.sidecar {
		return c.succeeded()
	}
	return c.started() && (c.readiness == nil || c.readiness.result == success)
}
