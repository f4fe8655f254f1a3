package sim

import (
	"strings"
	"time"

	"statefulsim/controller/kubelet"
	"statefulsim/scenarios"
)

// kill ends the processes of a container from outside, and their kubelets find out for which reason.
func (w *world) kill(t scenarios.Target, name, reason string) error {
	processes, err := w.processes(t, name)
	for _, p := range processes {
		p.crash(reason)
	}
	return err
}

// crashLoop ends the processes of a container, and those that follow them as soon as they are started.
func (w *world) crashLoop(a scenarios.CrashLoop) (undo func(), err error) {
	c, err := w.named(a.Target, a.Container)
	if err != nil {
		return nil, err
	}
	for _, p := range w.running(&c) {
		p.fail()
	}
	return w.injected.crashLoops.begin(c), nil
}

// crashes tells whether a process ends as soon as it is started.
func (p *process) crashes() bool {
	for _, c := range p.world().injected.crashLoops {
		if c.is(p.sandbox, p.container) {
			return true
		}
	}
	return false
}

// fail ends the process by itself, with an error.
func (p *process) fail() {
	if !p.ended {
		p.end("exit", "Error", Headline)
		p.sandbox.machine.exited(p, 1, "Error")
	}
}

// slowStart is pods whose processes serve later than usual after their start.
type slowStart struct {
	container
	by time.Duration
}

func (w *world) slowStart(a scenarios.SlowStart) (undo func(), err error) {
	c, err := w.named(a.Target, "")
	if err != nil {
		return nil, err
	}
	return w.injected.slowStarts.begin(slowStart{c, a.By}), nil
}

// startsLater is how much longer than usual the pod's processes take until they serve.
func (s *sandbox) startsLater() (by time.Duration) {
	for _, slow := range s.machine.w.injected.slowStarts {
		if slow.isOf(s) {
			by += slow.by
		}
	}
	return by
}

// probeFault is probes of a container that fail, or are answered late.
type probeFault struct {
	container
	probe string // "" is every one
	fails bool
	late  time.Duration
}

func (w *world) failProbe(a scenarios.FailProbe) (undo func(), err error) {
	c, err := w.named(a.Target, a.Container)
	return w.spoilProbes(probeFault{container: c, probe: a.Probe, fails: true}, err)
}

func (w *world) slowProbe(a scenarios.SlowProbe) (undo func(), err error) {
	c, err := w.named(a.Target, a.Container)
	return w.spoilProbes(probeFault{container: c, probe: a.Probe, late: a.By}, err)
}

// spoilProbes has the kubelets look whenever what their probes find changes.
func (w *world) spoilProbes(f probeFault, err error) (undo func(), _ error) {
	if err != nil {
		return nil, err
	}
	look := func() {
		for _, p := range w.running(&f.container) {
			p.health(w.cause)
		}
	}
	end := w.injected.probes.begin(f)
	look()
	return func() {
		end()
		look()
	}, nil
}

// Hindrance is what comes between the process and a probe of that kind. It is kubelet.Hindered.
func (p *process) Hindrance(kind kubelet.ProbeKind) (late time.Duration, fails bool) {
	if len(p.hangs) > 0 && !p.acceptsWhileHung(kind) {
		late = forEver
	}
	for _, f := range p.world().injected.probes {
		if f.is(p.sandbox, p.container) && (f.probe == "" || strings.EqualFold(f.probe, string(kind))) {
			late += f.late
			fails = fails || f.fails
		}
	}
	return late, fails
}

// hindered tells whether anything comes between the process and some probe.
func (p *process) hindered() bool {
	for _, f := range p.world().injected.probes {
		if f.is(p.sandbox, p.container) {
			return true
		}
	}
	return len(p.hangs) > 0
}
