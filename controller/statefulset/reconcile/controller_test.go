package reconcile

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"statefulsim/controller/store"
)

func TestStartsPodsInOrderWithTheirClaims(t *testing.T) {
	w := newWorld(t)
	w.create(webSet(2))
	w.rest()
	require.Equal(t, []string{
		"SuccessfulCreate: Create Claim data-web-0 Pod web-0 in StatefulSet web success",
		"SuccessfulCreate: Create Pod web-0 in StatefulSet web successful",
		"SuccessfulCreate: Create Claim data-web-1 Pod web-1 in StatefulSet web success",
		"SuccessfulCreate: Create Pod web-1 in StatefulSet web successful",
	}, w.events)
	pod := w.pod("web-1")
	require.Equal(t, "web-1", pod.Spec.Hostname)
	require.Equal(t, "web", pod.Spec.Subdomain)
	require.Equal(t, "data-web-1", pod.Spec.Volumes[0].PersistentVolumeClaim.ClaimName)
	require.Equal(t, "1", pod.Labels[appsv1.PodIndexLabel])
	require.Equal(t, w.set().Status.CurrentRevision, pod.Labels[appsv1.ControllerRevisionHashLabelKey])
	require.True(t, metav1.IsControlledBy(pod, w.set()))
	require.Equal(t, int32(2), w.set().Status.AvailableReplicas)
}

func TestRollsOutAndBack(t *testing.T) {
	w := newWorld(t)
	w.create(webSet(3))
	w.rest()
	first := w.set().Status.CurrentRevision
	image := func(image string) {
		w.edit(func(set *appsv1.StatefulSet) { set.Spec.Template.Spec.Containers[0].Image = image })
		w.rest()
	}
	image("nginx:2")
	require.Equal(t, "nginx:2", w.pod("web-0").Spec.Containers[0].Image)
	require.NotEqual(t, first, w.set().Status.CurrentRevision)
	image("nginx:1")
	require.Equal(t, "nginx:1", w.pod("web-2").Spec.Containers[0].Image)
	require.Equal(t, first, w.set().Status.CurrentRevision, "the revision of old is used again")
	revision, _ := store.Get[*appsv1.ControllerRevision](w.store.View(), "default", first)
	require.Equal(t, int64(3), revision.Revision)
}

func TestAdoptsAndReleases(t *testing.T) {
	w := newWorld(t)
	w.create(webSet(1))
	w.rest()
	change := func(change func(*corev1.Pod)) {
		pod := w.pod("web-0").DeepCopy()
		change(pod)
		_, err := w.api().Update(pod)
		require.NoError(t, err)
		w.deliver(len(w.late))
		w.reconcile()
	}
	uid := w.pod("web-0").UID
	change(func(pod *corev1.Pod) { pod.OwnerReferences = nil })
	require.True(t, metav1.IsControlledBy(w.pod("web-0"), w.set()), "an orphan that matches is adopted")
	change(func(pod *corev1.Pod) { pod.Labels["app"] = "other" })
	require.Nil(t, metav1.GetControllerOf(w.pod("web-0")), "a pod that doesn't match is released")
	require.Equal(t, uid, w.pod("web-0").UID)
	require.NotEmpty(t, w.dirty, "the name is taken, and the sync fails on it")
}

// The set was deleted while the cache still shows it: a live read keeps the controller from adopting.
func TestDoesNotAdoptForASetThatIsGoing(t *testing.T) {
	w := newWorld(t)
	w.create(webSet(1))
	w.rest()
	pod := w.pod("web-0").DeepCopy()
	pod.OwnerReferences = nil
	_, err := w.api().Update(pod)
	require.NoError(t, err)
	w.deliver(len(w.late))
	require.NoError(t, w.api().Delete(store.KeyOf(w.set()), store.DeleteOptions{Propagation: "Orphan"}))
	_, err = w.c.Reconcile(store.Key{Kind: store.StatefulSet, Namespace: "default", Name: "web"}, &w.cache, w.api())
	require.ErrorContains(t, err, "can't adopt Pod default/web-0")
}

func TestAsksToBeCalledWhenAPodBecomesAvailable(t *testing.T) {
	w := newWorld(t)
	set := webSet(1)
	set.Spec.MinReadySeconds = 10
	w.create(set)
	w.rest()
	w.now = w.now.Add(4 * time.Second)
	again, err := w.c.Reconcile(store.KeyOf(w.set()), &w.cache, w.api())
	require.NoError(t, err)
	require.Equal(t, 6*time.Second, again)
	require.Equal(t, int32(0), w.set().Status.AvailableReplicas)
	w.now = w.now.Add(again)
	again, err = w.c.Reconcile(store.KeyOf(w.set()), &w.cache, w.api())
	require.NoError(t, err)
	require.Zero(t, again)
	require.Equal(t, int32(1), w.set().Status.AvailableReplicas)
}

