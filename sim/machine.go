package sim

import (
	"net/netip"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	c := kubelet.Config{Node: m.place.Node, HostIP: m.address(0)}
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
		at := max(m.w.loop.Now()+m.w.latency("watch", m.place.Node), m.last+1)
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
	if m.life != life {
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
	m.behind = false
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
	_, there := m.w.net.Cuts(m.place, controlPlane)
	_, back := m.w.net.Cuts(controlPlane, m.place)
	return !there && !back
}

// sync lets the kubelet work at a pod, and again when it asks for it.
func (m *machine) sync(key store.Key) {
	if m.down != nil {
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

// What follows is kubelet.Node.

// Start creates and starts a container.
func (m *machine) Start(pod *corev1.Pod, container string, restart int32) kubelet.Process {
	return m.sandbox(pod).start(container, restart)
}

// Mount makes a claim's volume usable by the pod.
func (m *machine) Mount(pod *corev1.Pod, claim string) {
	m.sandbox(pod).volumes[claim] = m.disk(pod, claim)
}

// Unmount ends that.
func (m *machine) Unmount(pod *corev1.Pod, claim string) {
	delete(m.sandbox(pod).volumes, claim)
	m.forget(m.sandbox(pod))
}

// disk names the disk behind a claim.
func (m *machine) disk(pod *corev1.Pod, claim string) string {
	pvc, ok := store.Get[*corev1.PersistentVolumeClaim](&m.cache, pod.Namespace, claim)
	if !ok {
		m.w.fail("mounting claim "+claim+" of pod "+pod.Name, errNoSuch)
	}
	pv, ok := store.Get[*corev1.PersistentVolume](&m.cache, "", pvc.Spec.VolumeName)
	if !ok {
		m.w.fail("mounting volume "+pvc.Spec.VolumeName+" of pod "+pod.Name, errNoSuch)
	}
	return diskOf(pv)
}

// PodIP gives a pod sandbox its address, from the node's own range.
func (m *machine) PodIP(pod *corev1.Pod) string {
	s := m.sandbox(pod)
	if s.ip != "" {
		delete(m.w.sandboxes, s.ip)
	}
	for taken := true; taken; taken = m.w.sandboxes[s.ip] != nil {
		m.ips++
		s.ip = m.address(1 + m.ips%(addresses-1))
	}
	m.w.sandboxes[s.ip] = s
	return s.ip
}

// addresses is how many addresses each node has. The nodes' ranges follow each other from 10.128.0.0 on, away from the
// addresses of Services.
const addresses = 1 << 12

// address is the n-th address of the node's range; 0 is the node's own.
func (m *machine) address(n int) string {
	bits := 10<<24 | 128<<16 + m.index*addresses + n
	return netip.AddrFrom4([4]byte{byte(bits >> 24), byte(bits >> 16), byte(bits >> 8), byte(bits)}).String()
}

// Latency draws how long a hop takes.
func (m *machine) Latency(name, about string) time.Duration { return m.w.latency(name, about) }

// Note tells of something that no API object shows.
func (m *machine) Note(pod *corev1.Pod, verb, reason, detail string) {
	if m.down != nil {
		return // it finds out when it is back
	}
	m.w.tell(Event{Verb: verb, Kind: "Pod", Name: displayName(pod.Namespace, pod.Name), Reason: reason, Detail: detail, Level: Normal})
}

// call sends the kubelet's call to the API server; whether it arrives is the network's choice.
func (m *machine) call(kind string, apply func(api *store.Client)) {
	m.w.send(m.place, controlPlane, kind, func() { apply(m.w.api()) })
}

// UpdatePodStatus replaces the status of the pod with that UID.
func (m *machine) UpdatePodStatus(pod *corev1.Pod, status corev1.PodStatus) {
	m.call("pod status", func(api *store.Client) {
		live, ok := store.Get[*corev1.Pod](api.View(), pod.Namespace, pod.Name)
		if !ok || live.UID != pod.UID {
			return
		}
		update := *live
		update.Status = kubelet.Merge(live.Status, status)
		m.write(api.UpdateStatus(&update))
	})
}

// DeletePod removes the pod with that UID at once.
func (m *machine) DeletePod(name types.NamespacedName, uid types.UID) {
	m.call("pod delete", func(api *store.Client) {
		now := int64(0)
		err := api.Delete(store.Key{Kind: store.Pod, Namespace: name.Namespace, Name: name.Name},
			store.DeleteOptions{GracePeriodSeconds: &now, UID: uid})
		m.write(nil, err)
	})
}

// UpdateNodeStatus reports the conditions and the volumes in use.
func (m *machine) UpdateNodeStatus(status corev1.NodeStatus) {
	m.call("node status", func(api *store.Client) {
		live, ok := store.Get[*corev1.Node](api.View(), "", m.place.Node)
		if !ok {
			m.write(nil, noNode(m.place.Node))
			return
		}
		update := live.DeepCopy()
		update.Status.Conditions, update.Status.VolumesInUse = status.Conditions, status.VolumesInUse
		m.write(api.UpdateStatus(update))
	})
}

// leaseSeconds is how long a node's lease lasts (pkg/kubelet/apis/config/v1beta1/defaults.go).
const leaseSeconds = 40

// RenewLease renews the node's lease. The node owns its lease: while there is no Node object, none is made
// (pkg/kubelet/util/nodelease.go:SetNodeOwnerFunc).
func (m *machine) RenewLease() {
	m.call("lease", func(api *store.Client) {
		now := metav1.NewMicroTime(api.Now)
		live, ok := store.Get[*coordinationv1.Lease](api.View(), corev1.NamespaceNodeLease, m.place.Node)
		if !ok {
			m.createLease(&now, api)
			return
		}
		update := *live
		update.Spec.RenewTime = &now
		m.write(api.Update(&update))
	})
}

func (m *machine) createLease(now *metav1.MicroTime, api *store.Client) {
	node, ok := store.Get[*corev1.Node](api.View(), "", m.place.Node)
	if !ok {
		m.write(nil, noNode(m.place.Node))
		return
	}
	duration := int32(leaseSeconds)
	m.write(api.Create(&coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Namespace: corev1.NamespaceNodeLease, Name: m.place.Node,
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}}},
		Spec: coordinationv1.LeaseSpec{HolderIdentity: &m.place.Node, LeaseDurationSeconds: &duration, RenewTime: now}}))
}

func noNode(name string) error { return apierrors.NewNotFound(corev1.Resource("nodes"), name) }

// UpdateClaimStatus changes the status of the claim with that UID.
func (m *machine) UpdateClaimStatus(claim *corev1.PersistentVolumeClaim, change func(*corev1.PersistentVolumeClaimStatus)) {
	m.call("claim status", func(api *store.Client) {
		live, ok := store.Get[*corev1.PersistentVolumeClaim](api.View(), claim.Namespace, claim.Name)
		if !ok || live.UID != claim.UID {
			return
		}
		update := *live
		change(&update.Status)
		m.write(api.UpdateStatus(&update))
	})
}

// Event tells a Kubernetes Event.
func (m *machine) Event(about store.Object, eventtype, reason, message string) {
	m.w.kubernetesEvent(about, eventtype, reason, message)
}

// write takes the answer to a write that a kubelet does not wait for: it sees in its cache whether it took effect.
func (m *machine) write(_ store.Object, err error) {
	if err != nil {
		m.w.tell(Event{Verb: "fail", Kind: "Node", Name: m.place.Node, Reason: "Refused", Detail: err.Error(), Level: Detail})
	}
}
