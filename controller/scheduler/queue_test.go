package scheduler

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// TestRetry lets a pod wait for something, and then lets something happen: either it is placed at once, or it is not
// tried again before five minutes are over.
func TestRetry(t *testing.T) {
	change := func(w *world, name string, f func(*corev1.Node)) {
		node, _ := store.Get[*corev1.Node](w.server.View(), "", name)
		next := node.DeepCopy()
		f(next)
		write := w.api().Update
		if node.Spec.Unschedulable == next.Spec.Unschedulable && len(node.Labels) == len(next.Labels) {
			write = w.api().UpdateStatus
		}
		_, err := write(next)
		require.NoError(w.t, err)
	}
	blocked := func(w *world) {
		w.create(newNode("node-a", "a"))
		w.place(newPod("x", asks("4", "1Gi")), "node-a")
	}
	tests := []struct {
		name  string
		given func(w *world)
		pod   *corev1.Pod
		event func(w *world)
		again bool // the event lets the pod be tried again
		fits  bool // and then it finds a node
	}{
		{"a pod goes", blocked, newPod("p", asks("1", "1Gi")), func(w *world) { w.delete(store.Pod, "x") }, true, true},
		{"a pod ends", blocked, newPod("p", asks("1", "1Gi")), func(w *world) {
			ended := w.pod("x").DeepCopy()
			ended.Status.Phase = corev1.PodSucceeded
			_, err := w.api().UpdateStatus(ended)
			require.NoError(w.t, err)
		}, true, true},
		{"a node comes", blocked, newPod("p", asks("1", "1Gi")), func(w *world) { w.create(newNode("node-b", "b")) }, true, true},
		{"the first node comes", func(*world) {}, newPod("p"), func(w *world) { w.create(newNode("node-b", "b")) }, true, true},
		{"a node is uncordoned", func(w *world) {
			w.create(newNode("node-a", "a", func(n *corev1.Node) { n.Spec.Unschedulable = true }))
		}, newPod("p"), func(w *world) { change(w, "node-a", func(n *corev1.Node) { n.Spec.Unschedulable = false }) }, true, true},
		{"a node grows", blocked, newPod("p", asks("1", "1Gi")), func(w *world) {
			change(w, "node-a", func(n *corev1.Node) { n.Status.Allocatable[corev1.ResourceCPU] = *quantity("8") })
		}, true, true},
		{"a heartbeat", blocked, newPod("p", asks("1", "1Gi")), func(w *world) {
			change(w, "node-a", func(n *corev1.Node) {
				n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
			})
		}, false, false},
		{"a pod's status changes", blocked, newPod("p", asks("1", "1Gi")), func(w *world) {
			running := w.pod("x").DeepCopy()
			running.Status.Phase = corev1.PodRunning
			_, err := w.api().UpdateStatus(running)
			require.NoError(w.t, err)
		}, false, false},
		{"a useless pod goes", func(w *world) { w.create(newNode("node-a", "a")) }, newPod("p", asks("5", "1Gi"), mounts()), func(w *world) {
			w.place(newPod("x"), "node-a")
			w.run(time.Second)
			w.delete(store.Pod, "x")
		}, true, false},
		{"company arrives", func(w *world) { w.create(newNode("node-a", "a")) }, newPod("p", near("cache", corev1.LabelHostname)),
			func(w *world) { w.place(newPod("x", withLabel("app", "cache")), "node-a") }, true, true},
		{"company is placed by the scheduler itself", func(w *world) { w.create(newNode("node-a", "a")) }, newPod("p", near("cache", corev1.LabelHostname)),
			func(w *world) { w.create(newPod("x", withLabel("app", "cache"))) }, true, true},
		{"company gets its label", func(w *world) {
			w.create(newNode("node-a", "a"))
			w.place(newPod("x"), "node-a")
		}, newPod("p", near("cache", corev1.LabelHostname)), func(w *world) {
			next := w.pod("x").DeepCopy()
			next.Labels["app"] = "cache"
			_, err := w.api().Update(next)
			require.NoError(w.t, err)
		}, true, true},
		{"the claim comes", func(w *world) {
			w.create(newNode("node-a", "a"), newVolume("vol", "", "10Gi", ""))
		}, newPod("p", mounts("data")), func(w *world) { w.bound("data", "vol") }, true, true},
		{"another claim comes", func(w *world) { w.create(newNode("node-a", "a")) }, newPod("p", mounts("data")),
			func(w *world) { w.bound("other", "vol") }, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, false)
			test.given(w)
			w.create(test.pod)
			w.run(time.Second)
			require.Empty(t, w.pod("p").Spec.NodeName)
			before := len(w.events)
			test.event(w)
			w.run(time.Second)
			require.Equal(t, test.again, len(w.events) > before, w.events)
			require.Equal(t, test.fits, w.pod("p").Spec.NodeName != "")
			if !test.fits {
				before = len(w.events)
				w.run(4 * time.Minute)
				require.Len(t, w.events, before)
				w.run(2 * time.Minute)
				require.Len(t, w.events, before+1, "after five minutes it is tried in any case")
			}
		})
	}
}

