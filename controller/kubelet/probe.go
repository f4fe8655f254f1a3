package kubelet

import (
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// probeKind is what a probe is for, as events name it.
type probeKind string

const (
	startupProbe   probeKind = "Startup"
	livenessProbe  probeKind = "Liveness"
	readinessProbe probeKind = "Readiness"
)

// result is what a probe has come to think of its container.
type result uint8

const (
	unknown result = iota
	success
	failure
)

// errTimeout and errRefused are what a probe says of a process that does not answer in time, or is not there.
var (
	errTimeout = errors.New("context deadline exceeded")
	errRefused = errors.New("connect: connection refused")
)

// probe asks a container's process again and again how it is: pkg/kubelet/prober/worker.go.
type probe struct {
	kind   probeKind
	spec   *corev1.Probe
	next   time.Time // when the next question is due
	answer time.Time // when the answer to the present one is there; zero: none is under way
	late   bool      // it comes too late
	last   result    // the last answer
	run    int32     // how many answers in a row were the same
	result result    // what holds since a threshold was reached
}

// newProbe returns nil if the container has no such probe.
func newProbe(kind probeKind, spec *corev1.Probe) *probe {
	if spec == nil {
		return nil
	}
	return &probe{kind: kind, spec: spec}
}

// reset begins with a container that has just started. Until its probes have spoken it is not ready, but alive.
func (p *probe) reset(started time.Time) {
	*p = probe{
		kind: p.kind, spec: p.spec,
		next: started.Add(time.Duration(p.spec.InitialDelaySeconds) * time.Second),
	}
	switch p.kind {
	case livenessProbe:
		p.result = success
	case readinessProbe:
		p.result = failure
	}
}

// probe asks, or takes in the answer, if that is due, and tells whether the result changed.
func (c *container) probe(now time.Time, p *probe) (changed bool) {
	if !p.answer.IsZero() {
		if !c.worker.due(now, p.answer) {
			return false
		}
		p.answer = time.Time{}
		changed = c.answered(now, p, c.ask(p))
	}
	period := seconds(p.spec.PeriodSeconds, 10)
	if !c.probes(p) || c.rests(now, p, period) || !c.worker.due(now, p.next) {
		return changed
	}
	if p.next = p.next.Add(period); !p.next.After(now) {
		p.next = now.Add(period)
	}
	took := c.worker.latency("probe", c.spec.Name+"/"+string(p.kind))
	limit := seconds(p.spec.TimeoutSeconds, 1)
	p.late = took > limit
	p.answer = now.Add(min(took, limit))
	c.worker.due(now, p.answer)
	return changed
}

// rests tells whether a probe need not ask, since it would hear what it heard before. One that rested until now asks again at
// the next instant that its period leads to.
func (c *container) rests(now time.Time, p *probe, period time.Duration) bool {
	if p.result != success || p.last != success {
		return false
	}
	process, ok := c.process.(Steady)
	if !ok || !process.Steady() {
		return false
	}
	if c.ask(p) == nil {
		return true
	}
	if missed := now.Sub(p.next); missed > 0 {
		p.next = p.next.Add((missed + period - 1) / period * period)
	}
	return false
}

// probes tells whether a probe is asking at present. Liveness and readiness wait for the container to have started; when the
// container is being ended, readiness alone goes on.
func (c *container) probes(p *probe) bool {
	switch {
	case c.state != live:
		return false
	case p.kind == readinessProbe:
		return c.started()
	case c.worker.stage != running || c.stop != nil:
		return false
	}
	return c.started() == (p.kind == livenessProbe)
}

// ask puts the question to the process.
func (c *container) ask(p *probe) error {
	switch {
	case p.late:
		return errTimeout
	case c.process == nil:
		return errRefused
	case p.kind == readinessProbe:
		return c.process.Ready()
	}
	return c.process.Alive()
}

// answered counts an answer, and tells whether the result changed.
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
		p.last, p.run = answer, 0
	}
	p.run++
	if p.run < threshold || !c.counts(p) {
		return false
	}
	changed = p.result != answer
	p.result = answer
	if changed {
		c.resultChanged(now, p)
	}
	if answer == failure && p.kind != readinessProbe {
		c.unhealthy(now, p)
	}
	return changed
}

// counts tells whether an answer still matters: a container that is being ended does not fall ill any more.
func (c *container) counts(p *probe) bool {
	return p.kind == readinessProbe || c.worker.stage == running && c.stop == nil
}

// resultChanged tells of a new result. A container that has started up is asked the other questions from now on.
func (c *container) resultChanged(now time.Time, p *probe) {
	verb := "ProbeSucceeded"
	if p.result == failure {
		verb = "ProbeFailed"
	}
	c.worker.kubelet.node.Note(c.worker.pod, verb, string(p.kind), "container "+c.spec.Name)
	c.worker.report.changed = true
	if p.kind != startupProbe || p.result != success {
		return
	}
	for _, other := range [...]*probe{c.liveness, c.readiness} {
		if other != nil && other.next.Before(now) {
			other.next = now
		}
	}
}

// unhealthy ends a container because of its liveness or startup probe. It is started again as its restart policy has it.
// A grace period of the probe's own goes before the pod's: kuberuntime_container.go:setTerminationGracePeriod.
func (c *container) unhealthy(now time.Time, p *probe) {
	message := "Container "
	if c.init {
		message = "Init container "
	}
	message += c.spec.Name + " failed " + lower[p.kind] + " probe"
	if !c.init && c.restarts(1) {
		message += ", will be restarted"
	}
	grace := c.worker.gracePeriod()
	if p.spec.TerminationGracePeriodSeconds != nil {
		grace = time.Duration(*p.spec.TerminationGracePeriodSeconds) * time.Second
	}
	if c.ending == nil {
		c.beginStop(now, grace, message)
	}
}

var lower = map[probeKind]string{startupProbe: "startup", livenessProbe: "liveness"}

// started tells whether the container runs and its startup probe, if it has one, has succeeded.
func (c *container) started() bool {
	return c.state == live && (c.startup == nil || c.startup.result == success)
}

// ready tells whether the container is started and its readiness probe, if it has one, succeeds. An init container that is no
// sidecar is ready when it has succeeded: pkg/kubelet/prober/prober_manager.go:UpdatePodStatus.
func (c *container) ready() bool {
	if c.init && !c.sidecar {
		return c.state != live && c.exit != nil && c.exit.ExitCode == 0
	}
	return c.started() && (c.readiness == nil || c.readiness.result == success)
}

// seconds reads a field of a probe that the API server would have defaulted.
func seconds(n, otherwise int32) time.Duration {
	if n <= 0 {
		n = otherwise
	}
	return time.Duration(n) * time.Second
}
