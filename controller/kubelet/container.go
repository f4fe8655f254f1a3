package kubelet

import (
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// state is what a container is doing, as far as the kubelet knows.
type state uint8

const (
	waiting  state = iota // never ran
	pulling               // its image is being pulled
	creating              // it is created and about to start
	live                  // it runs
	exited                // it ended
)

// container is one container of a pod through all its runs.
type container struct {
	worker  *worker
	spec    *corev1.Container
	init    bool // one of the pod's init containers …
	sidecar bool // … that keeps running beside the others

	state      state
	until      time.Time // when pulling or creating is over
	pullBegan  time.Time // zero: the image was there
	pullWaited time.Duration

	process   Process // nil when none is alive
	starts    int32   // how many runs there were, this one included
	inSandbox bool    // it ran in the present sandbox
	startedAt time.Time

	ending     *corev1.ContainerStateTerminated // the process ended, and the kubelet has not noticed yet …
	noticeAt   time.Time                        // … but will then
	finishedAt time.Time                        // end of the last run that ended
	exit, last *corev1.ContainerStateTerminated // how the last run ended, if it did, and the one before
	stop       *stop                            // the end that the kubelet is bringing about
	backoff    backoff
	backedOff  bool // it waits for its back-off to pass

	startup, liveness, readiness *probe // nil if the container has none
}

func newContainer(w *worker, spec *corev1.Container, init bool) *container {
	c := &container{worker: w, spec: spec, init: init}
	c.sidecar = init && spec.RestartPolicy != nil && *spec.RestartPolicy == corev1.ContainerRestartPolicyAlways
	if c.sidecar || !init {
		c.startup = newProbe(startupProbe, spec.StartupProbe)
		c.liveness = newProbe(livenessProbe, spec.LivenessProbe)
		c.readiness = newProbe(readinessProbe, spec.ReadinessProbe)
	}
	return c
}

// step does what is due for a container that runs, or ran, and tells whether anything changed.
func (c *container) step(now time.Time) (changed bool) {
	if c.notice(now) {
		return true
	}
	if c.state != live {
		return false
	}
	for _, p := range [...]*probe{c.startup, c.liveness, c.readiness} {
		if p != nil && c.probe(now, p) {
			changed = true
		}
	}
	return c.stopStep(now) || changed
}

// begin starts the container's process.
func (c *container) begin(now time.Time) {
	node := c.worker.kubelet.node
	c.event(corev1.EventTypeNormal, "Created", "Container created")
	if c.exit != nil {
		c.backoff.started(now, c.finishedAt, c.worker.kubelet.cfg.pace())
	}
	c.state, c.startedAt, c.inSandbox, c.backedOff = live, now, true, false
	c.last, c.exit = c.exit, nil
	c.starts++
	for _, p := range [...]*probe{c.startup, c.liveness, c.readiness} {
		if p != nil {
			p.reset(now)
		}
	}
	c.worker.report.changed = true
	process := node.Start(c.worker.pod, c.spec.Name, c.starts-1)
	if c.ending == nil {
		c.process = process
	}
	c.event(corev1.EventTypeNormal, "Started", "Container started")
}

// exited takes in that the process ended. The kubelet learns of it when it next looks at what its runtime does, unless it is
// waiting for that very end.
func (c *container) exited(now time.Time, code int32, reason string) {
	if c.state != live || c.ending != nil {
		return
	}
	if reason == "" {
		reason = "Error"
		if code == 0 {
			reason = "Completed"
		}
	}
	c.process = nil
	c.ending = &corev1.ContainerStateTerminated{
		ExitCode: code, Reason: reason,
		StartedAt: stamp(c.startedAt), FinishedAt: stamp(now), ContainerID: c.id(),
	}
	c.finishedAt, c.noticeAt = now, now
	if c.stop == nil {
		c.noticeAt = now.Add(c.worker.latency("pleg", c.spec.Name))
	}
	c.worker.kubelet.node.Note(c.worker.pod, "Exited", reason,
		"container "+c.spec.Name+" ended with exit code "+strconv.Itoa(int(code)))
}

// notice makes an end known once its instant has come.
func (c *container) notice(now time.Time) bool {
	if c.ending == nil || !c.worker.due(now, c.noticeAt) {
		return false
	}
	c.state, c.exit, c.ending, c.stop = exited, c.ending, nil, nil
	c.worker.report.changed = true
	return true
}

// kill is SIGKILL.
func (c *container) kill(now time.Time, code int32, reason string) {
	process := c.process
	c.process = nil
	process.Kill()
	c.exited(now, code, reason)
	c.noticeAt = now
}

// restart is what a loss of power leaves of a container: the record that it ran. The runtime finds it dead when it is back
// and can't say how that came about.
func (c *container) restart(now time.Time) {
	if c.state == live && c.ending == nil {
		c.kill(now, 255, "Unknown")
	}
	if c.ending != nil {
		c.noticeAt = now
		c.notice(now)
	}
	c.cancelStart()
	c.inSandbox = false
	c.backoff, c.backedOff = backoff{}, false
}

// cancelStart gives up a pull or a creation under way.
func (c *container) cancelStart() {
	if c.state == pulling || c.state == creating {
		c.state = waiting
		if c.starts > 0 {
			c.state = exited
		}
	}
}

// id is what a container runtime calls the present or last run.
func (c *container) id() string {
	return "containerd://" + string(c.worker.pod.UID) + "/" + c.spec.Name + "/" + strconv.Itoa(int(c.starts-1))
}

func (c *container) event(eventtype, reason, message string) {
	c.worker.kubelet.node.Event(c.worker.pod, eventtype, reason, message)
}

// stamp is an instant as the kubelet reports it: in whole seconds (pkg/kubelet/status/status_manager.go:normalizeStatus).
func stamp(t time.Time) metav1.Time { return metav1.NewTime(t.Truncate(time.Second)) }
