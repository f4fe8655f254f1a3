package volumebinding

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

// call is a Reconcile that is due.
type call struct {
	at  time.Time
	key store.Key
}

// world is an API server with the binder. Changes wait until they are delivered, so that a test can let the cache lag
// behind.
type world struct {
	t       require.TestingT
	server  *store.Store
	now     time.Time
	cache   *store.View
	binder  *Binder
	changes []store.Change
	calls   []call
	events  []string
	broken  error // of the storage
}

func newWorld(t require.TestingT) *world {
	w := &world{t: t, server: store.New(), now: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}
	w.server.OnChange = func(c store.Change) { w.changes = append(w.changes, c) }
	w.cache = w.server.View()
	w.binder = New(func(string, string) time.Duration { return 2 * time.Second },
		func(string, string) error { return w.broken })
	return w
}

func (w *world) api() *store.Client {
	return w.server.At(w.now, func(about store.Object, eventtype, reason, message string) {
		w.events = append(w.events, about.GetName()+": "+reason+": "+message)
	})
}

func (w *world) create(objs ...store.Object) {
	for _, obj := range objs {
		_, err := w.api().Create(obj)
		require.NoError(w.t, err)
	}
}

func (w *world) update(obj store.Object) {
	_, err := w.api().Update(obj)
	require.NoError(w.t, err)
}

// remove deletes an object whatever its finalizers say.
func (w *world) remove(key store.Key) {
	obj, ok := w.server.View().Object(key)
	require.True(w.t, ok, key)
	if len(obj.GetFinalizers()) > 0 {
		next := obj.DeepCopyObject().(store.Object)
		next.SetFinalizers(nil)
		w.update(next)
	}
	if _, there := w.server.View().Object(key); !there {
		return // it was to go already, and only its finalizers held it
	}
	none := int64(0)
	require.NoError(w.t, w.api().Delete(key, store.DeleteOptions{GracePeriodSeconds: &none}))
}

// unprotect takes the finalizer of volumes in use off a volume that is to go and is not bound, as their controller does.
func (w *world) unprotect(c store.Change) {
	volume, ok := c.New.(*corev1.PersistentVolume)
	if !ok || volume.DeletionTimestamp == nil || volume.Status.Phase == corev1.VolumeBound {
		return
	}
	live, ok := store.Get[*corev1.PersistentVolume](w.server.View(), "", volume.Name)
	if ok && slices.Contains(live.Finalizers, store.PVProtectionFinalizer) {
		next := live.DeepCopy()
		next.Finalizers = slices.DeleteFunc(next.Finalizers, func(f string) bool { return f == store.PVProtectionFinalizer })
		w.update(next)
	}
}

func (w *world) deliver(n int) {
	for _, c := range w.changes[:n] {
		w.cache.Follow(c)
		w.unprotect(c)
		for _, key := range w.binder.Keys(c, w.cache) {
			w.calls = append(w.calls, call{w.now, key})
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
	again, err := w.binder.Reconcile(first.key, w.cache, w.api())
	if err != nil {
		again = 5 * time.Millisecond
	}
	if again > 0 {
		w.calls = append(w.calls, call{w.now.Add(again), first.key})
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

func (w *world) claim(name string) *corev1.PersistentVolumeClaim {
	claim, ok := store.Get[*corev1.PersistentVolumeClaim](w.server.View(), "default", name)
	require.True(w.t, ok, name)
	return claim.DeepCopy()
}

func (w *world) volume(name string) *corev1.PersistentVolume {
	volume, ok := store.Get[*corev1.PersistentVolume](w.server.View(), "", name)
	require.True(w.t, ok, name)
	return volume.DeepCopy()
}

func claimKey(name string) store.Key {
	return store.Key{Kind: store.PersistentVolumeClaim, Namespace: "default", Name: name}
}

func volumeKey(name string) store.Key { return store.Key{Kind: store.PersistentVolume, Name: name} }

func newNode(name, zone string) *corev1.Node {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{}}}
	if zone != "" {
		node.Labels[corev1.LabelTopologyZone] = zone
	}
	return node
}

func newClass(name string, mode storagev1.VolumeBindingMode, change ...func(*storagev1.StorageClass)) *storagev1.StorageClass {
	class := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Provisioner: "disks.example.com", VolumeBindingMode: &mode}
	for _, f := range change {
		f(class)
	}
	return class
}

func newClaim(name, class, size string, change ...func(*corev1.PersistentVolumeClaim)) *corev1.PersistentVolumeClaim {
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
	claim.Spec.StorageClassName = &class
	claim.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
	claim.Spec.Resources.Requests = storage(size)
	for _, f := range change {
		f(claim)
	}
	return claim
}

func newPV(name, class, size string, change ...func(*corev1.PersistentVolume)) *corev1.PersistentVolume {
	volume := &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: name}}
	volume.Spec = corev1.PersistentVolumeSpec{
		StorageClassName: class, Capacity: storage(size),
		AccessModes:                   []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimRetain,
	}
	volume.Spec.CSI = &corev1.CSIPersistentVolumeSource{Driver: "disks.example.com", VolumeHandle: name}
	for _, f := range change {
		f(volume)
	}
	return volume
}

func storage(size string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}
}

func reclaim(policy corev1.PersistentVolumeReclaimPolicy) func(*corev1.PersistentVolume) {
	return func(volume *corev1.PersistentVolume) { volume.Spec.PersistentVolumeReclaimPolicy = policy }
}

func setAside(claim string) func(*corev1.PersistentVolume) {
	return func(volume *corev1.PersistentVolume) {
		volume.Spec.ClaimRef = &corev1.ObjectReference{Kind: "PersistentVolumeClaim", Namespace: "default", Name: claim}
	}
}

func classKey(name string) store.Key { return store.Key{Kind: store.StorageClass, Name: name} }
