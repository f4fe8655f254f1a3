package sim

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
	"statefulsim/network"
	"statefulsim/scenarios"
	"statefulsim/sim/engine"
)

// sandbox is a pod on its machine: its address, its mounted volumes, and its processes.
type sandbox struct {
	machine   *machine
	pod       *corev1.Pod
	place     network.Place
	ip        string
	volumes   map[string]string // disk by claim
	processes map[string]*process
	main      string    // the container that serves the pod's address
	set       store.Key // the StatefulSet that owns the pod, if one does
	runs      scenarios.Process
}

// sandbox returns the pod's sandbox on this machine, and makes it if need be.
func (m *machine) sandbox(pod *corev1.Pod) *sandbox {
	if s := m.pods[pod.UID]; s != nil {
		return s
	}
	place := m.place
	place.Pod = pod.Namespace + "/" + pod.Name
	s := &sandbox{machine: m, pod: pod, place: place, volumes: map[string]string{}, processes: map[string]*process{},
		main: pod.Spec.Containers[0].Name}
	if set := metav1.GetControllerOfNoCopy(pod); set != nil && set.Kind == "StatefulSet" {
		s.set = store.Key{Kind: store.StatefulSet, Namespace: pod.Namespace, Name: set.Name}
		s.runs = m.w.scenario.Runs[set.Name]
	}
	if s.runs.Container != "" {
		s.main = s.runs.Container
	}
	m.pods[pod.UID] = s
	return s
}

// forget drops a sandbox that has nothing left in it, unless its pod is to live on: then its containers start again there.
func (m *machine) forget(s *sandbox) {
	if len(s.volumes) > 0 || len(s.processes) > 0 {
		return
	}
	live, ok := store.Get[*corev1.Pod](m.w.store.View(), s.pod.Namespace, s.pod.Name)
	if ok && live.UID == s.pod.UID && live.DeletionTimestamp == nil {
		return
	}
	delete(m.w.sandboxes, s.ip)
	delete(m.pods, s.pod.UID)
}

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

// initContainer tells whether a container has its work to do and then ends: it is an init container and no sidecar.
func (s *sandbox) initContainer(name string) bool {
	for i := range s.pod.Spec.InitContainers {
		if c := &s.pod.Spec.InitContainers[i]; c.Name == name {
			return c.RestartPolicy == nil || *c.RestartPolicy != corev1.ContainerRestartPolicyAlways
		}
	}
	return false
}

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
	return displayName(p.sandbox.pod.Namespace, p.sandbox.pod.Name) + "/" + p.container
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

// serve hands a request to the process that serves the pod's address. A machine that is down does not answer.
func (s *sandbox) serve(kind string, body any, reply reply) {
	if s.machine.down != nil {
		return
	}
	p := s.processes[s.main]
	if p == nil || !p.booted {
		reply(nil, errRefused)
		return
	}
	p.requests++
	n := p.requests
	p.open[n] = reply
	p.program.serve(kind, body, func(answer any, err error) {
		if open := p.open[n]; open != nil {
			delete(p.open, n)
			open(answer, err)
		}
	})
}

// revisionOf is the name of the ControllerRevision that a pod was made from.
func revisionOf(pod *corev1.Pod) string { return pod.Labels[appsv1.ControllerRevisionHashLabelKey] }

// ordinalOf is the ordinal of a set's pod.
func ordinalOf(pod *corev1.Pod) int {
	n, _ := strconv.Atoi(pod.Labels[appsv1.PodIndexLabel])
	return n
}

// firstClaim names the claim behind the first of a pod's volumes that has one, or is "".
func firstClaim(pod *corev1.Pod) string {
	for i := range pod.Spec.Volumes {
		if claim := pod.Spec.Volumes[i].PersistentVolumeClaim; claim != nil {
			return claim.ClaimName
		}
	}
	return ""
}

// scratch names the container's own file system: a new one at each start.
func (p *process) scratch() string {
	return string(p.sandbox.pod.UID) + "/" + p.container + "/" + number(uint64(p.birth))
}
