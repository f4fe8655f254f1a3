package attachdetach

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"pgregory.net/rapid"

	"statefulsim/controller/store"
)

// guard fails the test when an exclusive volume would come to a second node, and when the attacher is asked to.
type guard struct {
	disks
	t *rapid.T
}

func (g *guard) Attach(handle, node string, exclusive bool) error {
	for _, other := range g.on[handle] {
		if other != node {
			g.t.Fatalf("%s is to be attached to %s while it is on %s", handle, node, other)
		}
	}
	return g.disks.Attach(handle, node, exclusive)
}

// Whatever pods, nodes and kubelets do, a ReadWriteOnce volume is never wanted by two VolumeAttachments that are not both
// the same node's, and nothing asks the driver to attach it twice. In the end the volume is where a pod needs it.
func TestExclusive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := &guard{t: rt, disks: disks{on: map[string][]string{}, note: func(string) {}}}
		w := newWorldOn(t, []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}, g, func(name, about string) time.Duration {
			return time.Duration(rapid.IntRange(0, 4000).Draw(rt, name)) * time.Millisecond
		})
		w.Lag = time.Duration(rapid.IntRange(0, 3000).Draw(rt, "lag")) * time.Millisecond
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			w.random(rt)
			w.Advance(time.Duration(rapid.IntRange(0, 5000).Draw(rt, "ms")) * time.Millisecond)
			n := 0
			for range store.All[*storagev1.VolumeAttachment](w.API().View()) {
				n++
			}
			require.LessOrEqual(rt, n, 1)
		}
		w.comeToRest(rt)
		require.Equal(rt, []string{"b"}, g.on["disk-pvc-1"])
	})
}

// random is one thing that happens to a pod, a node or a kubelet.
func (w *world) random(rt *rapid.T) {
	name := fmt.Sprintf("p-%d", rapid.IntRange(0, 3).Draw(rt, "pod"))
	node := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "node")
	pod, exists := store.Get[*corev1.Pod](w.API().View(), "default", name)
	switch what := rapid.IntRange(0, 6).Draw(rt, "what"); {
	case what <= 2 && !exists:
		w.run(name, node)
	case what == 3 && exists:
		w.deletePod(name, true)
	case what == 4 && exists && pod.DeletionTimestamp == nil:
		w.deletePod(name, false)
	case what == 4 && exists:
		w.stopped(name)
	case what == 5:
		w.inUse(node, rapid.Bool().Draw(rt, "used"))
	case what == 6:
		w.setNode(node, rapid.SampledFrom([]corev1.ConditionStatus{corev1.ConditionTrue, corev1.ConditionUnknown}).Draw(rt, "ready"))
	}
}

// comeToRest leaves one pod on node b, and lets all time pass that detaching may take.
func (w *world) comeToRest(rt *rapid.T) {
	for pod := range store.All[*corev1.Pod](w.API().View()) {
		require.NoError(rt, w.API().Delete(store.KeyOf(pod), store.DeleteOptions{GracePeriodSeconds: new(int64)}))
	}
	w.inUse("a", false)
	w.inUse("b", false)
	w.run("last", "b")
	w.Advance(10 * time.Minute)
}
