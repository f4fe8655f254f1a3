package sim

import (
	"strconv"
	"time"

	"statefulsim/controller/attachdetach"
	"statefulsim/controller/cronjob"
	"statefulsim/controller/disruption"
	"statefulsim/controller/endpoints"
	"statefulsim/controller/garbagecollector"
	"statefulsim/controller/job"
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

	net      *network.Network
	held     []held
	disks    *volume.Disks
	volumes  map[string]string // the PersistentVolume of each disk
	spoilt   map[string]int    // the event of the latest fault of each disk that had one
	stages   []*stage          // the scenario's steps
	healed   int               // the event that healed a fault last
	faults   []fault           // what steps have done that lasts, oldest first
	broken   bool              // an invariant or an expectation has failed
	injected injected

	revision    int64         // the resource version of the last change
	unannounced []news        // changes that a stale API server keeps from everybody
	lastCall    time.Duration // when a slow API server takes up the last call that it has
	outages     int           // how often the API server was stopped
	cuts        []cut         // what steps have cut or hold, oldest first

	fromPeers *engine.Mailbox[outgoing]

	instances []*instance              // of replicated databases: those that ever ran
	operator  *operator                // of replicated databases; nil if there are none
	writers   map[store.Key][]*process // who takes writes, by set, in the order in which they began

	live    map[string][]*process // by identity: the names of pod and container
	doubles []twins               // those that are not over

	judge     *judge
	liveness  *liveness // nil: not judged
	failovers failovers
	rec       *Recording
	seams     seams

	// What is being applied: who acts, and because of which event.
	actor string
	cause int
}

// usualEvents is room for the events of a story of two minutes.
const usualEvents = 1 << 13

// controlPlane is where the API server, the controllers, the scheduler and CoreDNS stand.
var controlPlane = network.Place{ControlPlane: true}

// newWorld makes a world whose control plane runs and which has nothing else in it yet.
func newWorld(s *scenarios.Scenario, seed uint64, disks *volume.Disks) *world {
	w := &world{
		scenario: s, loop: engine.NewLoop(), dice: engine.NewDice(seed), hops: map[string]scenarios.Distribution{},
		store: store.New(), machineOf: map[string]*machine{}, sandboxes: map[string]*sandbox{},
		live: map[string][]*process{}, writers: map[store.Key][]*process{}, disks: disks, volumes: map[string]string{}, spoilt: map[string]int{},
		rec: &Recording{Scenario: s, Seed: seed, Events: make([]Event, 0, usualEvents), Frames: make([]Frame, 0, usualEvents/4)},
	}
	for _, hop := range scenarios.Hops() {
		w.hops[hop.Name] = s.Latency(hop.Name)
	}
	w.fromPeers = engine.NewMailbox[outgoing](w.loop)
	w.net = network.New(
		func(purpose string, n uint64) uint64 { return w.dice.At("network", purpose, n) },
		func(name string, bits uint64) time.Duration { return w.hops[name].Draw(bits) })
	w.failovers = failovers{primaries: map[store.Key]*process{}, deaths: map[store.Key]int{}}
	w.judge = newJudge(w)
	w.liveness = newLiveness(w)
	w.store.OnChange = w.changed
	w.store.Gates = storeGates(s.Kubernetes)
	w.addControlPlane()
	return w
}

// addControlPlane starts the processes of the control plane, each with the reconcilers that it runs.
func (w *world) addControlPlane() {
	kcm := w.addInformer("kube-controller-manager")
	kcm.add("statefulset-controller", func() reconciler { return reconcile.New(setGates(w.scenario.Kubernetes)) })
	kcm.add("endpointslice-controller", func() reconciler { return endpoints.New() })
	kcm.add("persistentvolume-binder", func() reconciler { return volumebinding.New(w.latency, storage{w}.Create) })
	kcm.add("volume-expand-controller", func() reconciler { return resize.NewExpander() })
	kcm.add("attachdetach-controller", func() reconciler { return attachdetach.New(attachOptions(w.scenario.Kubernetes)) })
	kcm.add("pvc-protection-controller", func() reconciler { return pvcprotection.New() })
	kcm.add("garbage-collector", func() reconciler { return garbagecollector.New() })
	kcm.add("node-lifecycle-controller", func() reconciler { return nodelifecycle.New(nodeGates(w.scenario.Kubernetes)) })
	kcm.add("taint-eviction-controller", func() reconciler { return tainteviction.New() })
	kcm.add("pod-garbage-collector", func() reconciler { return podgc.New() })
	kcm.add("disruption-controller", func() reconciler { return disruption.New() })
	kcm.add("job-controller", func() reconciler { return job.New() })
	kcm.add("cronjob-controller", func() reconciler { return cronjob.New() })
	kcm.add("ttl-after-finished-controller", func() reconciler { return job.NewCleaner() })

	sched := w.addInformer("kube-scheduler", store.Lease, store.EndpointSlice, store.ControllerRevision)
	sched.add("default-scheduler", func() reconciler { return scheduler.New(w.chooser("node")) }, "schedule")

	csi := w.addInformer(csiDriver, store.Lease, store.EndpointSlice, store.ControllerRevision, store.Pod)
	csi.add("csi-attacher", func() reconciler { return attachdetach.NewAttacher(storage{w}, w.latency) })
	csi.add("csi-resizer", func() reconciler { return resize.New(w.latency) })

	w.addOperator()

	w.dns = w.addInformer(coreDNS, store.Pod, store.Lease, store.ControllerRevision, store.Node)
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
func (w *world) api() *store.Client {
	api := w.store.At(w.now(), w.kubernetesEvent)
	if w.seams.write != nil {
		api.Alter = func(write *store.Write) { w.seams.write(api, write) }
	}
	if w.stopped(apiServer) {
		api.Down = errDown
	}
	return api
}

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
	w.revision = c.Revision
	if w.stale(apiServer) {
		w.unannounced = append(w.unannounced, news{c, seq})
	} else {
		w.announce(c, seq)
	}
	w.provision(c)
	w.judge.changed(c)
	w.failovers.changed(w, c, seq)
}

// announce sends a change to whoever watches.
func (w *world) announce(c store.Change, seq int) {
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
}

// fail stops the run: the machine that simulates, not the simulated one, is at fault.
func (w *world) fail(what string, err error) {
	panic(what + ": " + err.Error())
}

// loud are the reasons of Kubernetes Events that a short timeline shows.
var loud = map[string]bool{"FailedScheduling": true, "FailedAttachVolume": true, "BackOff": true, "FailedCreate": true,
	"JobAlreadyActive": true, "MissSchedule": true, "TooManyMissedTimes": true}

func (w *world) kubernetesEvent(about store.Object, _, reason, message string) {
	level := Normal
	if loud[reason] {
		level = Headline
	}
	w.judge.touch(events)
	w.tell(Event{Verb: "event", Kind: store.KindOf(about).String(), Name: DisplayName(about.GetNamespace(), about.GetName()),
		Reason: reason, Detail: message, Level: level})
}

// number writes an unsigned number: most details of the trace are made of a few.
func number(n uint64) string { return strconv.FormatUint(n, 10) }
