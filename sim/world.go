package sim

import (
	"strconv"
	"time"

	"statefulsim/controller/attachdetach"
	"statefulsim/controller/disruption"
	"statefulsim/controller/endpoints"
	"statefulsim/controller/garbagecollector"
	"statefulsim/controller/nodelifecycle"
	"statefulsim/controller/podgc"
	"statefulsim/controller/pvcprotection"
	"statefulsim/controller/resize"
	"statefulsim/controller/scheduler"
	"statefulsim/controller/statefulset/reconcile"
	"statefulsim/controller/store"
	"statefulsim/controller/tainteviction"
	"statefulsim/controller/volumebinding"
	"statefulsim/network"
	"statefulsim/scenarios"
	"statefulsim/sim/engine"
	"statefulsim/volume"
)

// world is everything that exists during one run. It belongs to the loop's goroutine.
type world struct {
	scenario *scenarios.Scenario
	loop     *engine.Loop
	dice     *engine.Dice
	hops     map[string]scenarios.Distribution

	store     *store.Store
	informers []*informer
	dns       *informer // CoreDNS: its cache answers
	machines  []*machine
	machineOf map[string]*machine // by node
	sandboxes map[string]*sandbox // by pod IP
	peers     []*raftPeer         // live ones, by the name of the pod
	started   []*raftPeer         // all that ever ran
	clients   []*client
	terminals []*terminal // where kubectl runs

	net     *network.Network
	held    []held
	disks   *volume.Disks
	volumes map[string]string // the PersistentVolume of each disk
	begun   []bool            // the scenario's steps that have begun
	healed  int               // the event that healed a fault last
	cuts    []cut             // what steps have cut or hold, oldest first

	fromPeers *engine.Mailbox[outgoing]

	live    map[string][]*process // by identity: the names of pod and container
	doubles []twins               // those that are not over

	judge     *judge
	failovers failovers
	rec       *Recording

	// What is being applied: who acts, and because of which event.
	actor string
	cause int
}

// usualEvents is room for the events of a story of two minutes.
const usualEvents = 1 << 13

// controlPlane is where the API server, the controllers, the scheduler and CoreDNS stand.
var controlPlane = network.Place{ControlPlane: true}

func newWorld(s *scenarios.Scenario, seed uint64, disks *volume.Disks) *world {
	w := &world{
		scenario: s, loop: engine.NewLoop(), dice: engine.NewDice(seed), hops: map[string]scenarios.Distribution{},
		store: store.New(), machineOf: map[string]*machine{}, sandboxes: map[string]*sandbox{},
		live: map[string][]*process{}, disks: disks, volumes: map[string]string{},
		rec: &Recording{Scenario: s, Seed: seed, Events: make([]Event, 0, usualEvents), Frames: make([]Frame, 0, usualEvents/4)},
	}
	for _, hop := range scenarios.Hops() {
		w.hops[hop.Name] = s.Latency(hop.Name)
	}
	w.fromPeers = engine.NewMailbox[outgoing](w.loop)
	w.net = network.New(
		func(purpose string, n uint64) uint64 { return w.dice.At("network", purpose, n) },
		func(name string, bits uint64) time.Duration { return w.hops[name].Draw(bits) })
	w.failovers = failovers{primaries: map[store.Key]*raftPeer{}, deaths: map[store.Key]int{}}
	w.judge = newJudge(w)
	w.store.OnChange = w.changed
	w.store.Gates = storeGates(s.Kubernetes)
	w.addControlPlane()
	return w
}

