package sim

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/kubelet"
	"statefulsim/controller/store"
	"statefulsim/network"
	"statefulsim/scenarios"
	"statefulsim/sim/engine"
)

// machine is a node: its kubelet with what the kubelet reads and does, and the sandboxes on it.
type machine struct {
	w       *world
	spec    scenarios.Node
	place   network.Place
	kubelet *kubelet.Kubelet
	cache   store.View
	last    time.Duration // the latest delivery of the watch that is under way
	listed  int64         // the resource version of the last list: what changed before that is known
	listing bool          // the kubelet was started, and has not listed yet
	behind  bool          // a delivery was lost: the watch has to begin anew
	beat    *engine.Event // the next heartbeat
	syncs   map[store.Key]*engine.Event
	ips     int // how many pod addresses were given out
	index   int
	pods    map[types.UID]*sandbox

	down       *outage // nil while the machine runs
	unheard    int     // the event by which the node was called Unknown; 0 while it is heard of
	life       int     // counts how often it went down
	registered bool    // the API server has answered the kubelet's registration
	rebooted   bool    // the API server does not know yet that the machine has booted anew
}

// relist is how long a kubelet whose watch broke waits before it lists again: client-go's reflector begins with 800 ms
// (tools/cache/reflector.go).
const relist = 800 * time.Millisecond

func (w *world) addMachine(n scenarios.Node) {
	m := &machine{w: w, spec: n, place: network.Place{Node: n.Name, Zone: n.Zone}, index: len(w.machines),
		syncs: map[store.Key]*engine.Event{}, pods: map[types.UID]*sandbox{}, registered: true}
	m.kubelet = kubelet.New(m.config(), m)
	w.machines = append(w.machines, m)
	w.machineOf[n.Name] = m
}

// config is what the kubelet is configured with, and where its random delays come from.
func (m *machine) config() kubelet.Config {
	c := kubelet.Config{Node: m.place.Node, HostIP: m.address(0), PullError: m.pullError}
	c.ReduceDefaultCrashLoopBackOffDecay = m.w.scenario.Kubernetes.Enabled("ReduceDefaultCrashLoopBackOffDecay")
	if m.w.scenario.Kubernetes.Number() >= "1.35" {
		c.MaxContainerRestartPeriod = maxContainerRestartPeriod
	}
	c.Fraction = func(about string) float64 {
		const parts = 1 << 20
		return float64(m.w.dice.Choose("kubelet", m.place.Node+"/"+about, parts)) / parts
	}
	return c
}

// maxContainerRestartPeriod is the cap that a kubelet's configuration sets since 1.35, where KubeletCrashLoopBackOffMax is on
// (pkg/kubelet/apis/config/v1beta1/defaults.go:SetDefaults_KubeletConfiguration).
const maxContainerRestartPeriod = 300 * time.Second

func (m *machine) actor() string { return "kubelet/" + m.place.Node }

// heartbeat keeps the kubelet's heart beating.
func (m *machine) heartbeat() {
	m.w.because(0, m.actor(), func() {
		next := m.kubelet.Heartbeat(m.w.now(), &m.cache)
		m.beat = m.w.loop.Push(max(m.w.since(next), m.w.loop.Now()+1), m.heartbeat)
	})
}

// since turns an instant into the time since the start.
func (w *world) since(t time.Time) time.Duration { return t.Sub(w.loop.Time(0)) }

// nodeOf names the node whose kubelet watches an object: that of a pod bound to it, the node itself, or that of a volume to be
// attached to it. It is "" for an object that no kubelet watches. A pod never changes its node.
func nodeOf(obj store.Object) string {
	switch obj := obj.(type) {
	case *corev1.Pod:
		return obj.Spec.NodeName
	case *storagev1.VolumeAttachment:
		return obj.Spec.NodeName
	case *corev1.Node:
		return obj.Name
	}
	return ""
}

// watch sends a change of something that the kubelet watches over the network into its cache.
func (m *machine) watch(c store.Change, cause int) {
	if m.behind {
		return
	}
	life := m.life
	m.w.because(cause, m.actor(), func() {
		at := max(m.w.loop.Now()+m.w.latency("watch", m.place.Node)+m.w.slowness(apiServer), m.last+1)
		m.last = m.w.loop.Push(at, func() {
			m.w.because(cause, m.actor(), func() {
				if lost := m.w.send(controlPlane, m.place, "watch", func() { m.deliver(c, life) }); lost != "" {
					m.broken()
				}
			})
		}).At
	})
}

// deliver brings a change into the cache, unless the machine has gone down since it was sent. A kubelet reads claims and
// volumes from the API server when it needs them, so that they are as fresh as the change.
func (m *machine) deliver(c store.Change, life int) {
	if m.life != life || c.Revision <= m.listed {
		return
	}
	m.cache.Follow(c)
	m.readVolumes(c.After)
	for _, key := range m.kubelet.Keys(c, &m.cache) {
		m.sync(key)
	}
}

func (m *machine) readVolumes(live *store.View) {
	m.cache.Follow(store.Change{Kind: store.PersistentVolumeClaim, After: live})
	m.cache.Follow(store.Change{Kind: store.PersistentVolume, After: live})
}

// broken begins the watch anew: the kubelet lists until it gets an answer, and then sees all that it missed.
func (m *machine) broken() {
	if m.behind {
		return
	}
	m.behind = true
	m.relist()
}

func (m *machine) relist() { m.alive(relist, m.list) }

// list fills the cache anew, or tries again later.
func (m *machine) list() {
	if !m.connected() {
		m.relist()
		return
	}
	m.behind, m.listing = false, false
	m.listed = m.w.revision
	m.cache = *m.w.store.View()
	m.w.because(max(m.w.cause, m.w.healed), m.w.actor, m.catchUp)
}

// catchUp lets the kubelet work at all that may have changed while it heard of nothing.
func (m *machine) catchUp() {
	for _, key := range m.kubelet.Relist(&m.cache) {
		m.sync(key)
	}
}

// connected tells whether the kubelet and the API server can talk to each other.
func (m *machine) connected() bool {
	if m.w.stopped(apiServer) {
		return false
	}
	_, there := m.w.net.Cuts(m.place, controlPlane)
	_, back := m.w.net.Cuts(controlPlane, m.place)
	return !there && !back
}

// sync lets the kubelet work at a pod, and again when it asks for it.
func (m *machine) sync(key store.Key) {
	if !m.works() {
		return
	}
	if e := m.syncs[key]; e != nil {
		e.Cancel()
		delete(m.syncs, key)
	}
	if m.connected() {
		m.readVolumes(m.w.store.View())
	}
	next := m.kubelet.Sync(m.w.now(), key, &m.cache)
	if next.IsZero() {
		return
	}
	cause := m.w.cause
	m.syncs[key] = m.w.loop.Push(max(m.w.since(next), m.w.loop.Now()+1), func() {
		m.w.because(cause, m.actor(), func() { m.sync(key) })
	})
}

// exited tells the kubelet that a process ended.
func (m *machine) exited(p *process, code int32, reason string) {
	m.kubelet.Exited(m.w.now(), p.sandbox.pod.UID, p.container, code, reason)
	m.sync(store.KeyOf(p.sandbox.pod))
}
