package kubelet

import (
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// ProbeKind is what a probe is for, as events name it.
type ProbeKind string

// The kinds of probes.
const (
	StartupProbe   ProbeKind = "Startup"
	LivenessProbe  ProbeKind = "Liveness"
	ReadinessProbe ProbeKind = "Readiness"
)

// result is what a probe has come to think of its container.
type result uint8

const (
	unknown result = iota
	success
	failure
)

// errRefused is what a probe says of a process that is not there.
var errRefused = errors.New("connect: connection refused")

// probe asks a container's process again and again how it is: pkg/kubelet/prober/worker.go. It ticks from when the pod's volumes
// are there until the pod's end, whatever its container does meanwhile, and asks at those ticks at which it may. So the first
// question comes up to a period after the initial delay.
type probe struct {
	kind   ProbeKind
	spec   *corev1.Probe
	period time.Duration

	origin time.Time // it ticks at whole periods from here
	next   time.Time // the next tick at which it may ask
	answer time.Time // when the answer to the present question is there; zero: none is under way
	late   bool      // it comes too late
	repeat time.Time // when it is to ask out of turn; zero: it is not
	last   result    // the last answer, of whichever run …
	count  int32     // … and how many in a row were the same
	fresh  bool      // nothing is known of the present run yet
	held   bool      // it asks no more in the present run
	result result    // what holds for the present run since a threshold was reached
}

// newProbe returns nil if the container has no such probe.
func newProbe(kind ProbeKind, spec *corev1.Probe) *probe {
	if spec == nil {
		return nil
	}
	p := &probe{kind: kind, spec: spec, period: seconds(spec.PeriodSeconds, 10)}
	p.renew()
	return p
}

// renew begins with a run of the container. Until its probes have spoken it is not ready, but alive. How often the last answer
// was heard goes on counting.
func (p *probe) renew() {
	p.answer, p.repeat = time.Time{}, time.Time{}
	p.held, p.fresh = false, true
	p.result = unknown
	switch p.kind {
	case LivenessProbe:
		p.result = success
	case ReadinessProbe:
		p.result = failure
	}
}

// tick returns the first tick that does not come before an instant.
func (p *probe) tick(from time.Time) time.Time {
	periods := (from.Sub(p.origin) + p.period - 1) / p.period
	return p.origin.Add(max(periods, 0) * p.period)
}

// startProbes lets the probes of the pod tick from now on. Shortly after the kubelet's start each waits for a random part of its
// period, so that not all ask at once: pkg/kubelet/prober/worker.go:run.
func (w *worker) startProbes(now time.Time) {
	w.probing = true
	for _, c := range w.containers {
		for _, p := range c.probes() {
			if p == nil {
				continue
			}
			p.origin = now
			if p.period > now.Sub(w.kubelet.started) {
				part := w.kubelet.fraction("probe/" + w.about + "/" + c.spec.Name + "/" + string(p.kind))
				p.origin = now.Add(time.Duration(part * float64(p.period)))
			}
			p.next = p.origin
		}
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
		if p.next.Before(now) {
			p.next = now // a tick that came meanwhile
		}
	}
	if p.result != success && c.worker.comes(now, p.repeat) {
		p.trigger(now)
	}
	if !c.mayAsk(p) || c.rests(now, p) {
		return changed
	}
	if from := c.firstQuestion(now, p); p.next.Before(from) {
		p.next = p.tick(from)
	}
	if c.worker.due(now, p.next) {
		c.question(now, p)
	}
	return changed
}

// missed lets a probe find out, at its next tick, that its container does not run. That is a failure, and if it did not fail before,
// the pod is looked at because of it.
func (c *container) missed(now time.Time, p *probe) (changed bool) {
	if p.held || p.result == failure {
		return false
	}
	if p.next.Before(now) {
		p.next = p.tick(now)
	}
	if !c.worker.due(now, p.next) {
		return false
	}
	p.result = failure
	c.worker.resync = now
	return true
}

// firstQuestion is the earliest instant at which a probe may ask, as far as its initial delay goes. That counts from the whole
// second in which the container started.
func (c *container) firstQuestion(now time.Time, p *probe) time.Time {
	first := c.seen.started.Truncate(time.Second).Add(time.Duration(p.spec.InitialDelaySeconds) * time.Second)
	if first.Before(now) {
		return now
	}
	return first
}

func (c *container) question(now time.Time, p *probe) {
	p.next = p.tick(now.Add(1))
	late, _ := c.hindrance(p)
	took := c.worker.latency("probe", c.spec.Name+"/"+string(p.kind)) + late
	limit := seconds(p.spec.TimeoutSeconds, 1)
	p.late = took > limit
	p.answer = now.Add(min(took, limit))
	c.worker.due(now, p.answer)
}

// trigger lets a probe ask out of turn, and tick from then on; but not before the present answer is there.
func (p *probe) trigger(now time.Time) {
	if !p.answer.IsZero() {
		p.repeat = now
		return
	}
	p.origin, p.next, p.repeat = now, now, time.Time{}
}

// trigger lets the readiness probe of a container that is not ready ask at once. So it is at each pass over the pod, and the
// probe's first word about a run brings about one more: pkg/kubelet/prober/prober_manager.go:UpdatePodStatus.
func (c *container) trigger(now time.Time) {
	p := c.readiness
	if p == nil || p.result == success || !c.started() {
		return
	}
	p.trigger(now)
	if p.fresh {
		p.fresh = false
		p.repeat = now.Add(c.worker.latency("pleg", c.spec.Name+"/"+string(p.kind)))
	}
}

// rests tells whether a probe need not ask, since it would hear what it heard before. One that rested until now asks again at
// its next tick.
func (c *container) rests(now time.Time, p *probe) bool {
	if p.result != success || p.last != success {
		return false
	}
	process, ok := c.process.(Steady)
	return ok && process.Steady() && c.ask(p) == nil
}

// mayAsk tells whether a probe is asking at present. Liveness and readiness wait for the container to have started. When the pod
// is being ended, readiness alone goes on, and what a sidecar is asked, which has no consequence then
// (pkg/kubelet/prober/prober_manager.go:StopLivenessAndStartup).
func (c *container) mayAsk(p *probe) bool {
	switch {
	case p.held, c.started() != (p.kind != StartupProbe):
		return false
	case p.kind == ReadinessProbe || c.sidecar:
		return true
	}
	return c.worker.stage == running
}

// ask puts the question to the process.
func (c *container) ask(p *probe) error {
	switch {
	case p.late:
		return c.timedOut(p)
	case c.process == nil:
		return errRefused
	}
	if _, fails := c.hindrance(p); fails {
		return c.failed(p)
	}
	if p.kind == ReadinessProbe {
		return c.process.Ready()
	}
	return c.process.Alive()
}

// seconds reads a field of a probe that the API server would have defaulted.
func seconds(n, otherwise int32) time.Duration {
	if n <= 0 {
		n = otherwise
	}
	return time.Duration(n) * time.Second
}
