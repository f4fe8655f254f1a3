package sim

import (
	"slices"
	"time"

	"statefulsim/controller/kubelet"
	"statefulsim/network"
	"statefulsim/scenarios"
)

// forEver is later than any probe waits.
const forEver = 365 * 24 * time.Hour

// hang is a process that is stopped without having ended.
type hang struct {
	rule         string // that holds the messages of its pod
	ready, alive error  // what probes found when it began
	release      func() // the network
}

// hang stops the processes of a container until the fault is healed, or they are killed.
func (w *world) hang(a scenarios.Hang, step string, seq int) (undo func(), err error) {
	processes, err := w.processes(a.Target, a.Container)
	if err != nil {
		return nil, err
	}
	hangs := make([]*hang, len(processes))
	for i, p := range processes {
		hangs[i] = p.hang(step, seq)
	}
	return func() {
		for i, p := range processes {
			p.goOn(hangs[i])
		}
	}, nil
}

// hang stops the process. The messages of its pod wait if it is the one that serves the pod's address.
func (p *process) hang(step string, seq int) *hang {
	w := p.world()
	h := &hang{rule: step + " " + p.name(), ready: p.Ready(), alive: p.Alive(), release: func() {}}
	if p.container == p.sandbox.main {
		pod := network.Side{Pods: []string{p.sandbox.place.Pod}}
		w.net.Hold(h.rule, pod, pod.Rest())
		h.release = w.blamed(pod, pod, h.rule, seq)
	}
	p.hangs = append(p.hangs, h)
	w.tell(Event{Verb: "hang", Kind: "Container", Name: p.name(), Reason: "Stopped", Level: Headline})
	p.health(seq)
	return h
}

// goOn ends a hang: the messages that waited are sent on, and what the process was told meanwhile it does now.
func (p *process) goOn(h *hang) {
	at := slices.Index(p.hangs, h)
	if at < 0 {
		return // it was killed meanwhile
	}
	p.hangs = slices.Delete(p.hangs, at, at+1)
	h.release()
	if len(p.hangs) > 0 {
		return
	}
	p.health(p.world().cause)
	pending := p.pending
	p.pending = nil
	for _, f := range pending {
		f()
	}
}

// whenRunning does something that the process does itself: now, or when it no longer hangs.
func (p *process) whenRunning(f func()) {
	if len(p.hangs) > 0 {
		p.pending = append(p.pending, f)
		return
	}
	f()
}

// dropHangs ends the hangs of a process that has ended. What waited for it, or was to leave it, is gone.
func (p *process) dropHangs() {
	w := p.world()
	for _, h := range p.hangs {
		w.held = slices.DeleteFunc(w.held, func(m held) bool { return m.rule == h.rule })
		h.release()
	}
	p.hangs, p.pending = nil, nil
}

// acceptsWhileHung tells whether a probe of a process that hangs has its answer all the same: the kernel accepts the connection of
// a tcpSocket probe for whoever listens.
func (p *process) acceptsWhileHung(kind kubelet.ProbeKind) bool {
	spec := p.sandbox.spec(p.container)
	probe := spec.ReadinessProbe
	switch kind {
	case kubelet.StartupProbe:
		probe = spec.StartupProbe
	case kubelet.LivenessProbe:
		probe = spec.LivenessProbe
	}
	return probe != nil && probe.TCPSocket != nil
}