// addControlPlane starts the processes of the control plane, each with the reconcilers that it runs.
func (w *world) addControlPlane() {
	kcm := w.addInformer("kube-controller-manager")
	kcm.add("statefulset-controller", reconcile.New(setGates(w.scenario.Kubernetes)))
	kcm.add("endpointslice-controller", endpoints.New())
	kcm.add("persistentvolume-binder", volumebinding.New(w.latency))
	kcm.add("volume-expand-controller", resize.NewExpander())
	kcm.add("attachdetach-controller", attachdetach.New(attachOptions(w.scenario.Kubernetes)))
	kcm.add("pvc-protection-controller", pvcprotection.New())
	kcm.add("garbage-collector", garbagecollector.New())
	kcm.add("node-lifecycle-controller", nodelifecycle.New(nodeGates(w.scenario.Kubernetes)))
	kcm.add("taint-eviction-controller", tainteviction.New())
	kcm.add("pod-garbage-collector", podgc.New())
	kcm.add("disruption-controller", disruption.New())

	sched := w.addInformer("kube-scheduler", store.Lease, store.EndpointSlice, store.ControllerRevision)
	sched.add("default-scheduler", scheduler.New(w.chooser("node")), "schedule")

	csi := w.addInformer("csi-driver", store.Lease, store.EndpointSlice, store.ControllerRevision, store.Pod)
	csi.add("csi-attacher", attachdetach.NewAttacher(storage{w}, w.latency))
	csi.add("csi-resizer", resize.New(w.latency))

	w.dns = w.addInformer("coredns", store.Pod, store.Lease, store.ControllerRevision, store.Node)
}

// latency draws how long a hop takes. about tells the hops of one name apart.
func (w *world) latency(name, about string) time.Duration {
	return w.hops[name].Draw(w.dice.Throw(name, about))
}

// chooser makes choices of one kind.
func (w *world) chooser(purpose string) func(about string, n int) int {
	return func(about string, n int) int { return w.dice.Choose(purpose, about, n) }
}

func (w *world) now() time.Time { return w.loop.Time(w.loop.Now()) }

// api returns the API server at this instant, for whoever acts.
func (w *world) api() *store.Client { return w.store.At(w.now(), w.kubernetesEvent) }

// because runs f as somebody's doing that an earlier event led to.
func (w *world) because(cause int, actor string, f func()) {
	wasCause, wasActor := w.cause, w.actor
	w.cause, w.actor = cause, actor
	f()
	w.cause, w.actor = wasCause, wasActor
}

// tell adds an event to the trace and returns its number. When, who and why are those of what is being applied.
func (w *world) tell(e Event) int {
	e.Seq, e.At, e.Cause, e.Actor = len(w.rec.Events)+1, w.loop.Now(), w.cause, w.actor
	w.rec.Events = append(w.rec.Events, e)
	return e.Seq
}

// changed hears of every change of the API server's content, tells it, and sends it to whoever watches.
func (w *world) changed(c store.Change) {
	seq := w.told(c)
	for _, i := range w.informers {
		i.watch(c, seq)
	}
	if m := w.machineOf[nodeOf(c.Object())]; m != nil {
		m.watch(c, seq)
	}
	for _, cl := range w.clients {
		cl.watch(c, seq)
	}
	for _, t := range w.terminals {
		t.watch(c)
	}
	w.provision(c)
	w.judge.changed(c)
	w.failovers.changed(w, c, seq)
}

// fail stops the run: the machine that simulates, not the simulated one, is at fault.
func (w *world) fail(what string, err error) {
	panic(what + ": " + err.Error())
}

// loud are the reasons of Kubernetes Events that a short timeline shows.
var loud = map[string]bool{"FailedScheduling": true, "FailedAttachVolume": true, "BackOff": true, "FailedCreate": true}

func (w *world) kubernetesEvent(about store.Object, _, reason, message string) {
	level := Normal
	if loud[reason] {
		level = Headline
	}
	w.tell(Event{Verb: "event", Kind: store.KindOf(about).String(), Name: displayName(about.GetNamespace(), about.GetName()),
		Reason: reason, Detail: message, Level: level})
}

// number writes an unsigned number: most details of the trace are made of a few.
func number(n uint64) string { return strconv.FormatUint(n, 10) }
