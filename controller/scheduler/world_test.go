package scheduler

import (
	"slices"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding"
)

type reconciler interface {
	Keys(store.Change, *store.View) []store.Key
	Reconcile(store.Key, *store.View, *store.Client) (time.Duration, error)
}

// call is a Reconcile that is due.
type call struct {
	at  time.Time
	key store.Key
	who reconciler
}

// world is an API server with the scheduler, and if wanted the volume binder, around it. Changes wait until they are
// delivered, so that a test can let the caches lag behind.
type world struct {
	t         require.TestingT
	server    *store.Store
	now       time.Time
	cache     *store.View
	scheduler *Scheduler
	all       []reconciler
	changes   []store.Change
	calls     []call
	events    []string
}

func newWorld(t require.TestingT, volumes bool) *world {
	w := &world{t: t, server: store.New(), now: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}
	w.server.OnChange = func(c store.Change) { w.changes = append(w.changes, c) }
	w.cache = w.server.View()
	w.scheduler = New(func(string, int) int { return 0 })
	w.all = []reconciler{w.scheduler}
	if volumes {
		latency := func(string, string) time.Duration { return 2 * time.Second }
		w.all = append(w.all, volumebinding.New(latency, func(string, string) error { return nil }))
	}
	return w
}

func (w *world) api() *store.Client {
	return w.server.At(w.now, func(about store.Object, eventtype, reason, message string) {
		w.events = append(w.events, store.KeyOf(about).String()+": "+reason+": "+message)
	})
}

func (w *world) create(objs ...store.Object) {
	for _, obj := range objs {
		created, err := w.api().Create(obj)
		require.NoError(w.t, err)
		if volume, ok := created.(*corev1.PersistentVolume); ok { // the status of a new object is dropped
			next := volume.DeepCopy()
			next.Status.Phase = corev1.VolumeAvailable
			_, err := w.api().UpdateStatus(next)
			require.NoError(w.t, err)
		}
	}
}

// place creates a pod that is on a node already.
func (w *world) place(pod *corev1.Pod, node string) {
	pod.Spec.NodeName = node
	w.create(pod)
}

// deliver lets the caches see the oldest n changes.
func (w *world) deliver(n int) {
	for _, c := range w.changes[:n] {
		w.cache.Follow(c)
		for _, r := range w.all {
			for _, key := range r.Keys(c, w.cache) {
				w.calls = append(w.calls, call{w.now, key, r})
			}
		}
	}
	w.changes = w.changes[n:]
}

// step makes the first call that is due by then, and tells whether there was one.
func (w *world) step(until time.Time) bool {
	if len(w.calls) == 0 {
		return false
	}
	first := slices.MinFunc(w.calls, func(a, b call) int { return a.at.Compare(b.at) })
	if first.at.After(until) {
		return false
	}
	w.calls = slices.DeleteFunc(w.calls, func(c call) bool { return c == first })
	w.now = first.at
	again, err := first.who.Reconcile(first.key, w.cache, w.api())
	if err != nil {
		again = 5 * time.Millisecond
	}
	if again > 0 {
		w.calls = append(w.calls, call{w.now.Add(again), first.key, first.who})
	}
	return true
}

// run delivers everything at once for a while.
func (w *world) run(d time.Duration) {
	until := w.now.Add(d)
	for {
		w.deliver(len(w.changes))
		if !w.step(until) {
			break
		}
	}
	w.now = until
}

func (w *world) pod(name string) *corev1.Pod {
	pod, ok := store.Get[*corev1.Pod](w.server.View(), "default", name)
	require.True(w.t, ok, name)
	return pod
}

func (w *world) delete(kind store.Kind, name string) {
	key := store.Key{Kind: kind, Name: name}
	if kind.Namespaced() {
		key.Namespace = "default"
	}
	none := int64(0)
	require.NoError(w.t, w.api().Delete(key, store.DeleteOptions{GracePeriodSeconds: &none}))
}

// what the objects of a test look like

