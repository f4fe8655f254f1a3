package kubelet

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// launch is the start of a container under way. A pod's containers start one after the other, each once its image is there.
type launch struct {
	container *container    // nil: none is under way
	pulling   bool          // its image is awaited; then it is created
	until     time.Time     // when that is over
	asked     time.Time     // when the image was asked for; zero: it was there
	waited    time.Duration // for other pulls
}

// start begins to start a container, unless it has to wait after its last end
// (pkg/kubelet/kuberuntime/kuberuntime_manager.go:SyncPod, doBackOff). An end that the pass itself brought about is not seen yet,
// so that a container killed for its probes waits from the end before that.
func (w *worker) start(now time.Time, c *container) {
	if finished := c.seen.finished; !finished.IsZero() {
		if until := c.backoff.until(now, finished); until.After(now) {
			w.backedOff = earlier(w.backedOff, until)
			c.event(corev1.EventTypeWarning, "BackOff",
				fmt.Sprintf("Back-off restarting failed container %s in pod %s", c.spec.Name, w.fullName()))
			w.fail(c, "CrashLoopBackOff",
				fmt.Sprintf("back-off %v restarting failed container=%s pod=%s", c.backoff.delay, c.spec.Name, w.fullName()))
			return
		}
		c.backoff.next(now, w.kubelet.cfg.pace())
	}
	w.pull(now, c)
}

// fail remembers why a container could not be started.
func (w *worker) fail(c *container, reason, message string) {
	c.failure = &corev1.ContainerStateWaiting{Reason: reason, Message: message}
	w.failed = true
}

// launchOn brings the start under way nearer, and tells whether anything changed.
func (w *worker) launchOn(now time.Time) (changed bool) {
	l := &w.launch
	c := l.container
	switch {
	case !w.due(now, l.until):
		return false
	case !l.pulling:
		l.container = nil
		c.begin(now)
	case w.pulled(now, c):
		l.pulling, l.until = false, now.Add(w.latency("containerStart", c.spec.Name))
	default:
		l.container = nil
	}
	return true
}