// TestNoNodeIsRemembered makes a pod anew under its name: it goes wherever there is room, unless its volume ties it.
func TestNoNodeIsRemembered(t *testing.T) {
	w := newWorld(t, false)
	threeZones(w)
	w.create(newVolume("vol", "", "10Gi", "a"))
	w.bound("data", "vol")
	again := func(shape ...func(*corev1.Pod)) string {
		w.create(newPod("web-0", shape...))
		w.run(time.Second)
		node := w.pod("web-0").Spec.NodeName
		w.delete(store.Pod, "web-0")
		w.run(time.Second)
		return node
	}
	require.Equal(t, "node-a", again())
	w.scheduler.choose = func(_ string, n int) int { return n - 1 }
	require.Equal(t, "node-c", again())
	require.Equal(t, "node-a", again(mounts("data")))
}

// TestStaleCache calls for a pod that is bound while the cache still shows it without a node.
func TestStaleCache(t *testing.T) {
	w := newWorld(t, false)
	w.create(newNode("node-a", "a"), newPod("p"))
	w.deliver(len(w.changes))
	require.True(t, w.step(w.now))
	require.Equal(t, "node-a", w.pod("p").Spec.NodeName)
	again, err := w.scheduler.Reconcile(store.Key{Kind: store.Pod, Namespace: "default", Name: "p"}, w.cache, w.api())
	require.NoError(t, err)
	require.Zero(t, again)
	require.EqualValues(t, 1, w.scheduler.cluster.nodes["node-a"].pods)
	require.Len(t, w.scheduler.cluster.pods, 1)
	require.Len(t, w.events, 1)
}

// TestWaitForFirstConsumer walks through the binding of a pod whose claims have to be made first.
func TestWaitForFirstConsumer(t *testing.T) {
	w := newWorld(t, true)
	threeZones(w)
	w.create(newClass("late", storagev1.VolumeBindingWaitForFirstConsumer), newClaim("data", "late"), newClaim("log", "late"))
	w.place(newPod("x"), "node-a")
	w.run(time.Second)
	w.create(newPod("p", mounts("data", "log")))
	w.run(2900 * time.Millisecond)
	require.Empty(t, w.pod("p").Spec.NodeName, "the scheduler looks once a second")
	w.run(200 * time.Millisecond)
	require.Equal(t, "node-b", w.pod("p").Spec.NodeName)
	require.Equal(t, []string{
		"PersistentVolumeClaim default/data: WaitForFirstConsumer: waiting for first consumer to be created before binding",
		"PersistentVolumeClaim default/log: WaitForFirstConsumer: waiting for first consumer to be created before binding",
	}, w.events[:2])
	require.Equal(t, "Pod default/p: Scheduled: Successfully assigned default/p to node-b", w.events[len(w.events)-1])
	for _, name := range []string{"data", "log"} {
		claim, _ := store.Get[*corev1.PersistentVolumeClaim](w.server.View(), "default", name)
		require.Equal(t, corev1.ClaimBound, claim.Status.Phase)
		require.Equal(t, "node-b", claim.Annotations[pv.SelectedNode])
		volume, _ := store.Get[*corev1.PersistentVolume](w.server.View(), "", "pvc-"+string(claim.UID))
		require.Equal(t, "b", volume.Spec.NodeAffinity.Required.NodeSelectorTerms[0].MatchExpressions[0].Values[0])
	}
}

