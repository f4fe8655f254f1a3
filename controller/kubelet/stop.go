package kubelet

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// minimumGrace is the least time that a process has between SIGTERM and SIGKILL:
// pkg/kubelet/kuberuntime/kuberuntime_container.go:minimumGracePeriodInSeconds.
const minimumGrace = 2 * time.Second

// stop is the end of a container that the kubelet brings about: preStop, then SIGTERM, then SIGKILL.
type stop struct {
	began time.Time
	grace time.Duration // from began
	hook  time.Time     // preStop is over
	kill  time.Time     // SIGKILL is due; zero: SIGTERM was not sent yet
}

// beginStop begins to end a container that runs (kuberuntime_container.go:killContainer). A preStop hook that sleeps takes its
// seconds, any other no time.
func (c *container) beginStop(now time.Time, grace time.Duration, message string) {
	c.stop = &stop{began: now, grace: grace, hook: now}
	c.event(corev1.EventTypeNormal, "Killing", message)
	if hook := c.spec.Lifecycle; hook != nil && hook.PreStop != nil && hook.PreStop.Sleep != nil {
		c.stop.hook = now.Add(min(time.Duration(hook.PreStop.Sleep.Seconds)*time.Second, grace))
	}
}

// hasten gives a container that is being ended less time than it was given before.
func (s *stop) hasten(now time.Time, grace time.Duration) {
	s.grace = min(s.grace, now.Sub(s.began)+grace)
	if end := s.began.Add(s.grace); end.Before(s.hook) {
		s.hook = end
	}
	if end := now.Add(max(grace, minimumGrace)); !s.kill.IsZero() && end.Before(s.kill) {
		s.kill = end
	}
}

// stopStep does what is due in the end of a container, and tells whether anything changed.
func (c *container) stopStep(now time.Time) (changed bool) {
	s, w := c.stop, c.worker
	if s == nil || c.process == nil {
		return false
	}
	if s.kill.IsZero() {
		if !w.due(now, s.hook) || !c.turn() && !w.due(now, s.began.Add(s.grace)) {
			return false
		}
		left := s.grace - now.Sub(s.began).Truncate(time.Second)
		s.kill = now.Add(max(left, minimumGrace))
		w.kubelet.node.Note(w.pod, "Stopping", "SIGTERM", "container "+c.spec.Name)
		c.process.Stop()
		return true
	}
	if !w.due(now, s.kill) {
		return false
	}
	c.kill(now, 137, "Error")
	return true
}

// turn tells whether nothing has to end before this container when the pod ends: a sidecar waits for the main containers
// and for the sidecars behind it (pkg/kubelet/kuberuntime/kuberuntime_termination_order.go).
func (c *container) turn() bool {
	if !c.sidecar || c.worker.stage != stopping {
		return true
	}
	behind := false
	for _, other := range c.worker.containers {
		if behind && other.state == live && (other.sidecar || !other.init) {
			return false
		}
		behind = behind || other == c
	}
	return true
}