func newNode(name, zone string, change ...func(*corev1.Node)) *corev1.Node {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelHostname: name}}}
	if zone != "" {
		node.Labels[corev1.LabelTopologyZone] = zone
	}
	node.Status.Allocatable = list("4", "8Gi")
	node.Status.Allocatable[corev1.ResourcePods] = resource.MustParse("110")
	node.Status.Capacity = node.Status.Allocatable.DeepCopy()
	for _, f := range change {
		f(node)
	}
	return node
}

func list(cpu, memory string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)}
}

func newPod(name string, change ...func(*corev1.Pod)) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: map[string]string{"app": "web"}}}
	pod.Spec.Containers = []corev1.Container{{Name: "main", Image: "main:1"}}
	for _, f := range change {
		f(pod)
	}
	return pod
}

func asks(cpu, memory string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Spec.Containers[0].Resources.Requests = list(cpu, memory) }
}

func withLabel(key, value string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Labels[key] = value }
}

func mounts(claims ...string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		for _, claim := range claims {
			pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: claim, VolumeSource: corev1.VolumeSource{
				PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim}}})
		}
	}
}

func affinityTo(app, topology string) []corev1.PodAffinityTerm {
	return []corev1.PodAffinityTerm{{
		LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": app}}, TopologyKey: topology,
	}}
}

func away(app, topology string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: affinityTo(app, topology)}}
	}
}

func near(app, topology string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Spec.Affinity = &corev1.Affinity{PodAffinity: &corev1.PodAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: affinityTo(app, topology)}}
	}
}

func onNodes(terms ...corev1.NodeSelectorTerm) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: terms}}}
	}
}

func newClass(name string, mode storagev1.VolumeBindingMode, change ...func(*storagev1.StorageClass)) *storagev1.StorageClass {
	class := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Provisioner: "disks.example.com", VolumeBindingMode: &mode}
	for _, f := range change {
		f(class)
	}
	return class
}

func newClaim(name, class string, change ...func(*corev1.PersistentVolumeClaim)) *corev1.PersistentVolumeClaim {
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
	claim.Spec.StorageClassName = &class
	claim.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
	claim.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("10Gi")}
	for _, f := range change {
		f(claim)
	}
	return claim
}

func newVolume(name, class, size, zone string) *corev1.PersistentVolume {
	volume := &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: name}}
	volume.Spec = corev1.PersistentVolumeSpec{
		StorageClassName: class, Capacity: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)},
		AccessModes:                   []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimRetain,
		PersistentVolumeSource: corev1.PersistentVolumeSource{
			CSI: &corev1.CSIPersistentVolumeSource{Driver: "disks.example.com", VolumeHandle: name}},
	}
	if zone != "" {
		volume.Spec.NodeAffinity = &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{
			NodeSelectorTerms: []corev1.NodeSelectorTerm{inZones(zone)}}}
	}
	return volume
}

func inZones(zones ...string) corev1.NodeSelectorTerm {
	return corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{{
		Key: corev1.LabelTopologyZone, Operator: corev1.NodeSelectorOpIn, Values: zones}}}
}

func tainted(key string, effect corev1.TaintEffect) func(*corev1.Node) {
	return func(node *corev1.Node) {
		node.Spec.Taints = append(node.Spec.Taints, corev1.Taint{Key: key, Effect: effect})
	}
}

func threeZones(w *world) {
	for _, zone := range []string{"a", "b", "c"} {
		w.create(newNode("node-"+zone, zone))
	}
}

func numbered(prefix string, n int) string { return prefix + strconv.Itoa(n) }

func quantity(s string) *resource.Quantity { q := resource.MustParse(s); return &q }

func number(n int32) *int32 { return &n }

// bound creates a claim that is bound to a volume with that name.
func (w *world) bound(name, volume string, change ...func(*corev1.PersistentVolumeClaim)) {
	w.create(newClaim(name, "", append(change, func(c *corev1.PersistentVolumeClaim) {
		c.Spec.VolumeName = volume
		c.Annotations = map[string]string{"pv.kubernetes.io/bind-completed": "yes"}
	})...))
}
