package kubelet

import (
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// minimumGrace is the least time that a process has between SIGTERM and SIGKILL:
// pkg/kubelet/kuberuntime/kuberuntime_container.go:minimumGracePeriodInSeconds.
const minimumGrace = 2 * time.Second

// stop is the end of a container that the kubelet brings about: preStop, then SIGTERM, then SIGKILL. Once begun it takes its
// course: a grace period that is shortened afterwards changes nothing, because pkg/kubelet/kubelet.go:SyncTerminatingPod does not
// listen to its context.
type stop struct {
	began time.Time
	grace time.Duration // from began
	hook  time.Time     // preStop is over
	kill  time.Time     // SIGKILL is due; zero: SIGTERM was not sent yet
}

// beginStop begins to end a container that runs: pkg/kubelet/kuberuntime/kuberuntime_container.go:killContainer.
func (c *container) beginStop(now time.Time, grace time.Duration, message string) {
	c.event(corev1.EventTypeNormal, "Killing", message)
	c.stop = &stop{began: now, grace: grace, hook: now.Add(min(c.preStop(), grace))}
}

// preStop is how long the container's preStop hook takes. One that sleeps, by itself or by a command, takes its seconds; whatever
// else a command or a request does takes no time. It has the container's grace period at most (executePreStopHook).
func (c *container) preStop() time.Duration {
	switch hook := c.spec.Lifecycle; {
	case hook == nil || hook.PreStop == nil:
	case hook.PreStop.Sleep != nil:
		return time.Duration(hook.PreStop.Sleep.Seconds) * time.Second
	case hook.PreStop.Exec != nil:
		return slept(hook.PreStop.Exec.Command)
	}
	return 0
}

// slept adds up what a command sleeps: "sleep 5", or "sh -c 'sleep 5; nginx -s quit'".
func slept(command []string) (total time.Duration) {
	words := strings.FieldsFunc(strings.Join(command, " "), func(r rune) bool { return strings.ContainsRune(" \t\n;&|()", r) })
	for i := 1; i < len(words); i++ {
		if words[i-1] != "sleep" && words[i-1] != "/bin/sleep" {
			continue
		}
		if seconds, err := strconv.ParseFloat(strings.TrimSuffix(words[i], "s"), 64); err == nil && seconds > 0 {
			total += time.Duration(min(seconds, 1e9) * float64(time.Second))
		}
	}
	return total
}

// stopStep does what is due in the end of a container, and tells whether anything changed.
func (c *container) stopStep(now time.Time) (changed bool) {
	s, w := c.stop, c.worker
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
		if behind && other.process != nil && (other.sidecar || !other.init) {
			return false
		}
		behind = behind || other == c
	}
	return true
}