// A sync waits for the claims, pods and status that the controller wrote to come back, and takes place when the last of them
// has come, be it of a kind that wakes nobody by itself.
func TestWaitsForItsOwnWrites(t *testing.T) {
	for _, kind := range []store.Kind{store.PersistentVolumeClaim, store.Pod, store.StatefulSet} {
		w := newWorld(t)
		w.create(webSet(1))
		w.deliver(1)
		require.True(t, w.reconcile())
		require.Len(t, w.late, 4, "a revision, a claim, a pod, a status")
		w.deliverBut(kind)
		w.mark(store.KeyOf(w.set()))
		require.True(t, w.reconcile())
		require.Len(t, w.late, 1, "nothing is written on a cache that is behind")
		require.Empty(t, w.dirty, "that is not an error")
		w.deliver(1)
		require.Equal(t, []store.Key{store.KeyOf(w.set())}, w.dirty, "%s", kind)
	}
}

// The controller deletes whatever has the name, with the pod's own grace: here it is another pod than the cache shows.
func TestDeletesByNameAlone(t *testing.T) {
	w := newWorld(t)
	w.create(webSet(2))
	w.rest()
	old := w.pod("web-1")
	w.edit(func(set *appsv1.StatefulSet) { set.Spec.Replicas = new(int32(1)) })
	w.deliver(1)
	require.NoError(t, w.api().Delete(store.KeyOf(old), store.DeleteOptions{GracePeriodSeconds: new(int64)}))
	again := old.DeepCopy()
	again.UID, again.ResourceVersion = "", ""
	w.create(again)
	require.True(t, w.reconcile())
	require.NotEqual(t, old.UID, w.pod("web-1").UID)
	require.Equal(t, int64(30), *w.pod("web-1").DeletionGracePeriodSeconds)
}

// Without the gate a pod that the cache doesn't show is made again, and the API server refuses.
func TestStaleCacheWithoutTheGate(t *testing.T) {
	gates := DefaultGates()
	gates.StaleControllerConsistencyStatefulSet = false
	w := newWorld(t)
	w.c = New(gates)
	w.create(webSet(1))
	w.deliver(1)
	require.True(t, w.reconcile())
	w.deliverBut(store.Pod)
	_, err := w.c.Reconcile(store.KeyOf(w.set()), &w.cache, w.api())
	require.True(t, apierrors.IsAlreadyExists(err), "%v", err)
	w.rest()
	require.Equal(t, int32(1), w.set().Status.AvailableReplicas)
}

// The set, its pods and orphans that match wake it; claims, revisions and the pods of others do not.
func TestWhatWakesASet(t *testing.T) {
	w := newWorld(t)
	w.create(webSet(1))
	w.rest()
	wakes := func(change func(store.Object), kind store.Kind, name string) bool {
		obj, ok := w.store.View().Object(store.Key{Kind: kind, Namespace: "default", Name: name})
		require.True(t, ok)
		obj = obj.DeepCopyObject().(store.Object)
		change(obj)
		_, err := w.api().Update(obj)
		require.NoError(t, err)
		require.NotEmpty(t, w.late)
		w.dirty = nil
		w.deliver(len(w.late))
		return len(w.dirty) > 0
	}
	annotate := func(obj store.Object) { obj.SetAnnotations(map[string]string{"a": "b"}) }
	require.True(t, wakes(annotate, store.StatefulSet, "web"))
	require.True(t, wakes(annotate, store.Pod, "web-0"))
	require.False(t, wakes(annotate, store.PersistentVolumeClaim, "data-web-0"))
	require.False(t, wakes(annotate, store.ControllerRevision, w.set().Status.UpdateRevision))
	require.True(t, wakes(func(pod store.Object) { pod.SetOwnerReferences(nil) }, store.Pod, "web-0"), "an orphan")
	w.rest()
	stranger := w.pod("web-0").DeepCopy()
	stranger.ObjectMeta = metav1.ObjectMeta{Name: "other-0", Namespace: "default", Labels: map[string]string{"app": "web"}}
	w.create(stranger)
	w.dirty = nil
	w.deliver(len(w.late))
	require.Empty(t, w.dirty, "a matching pod that is called otherwise")
	require.NoError(t, w.api().Delete(store.KeyOf(w.pod("web-0")), store.DeleteOptions{}))
	w.deliver(len(w.late))
	require.NotEmpty(t, w.dirty, "a pod that is deleted")
}

