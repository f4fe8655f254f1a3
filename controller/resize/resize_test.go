package resize

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

type world struct {
	t       *testing.T
	server  *store.Store
	now     time.Time
	resizer *Resizer
	events  []string
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, server: store.New(), now: time.Unix(946684800, 0)}
	w.resizer = New(func(name, _ string) time.Duration {
		return map[string]time.Duration{"resize": 3 * time.Second, "mount": time.Second}[name]
	})
	return w
}

func (w *world) api() *store.Client {
	return w.server.At(w.now, func(_ store.Object, _, reason, _ string) { w.events = append(w.events, reason) })
}

func size(s string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(s)}
}

// bound makes a claim that has a volume of 1Gi of a class that lets it grow.
func (w *world) bound() store.Key {
	yes := true
	class := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast"}, Provisioner: "disks.example.com", AllowVolumeExpansion: &yes}
	modes := []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
	volume := &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "v"}, Spec: corev1.PersistentVolumeSpec{
		Capacity: size("1Gi"), AccessModes: modes, StorageClassName: "fast",
		PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{Driver: "disks.example.com", VolumeHandle: "v"}},
	}}
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "data"}, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: modes, StorageClassName: &class.Name, VolumeName: "v", Resources: corev1.VolumeResourceRequirements{Requests: size("1Gi")},
	}}
	for _, obj := range []store.Object{class, volume, claim} {
		_, err := w.api().Create(obj)
		require.NoError(w.t, err)
	}
	held := w.claim().DeepCopy()
	held.Status.Phase, held.Status.Capacity = corev1.ClaimBound, size("1Gi")
	_, err := w.api().UpdateStatus(held)
	require.NoError(w.t, err)
	return store.KeyOf(claim)
}

func (w *world) claim() *corev1.PersistentVolumeClaim {
	claim, _ := store.Get[*corev1.PersistentVolumeClaim](w.server.View(), "default", "data")
	return claim
}

func (w *world) ask(s string) error {
	update := w.claim().DeepCopy()
	update.Spec.Resources.Requests = size(s)
	_, err := w.api().Update(update)
	return err
}

// step reconciles once, and lets the time pass that it asks for.
func (w *world) step(key store.Key) (again time.Duration) {
	again, err := w.resizer.Reconcile(key, w.server.View(), w.api())
	require.NoError(w.t, err)
	w.now = w.now.Add(again)
	return again
}

func (w *world) capacity() string {
	c := w.claim().Status.Capacity[corev1.ResourceStorage]
	return c.String()
}

// A claim that asks for more gets a larger volume first, and waits with FileSystemResizePending until a pod runs with it.
func TestExpansion(t *testing.T) {
	w := newWorld(t)
	key := w.bound()
	require.Empty(t, w.resizer.Keys(store.Change{Kind: store.PersistentVolumeClaim, New: w.claim()}, w.server.View()))
	require.NoError(t, w.ask("2Gi"))
	require.Equal(t, []store.Key{key}, w.resizer.Keys(store.Change{Kind: store.PersistentVolumeClaim, New: w.claim()}, w.server.View()))

	require.Equal(t, 3*time.Second, w.step(key))
	require.Equal(t, corev1.PersistentVolumeClaimResizing, w.claim().Status.Conditions[0].Type)
	require.Zero(t, w.step(key))
	require.Equal(t, corev1.PersistentVolumeClaimFileSystemResizePending, w.claim().Status.Conditions[0].Type)
	volume, _ := store.Get[*corev1.PersistentVolume](w.server.View(), "", "v")
	require.True(t, volume.Spec.Capacity.Storage().Equal(resource.MustParse("2Gi")))
	require.Zero(t, w.step(key), "nobody runs with it")
	require.Equal(t, "1Gi", w.capacity())

	pod := w.run()
	require.Equal(t, []store.Key{key}, w.resizer.Keys(store.Change{Kind: store.Pod, New: pod}, w.server.View()))
	require.Equal(t, time.Second, w.step(key))
	require.Zero(t, w.step(key))
	require.Equal(t, "2Gi", w.capacity())
	require.Empty(t, w.claim().Status.Conditions)
	require.Equal(t, []string{"Resizing", "FileSystemResizeRequired", "FileSystemResizeSuccessful"}, w.events)

	require.ErrorContains(t, w.ask("1Gi"), "field can not be less than status.capacity")
}

// run makes a pod that runs with the claim.
func (w *world) run() *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web-0"}, Spec: corev1.PodSpec{
		NodeName:   "node-a",
		Containers: []corev1.Container{{Name: "web", Image: "nginx:1"}},
		Volumes: []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}}},
	}}
	created, err := w.api().Create(pod)
	require.NoError(w.t, err)
	running := created.(*corev1.Pod).DeepCopy()
	running.Status.Phase = corev1.PodRunning
	stored, err := w.api().UpdateStatus(running)
	require.NoError(w.t, err)
	return stored.(*corev1.Pod)
}
