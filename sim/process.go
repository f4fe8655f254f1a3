package sim

import (
	"errors"
	"maps"
	"slices"
	"time"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
	"statefulsim/sim/engine"
)

// program is what a container runs, behind the process that the kubelet drives. A raft peer is one.
type program interface {
	// boot begins to serve: the start-up time has passed.
	boot()
	// ready is nil if the program can serve.
	ready() error
	// serve answers a request; reply may be called later, and at most once.
	serve(kind string, body any, reply reply)
	// stop is SIGTERM to a program that has booted: it calls ended when it has ended.
	stop(ended func())
	// kill takes the program away at once.
	kill()
}

// plain is a program that serves and knows nobody.
type plain struct{ p *process }

func (plain) boot()        {}
func (plain) ready() error { return nil }
func (plain) kill()        {}

func (plain) serve(_ string, _ any, reply reply) { reply(nil, nil) }

func (pl plain) stop(ended func()) {
	w := pl.p.world()
	w.after(w.latency("processStop", pl.p.name()), ended)
}

// process is one running container. It is a kubelet.Process.
type process struct {
	program
	sandbox   *sandbox
	container string
	started   time.Duration
	birth     int // the event of its start
	booted    bool
	stopping  bool
	ended     bool
	open      map[int]reply // requests that it has not answered
	requests  int
	hangs     []*hang  // that last
	pending   []func() // what it does when it no longer hangs
}

var errBooting = errors.New("connection refused: still starting")

// start starts a container and what runs in it. restart counts its starts in this pod before.
func (s *sandbox) start(container string, restart int32) *process {
	w := s.machine.w
	p := &process{sandbox: s, container: container, started: w.loop.Now(), open: map[int]reply{}}
	s.processes[container] = p
	p.program = plain{p}
	switch {
	case container == s.main && s.runs.Kind == scenarios.Raft:
		p.program = newRaftPeer(p)
	case container == s.main && s.runs.Kind == scenarios.Replicated:
		p.program = newInstance(p)
	case s.hasTask(container):
		p.program = task{plain{p}}
	}
	detail := ""
	if restart > 0 {
		detail = "restart " + number(uint64(restart))
	}
	p.birth = w.tell(Event{Verb: "start", Kind: "Container", Name: p.name(), Reason: "Started", Detail: detail, Level: Normal})
	w.judge.started(p)
	w.startedBeside(p)
	w.because(p.birth, w.actor, func() {
		switch {
		case s.initContainer(container):
			p.booted = true
			w.after(w.latency("initContainer", p.name()), p.complete)
		case container == s.main && !s.hasTask(container):
			w.after(w.latency("processStart", p.name())+s.startsLater(), p.boot)
		default:
			w.after(1+s.startsLater(), p.boot)
		}
		if p.crashes() {
			w.after(1, p.fail)
		}
	})
	return p
}

// boot lets the process serve: its start-up time has passed.
func (p *process) boot() {
	p.whenRunning(func() {
		if !p.ended && !p.stopping {
			p.booted = true
			p.program.boot()
		}
	})
}

// complete ends a process by itself, successfully.
func (p *process) complete() {
	p.whenRunning(func() {
		if !p.ended {
			p.end("exit", "Completed", Normal)
			p.sandbox.machine.exited(p, 0, "Completed")
		}
	})
}

// after queues something for a while later, as the doing of whoever acts now.
func (w *world) after(d time.Duration, f func()) *engine.Event {
	cause, actor := w.cause, w.actor
	return w.loop.Push(w.loop.Now()+d, func() { w.because(cause, actor, f) })
}

func (p *process) world() *world { return p.sandbox.machine.w }

// name is that of the pod and the container.
func (p *process) name() string {
	return DisplayName(p.sandbox.pod.Namespace, p.sandbox.pod.Name) + "/" + p.container
}

// Ready is what a readiness probe finds.
func (p *process) Ready() error {
	if len(p.hangs) > 0 {
		return p.hangs[0].ready
	}
	if err := p.Alive(); err != nil {
		return err
	}
	return p.program.ready()
}

// Alive is what a liveness or startup probe finds.
func (p *process) Alive() error {
	if len(p.hangs) > 0 {
		return p.hangs[0].alive
	}
	if !p.booted {
		return errBooting
	}
	return nil
}

// Steady tells that probes of the process are never late: nobody has set how long they take, and nothing comes between. Whoever
// changes what it answers has the kubelet look: see health.
func (p *process) Steady() bool {
	_, set := p.world().scenario.Latencies["probe"]
	return !set && !p.hindered()
}

// health has the kubelet look at a process whose probes find something else now, because of an event.
func (p *process) health(cause int) {
	m := p.sandbox.machine
	p.world().because(cause, m.actor(), func() { m.sync(store.KeyOf(p.sandbox.pod)) })
}

// Stop is SIGTERM. A process that has not booted ends at once, and one that hangs when it goes on.
func (p *process) Stop() { p.whenRunning(p.terminate) }

func (p *process) terminate() {
	if p.stopping || p.ended {
		return
	}
	p.stopping = true
	if !p.booted {
		p.world().after(1, p.complete)
		return
	}
	p.program.stop(p.complete)
}

// Kill is SIGKILL.
func (p *process) Kill() {
	if !p.ended {
		p.end("kill", "Killed", Normal)
	}
}

// crash ends the process from outside, and the kubelet finds out for which reason.
func (p *process) crash(reason string) {
	p.end("kill", "Killed", Headline)
	p.sandbox.machine.exited(p, 137, reason)
}

// end takes the process away: who waits for an answer of it hears that the connection is gone, unless the whole machine is.
func (p *process) end(verb, reason string, level Level) {
	w := p.world()
	p.ended = true
	p.dropHangs()
	delete(p.sandbox.processes, p.container)
	seq := w.tell(Event{Verb: verb, Kind: "Container", Name: p.name(), Reason: reason, Level: level})
	w.because(seq, w.actor, func() {
		p.program.kill()
		if p.sandbox.machine.down != nil {
			return
		}
		for _, n := range slices.Sorted(maps.Keys(p.open)) {
			p.open[n](nil, errReset)
		}
	})
	p.open = nil
	w.judge.stopped(p)
	w.endedBeside(p, seq)
	p.sandbox.machine.forget(p.sandbox)
}

// scratch names the container's own file system: a new one at each start.
func (p *process) scratch() string {
	return string(p.sandbox.pod.UID) + "/" + p.container + "/" + number(uint64(p.birth))
}