// A deletion is no write that a sync waits for: on a cache that does not show it the pods are deleted again, which changes
// nothing.
func TestDeletesAgainOnAnOldCache(t *testing.T) {
	w := newWorld(t)
	set := webSet(3)
	set.Spec.PodManagementPolicy = appsv1.ParallelPodManagement
	w.create(set)
	w.rest()
	w.events = nil
	w.edit(func(set *appsv1.StatefulSet) { set.Spec.Replicas = new(int32) })
	w.deliver(1)
	require.True(t, w.reconcile())
	require.Len(t, w.events, 3)
	w.deliverBut(store.Pod)
	w.mark(store.KeyOf(w.set()))
	require.True(t, w.reconcile())
	require.Len(t, w.events, 6, "the cache doesn't show that the pods are terminating")
	w.rest()
	require.Zero(t, w.store.View().Len(store.Pod))
	require.Len(t, w.events, 6)
}

func TestWritesStatusOntoTheNewestVersion(t *testing.T) {
	w := newWorld(t)
	w.create(webSet(1))
	w.deliver(1)
	w.edit(func(set *appsv1.StatefulSet) { set.Annotations = map[string]string{"a": "b"} })
	require.True(t, w.reconcile())
	require.Empty(t, w.dirty, "a conflict is no error")
	require.NotEmpty(t, w.set().Status.UpdateRevision)
	require.Equal(t, "b", w.set().Annotations["a"])
}

func TestBeginsWithWhatTheCacheHolds(t *testing.T) {
	w := newWorld(t)
	w.create(webSet(3))
	w.rest()
	w.c = New(DefaultGates())
	w.edit(func(set *appsv1.StatefulSet) { set.Spec.Replicas = new(int32(4)) })
	w.rest()
	require.NotNil(t, w.pod("web-3"))
	require.Equal(t, int32(4), w.set().Status.ReadyReplicas)
}

func TestForgetsASetThatWasReplaced(t *testing.T) {
	w := newWorld(t)
	w.create(webSet(0))
	w.rest()
	old := w.set().UID
	require.NoError(t, w.api().Delete(store.KeyOf(w.set()), store.DeleteOptions{}))
	w.rest()
	require.Empty(t, w.c.order)
	w.create(webSet(1))
	w.rest()
	require.NotEqual(t, old, w.set().UID)
	require.True(t, metav1.IsControlledBy(w.pod("web-0"), w.set()))
}

// However the cache lags, no write of the controller's fails, and it comes to what is wanted.
func TestLaggingCache(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		set := webSet(3)
		if rapid.Bool().Draw(rt, "parallel") {
			set.Spec.PodManagementPolicy = appsv1.ParallelPodManagement
		}
		w.create(set)
		rt.Repeat(map[string]func(*rapid.T){
			"deliver":   func(t *rapid.T) { w.deliver(rapid.IntRange(1, 5).Draw(t, "changes")) },
			"reconcile": func(*rapid.T) { w.reconcile() },
			"kubelet":   func(*rapid.T) { w.kubelet() },
			"scale": func(t *rapid.T) {
				n := int32(rapid.IntRange(0, 5).Draw(t, "replicas"))
				w.edit(func(set *appsv1.StatefulSet) { set.Spec.Replicas = &n })
			},
			"image": func(t *rapid.T) {
				image := fmt.Sprint("nginx:", rapid.IntRange(1, 3).Draw(t, "version"))
				w.edit(func(set *appsv1.StatefulSet) { set.Spec.Template.Spec.Containers[0].Image = image })
			},
		})
		w.rest()
		status := w.set().Status
		require.Equal(rt, *w.set().Spec.Replicas, status.AvailableReplicas)
		require.Equal(rt, *w.set().Spec.Replicas, status.UpdatedReplicas)
		require.Equal(rt, int(*w.set().Spec.Replicas), w.store.View().Len(store.Pod))
		for _, event := range w.events {
			require.NotContains(rt, event, "Failed")
		}
	})
}

// From nothing to n ready pods, with each change delivered and reconciled by itself.
func BenchmarkScaleUp(b *testing.B) {
	for _, policy := range []appsv1.PodManagementPolicyType{appsv1.OrderedReadyPodManagement, appsv1.ParallelPodManagement} {
		for _, n := range []int32{100, 1000, 10000} {
			b.Run(fmt.Sprintf("%s/%d", policy, n), func(b *testing.B) {
				syncs := 0
				for b.Loop() {
					syncs += scaleUp(b, n, policy)
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/pod")
				b.ReportMetric(float64(syncs)/float64(b.N), "syncs")
			})
		}
	}
}

func scaleUp(b *testing.B, n int32, policy appsv1.PodManagementPolicyType) int {
	w := newWorld(b)
	set := webSet(n)
	set.Spec.PodManagementPolicy = policy
	w.create(set)
	for {
		switch {
		case len(w.late) > 0:
			change := w.late[0]
			w.deliver(1)
			if pod, ok := change.New.(*corev1.Pod); ok && change.Old == nil {
				w.run(pod)
			}
		case !w.reconcile():
			if w.set().Status.ReadyReplicas != n {
				b.Fatalf("%d pods are ready", w.set().Status.ReadyReplicas)
			}
			return w.syncs
		}
		w.reconcile()
	}
}
