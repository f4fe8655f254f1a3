package kubelet

import (
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// container is one container of a pod through all its runs: what is true of it on the machine, and what the kubelet knows of
// that. The two differ, because the kubelet sees a start or an end only when it looks.
type container struct {
	worker  *worker
	spec    *corev1.Container
	init    bool // one of the pod's init containers …
	sidecar bool // … that keeps running beside the others

	process     Process // nil when none is alive
	starts      int32   // how many runs there were
	ends        int32   // how many of them have ended: all, or all but the last
	inSandbox   bool    // the last run was in the present sandbox
	startedAt   time.Time
	endedAt     time.Time                        // when the last run ended that did
	end, before *corev1.ContainerStateTerminated // how that run ended, and the one before it
	stop        *stop                            // the end that the kubelet is bringing about

	seen    view
	failure *corev1.ContainerStateWaiting // why the last attempt to start it failed; nil: it did not
	backoff backoff

	startup, liveness, readiness *probe // nil if the container has none
}

// view is what the kubelet saw of a container when it looked last. All that it reports and decides is made from that.
type view struct {
	run      int32 // which run it saw; 0: none
	id       string
	here     bool // that run was in the present sandbox
	running  bool
	started  time.Time
	finished time.Time                        // when the last run ended whose end was seen; zero: none
	exit     *corev1.ContainerStateTerminated // how the run ended, if it did
	last     *corev1.ContainerStateTerminated // how the run before it ended
	waiting  *corev1.ContainerStateWaiting    // why it could not be started again
}

func newContainer(w *worker, spec *corev1.Container, init bool) *container {
	c := &container{worker: w, spec: spec, init: init}
	c.sidecar = init && spec.RestartPolicy != nil && *spec.RestartPolicy == corev1.ContainerRestartPolicyAlways
	if c.sidecar || !init {
		c.startup = newProbe(StartupProbe, spec.StartupProbe)
		c.liveness = newProbe(LivenessProbe, spec.LivenessProbe)
		c.readiness = newProbe(ReadinessProbe, spec.ReadinessProbe)
	}
	return c
}

func (c *container) probes() [3]*probe { return [...]*probe{c.startup, c.liveness, c.readiness} }

// step does what is due for a container's process, and tells whether anything changed.
func (c *container) step(now time.Time) (changed bool) {
	for _, p := range c.probes() {
		switch {
		case p == nil:
		case c.seen.running:
			changed = c.probe(now, p) || changed
		case c.seen.run > 0 && c.worker.stage == running:
			changed = c.missed(now, p) || changed
		}
	}
	return c.stop != nil && c.stopStep(now) || changed
}

// begin starts the container's process.
func (c *container) begin(now time.Time) {
	w := c.worker
	c.event(corev1.EventTypeNormal, "Created", "Container created")
	c.starts++
	c.startedAt, c.inSandbox, c.failure = now, true, nil
	if process := w.kubelet.node.Start(w.pod, c.spec.Name, c.starts-1); c.ends < c.starts {
		c.process = process
	}
	c.event(corev1.EventTypeNormal, "Started", "Container started")
	w.acted = true
}

// exited takes in that the process ended.
func (c *container) exited(now time.Time, code int32, reason string) {
	if c.ends == c.starts {
		return
	}
	if reason == "" {
		reason = "Error"
		if code == 0 {
			reason = "Completed"
		}
	}
	c.process, c.stop = nil, nil
	c.ends, c.endedAt = c.starts, now
	c.before, c.end = c.end, &corev1.ContainerStateTerminated{
		ExitCode: code, Reason: reason,
		StartedAt: stamp(c.startedAt), FinishedAt: stamp(now), ContainerID: c.id(),
	}
	if c.worker.stage == running {
		c.worker.relistSoon(now)
	}
	c.worker.kubelet.node.Note(c.worker.pod, "Exited", reason,
		"container "+c.spec.Name+" ended with exit code "+strconv.Itoa(int(code)))
}

// look lets the kubelet see what the container is doing, and tells whether that is news. The results of a container's probes
// are those of one run.
func (c *container) look() (news bool) {
	running := c.starts > c.ends
	if c.seen.run == c.starts && c.seen.running == running {
		return false
	}
	if c.seen.run != c.starts {
		for _, p := range c.probes() {
			if p != nil {
				p.renew()
			}
		}
	}
	c.seen = view{run: c.starts, here: c.inSandbox, running: running, started: c.startedAt, finished: c.endedAt, id: c.id()}
	if running {
		c.seen.last = c.end
	} else {
		c.seen.exit, c.seen.last = c.end, c.before
	}
	return true
}

// explain shows why the last attempt to start the container failed, and tells whether that is news:
// pkg/kubelet/kubelet_pods.go:convertToAPIContainerStatuses, with the reasons of reason_cache.go.
func (c *container) explain() (news bool) {
	news = c.seen.waiting != c.failure
	c.seen.waiting = c.failure
	return news
}

// kill is SIGKILL.
func (c *container) kill(now time.Time, code int32, reason string) {
	process := c.process
	c.process = nil
	process.Kill()
	c.exited(now, code, reason)
}

// id is what a container runtime calls the last run.
func (c *container) id() string {
	return "containerd://" + string(c.worker.pod.UID) + "/" + c.spec.Name + "/" + strconv.Itoa(int(c.starts-1))
}

func (c *container) event(eventtype, reason, message string) {
	c.worker.kubelet.node.Event(c.worker.pod, eventtype, reason, message)
}

// stamp is an instant as the kubelet reports it: in whole seconds (pkg/kubelet/status/status_manager.go:normalizeStatus).
func stamp(t time.Time) metav1.Time { return metav1.NewTime(t.Truncate(time.Second)) }
