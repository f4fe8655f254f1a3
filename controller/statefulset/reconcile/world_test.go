package reconcile

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

// world is a store, the controller with a cache that may lag behind it, and kubelets that do as they are told.
type world struct {
	t      testing.TB
	store  *store.Store
	now    time.Time
	cache  store.View
	late   []store.Change // what the cache has not taken in yet
	dirty  []store.Key
	c      *Controller
	syncs  int
	events []string
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, store: store.New(), now: time.Unix(946684800, 0), c: New(DefaultGates())}
	w.store.OnChange = func(change store.Change) { w.late = append(w.late, change) }
	return w
}

// api is the API server as a user or a kubelet calls it.
func (w *world) api() *store.Client {
	return w.store.At(w.now, func(_ store.Object, _, reason, message string) { w.events = append(w.events, reason+": "+message) })
}

func (w *world) create(obj store.Object) store.Object {
	created, err := w.api().Create(obj)
	require.NoError(w.t, err)
	return created
}

// edit changes the set's spec or metadata.
func (w *world) edit(change func(*appsv1.StatefulSet)) {
	set := w.set().DeepCopy()
	change(set)
	_, err := w.api().Update(set)
	require.NoError(w.t, err)
}

func (w *world) set() *appsv1.StatefulSet {
	set, _ := store.Get[*appsv1.StatefulSet](w.store.View(), "default", "web")
	return set
}

func (w *world) pod(name string) *corev1.Pod {
	pod, _ := store.Get[*corev1.Pod](w.store.View(), "default", name)
	return pod
}

// deliver lets the cache take in the next n changes.
func (w *world) deliver(n int) {
	for ; n > 0 && len(w.late) > 0; n-- {
		w.take(0)
	}
}

// deliverBut lets the cache take in all changes but those of one kind, whose watch lags.
func (w *world) deliverBut(kind store.Kind) {
	for i := 0; i < len(w.late); {
		if w.late[i].Kind == kind {
			i++
			continue
		}
		w.take(i)
	}
}

// take lets the cache take in one of the changes that it has not seen.
func (w *world) take(i int) {
	change := w.late[i]
	if i == 0 {
		w.late = w.late[1:] // Deleting it would move all that follow, which is most of the work with 10,000 pods.
	} else {
		w.late = slices.Delete(w.late, i, i+1)
	}
	w.cache.Follow(change)
	for _, key := range w.c.Keys(change, &w.cache) {
		w.mark(key)
	}
}

func (w *world) mark(key store.Key) {
	if !slices.Contains(w.dirty, key) {
		w.dirty = append(w.dirty, key)
	}
}

// reconcile runs the first key that is due; a failed one is due again. It tells whether there was one.
func (w *world) reconcile() bool {
	if len(w.dirty) == 0 {
		return false
	}
	key := w.dirty[0]
	w.dirty = w.dirty[1:]
	w.syncs++
	if _, err := w.c.Reconcile(key, &w.cache, w.api()); err != nil {
		w.mark(key)
	}
	return true
}

// kubelet starts the pods that are pending and ends those that are terminating. It tells whether there were any.
func (w *world) kubelet() (did bool) {
	for pod := range store.In[*corev1.Pod](w.store.View(), "default") {
		did = w.run(pod) || did
	}
	return did
}

func (w *world) run(pod *corev1.Pod) bool {
	if pod.DeletionTimestamp != nil {
		require.NoError(w.t, w.api().Delete(store.KeyOf(pod), store.DeleteOptions{GracePeriodSeconds: new(int64), UID: pod.UID}))
		return true
	}
	if pod.Status.Phase == corev1.PodRunning {
		return false
	}
	bound, err := w.api().Bind(store.KeyOf(pod), pod.UID, "node")
	require.NoError(w.t, err)
	running := *bound.(*corev1.Pod)
	running.Status.Phase = corev1.PodRunning
	running.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(w.now)}}
	_, err = w.api().UpdateStatus(&running)
	require.NoError(w.t, err)
	return true
}

// rest runs everything until nothing changes any more.
func (w *world) rest() {
	const enough = 10000
	for range enough {
		w.deliver(len(w.late))
		if !w.reconcile() && !w.kubelet() && len(w.late) == 0 {
			return
		}
	}
	w.t.Fatalf("no rest after %d syncs; due are %v", w.syncs, w.dirty)
}

// webSet returns a set with a claim template, as a manifest would say it.
func webSet(replicas int32) *appsv1.StatefulSet {
	labels := map[string]string{"app": "web"}
	return &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "default"},
		Spec: appsv1.StatefulSetSpec{
			Replicas: &replicas, ServiceName: "web", Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "nginx:1"}}},
			},
			VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{
				ObjectMeta: metav1.ObjectMeta{Name: "data"},
				Spec: corev1.PersistentVolumeClaimSpec{
					AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
					Resources: corev1.VolumeResourceRequirements{
						Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")},
					},
				},
			}},
		},
	}
}