// TestStaticVolumes lets the scheduler choose among volumes that exist: the smaller one is of no use, since no node
// reaches it together with the other claim's.
func TestStaticVolumes(t *testing.T) {
	w := newWorld(t, true)
	threeZones(w)
	nobody := func(c *storagev1.StorageClass) { c.Provisioner = pv.NoProvisioner }
	w.create(newClass("local", storagev1.VolumeBindingWaitForFirstConsumer, nobody), newClaim("data", "local"), newClaim("log", "local"))
	w.create(newVolume("small-a", "local", "10Gi", "a"), newVolume("large-c", "local", "20Gi", "c"), newVolume("small-c", "local", "15Gi", "c"))
	w.create(newPod("p", mounts("data", "log")))
	w.run(5 * time.Second)
	require.Equal(t, "node-c", w.pod("p").Spec.NodeName)
	claimed := map[string]string{}
	for volume := range store.All[*corev1.PersistentVolume](w.server.View()) {
		if volume.Spec.ClaimRef != nil {
			claimed[volume.Name] = string(volume.Status.Phase) + " " + volume.Spec.ClaimRef.Name
		}
	}
	require.Equal(t, map[string]string{"small-c": "Bound data", "large-c": "Bound log"}, claimed)
}

// TestBindTimeout has no provisioner that answers: after ten minutes the pod is told so, waits a second and starts over.
func TestBindTimeout(t *testing.T) {
	w := newWorld(t, false)
	threeZones(w)
	w.create(newClass("late", storagev1.VolumeBindingWaitForFirstConsumer), newClaim("data", "late"), newPod("p", mounts("data")))
	w.run(599 * time.Second)
	require.Empty(t, w.events)
	w.run(time.Second)
	require.Equal(t, []string{`Pod default/p: FailedScheduling: running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded`}, w.events)
	require.Equal(t, "SchedulerError", w.pod("p").Status.Conditions[0].Reason)
	require.Empty(t, w.scheduler.binding)
	w.run(time.Second)
	require.Len(t, w.scheduler.binding, 1)
	w.delete(store.Pod, "p")
	w.run(time.Second)
	require.Empty(t, w.scheduler.binding)
	require.Empty(t, w.scheduler.cluster.pods)
}

// TestDefaultSpread places the pods of a Service one after the other: over zones and hosts, though the nodes of one zone
// are emptier.
func TestDefaultSpread(t *testing.T) {
	w := newWorld(t, false)
	for _, zone := range []string{"a", "b", "c"} {
		w.create(newNode("node-"+zone+"1", zone), newNode("node-"+zone+"2", zone))
	}
	service := &corev1.Service{}
	service.Namespace, service.Name = "default", "web"
	service.Spec.ClusterIP, service.Spec.Selector = "None", map[string]string{"app": "web"}
	service.Spec.Ports = []corev1.ServicePort{{Port: 80}}
	w.create(service)
	on := map[string]int{}
	for i := range 6 {
		w.create(newPod(numbered("p-", i), asks("100m", "100Mi")))
		w.run(time.Second)
		on[w.pod(numbered("p-", i)).Spec.NodeName]++
		if i == 2 {
			require.Equal(t, map[string]int{"node-a1": 1, "node-b1": 1, "node-c1": 1}, on)
		}
	}
	require.Len(t, on, 6)
}
