package podgc

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
)

func newWorld(t *testing.T) *rig.Rig {
	r := rig.New(New())
	r.Watch = func(change store.Change) string {
		pod, ok := change.Object().(*corev1.Pod)
		switch {
		case !ok || change.Old == nil:
			return ""
		case change.New == nil:
			return pod.Name + " is gone"
		}
		line := fmt.Sprintf("%s: %s", pod.Name, pod.Status.Phase)
		if pod.DeletionTimestamp != nil {
			line += ", terminating"
		}
		if c := condition.Pod(&pod.Status, corev1.DisruptionTarget); c != nil {
			line += ", " + c.Reason
		}
		return line
	}
	for _, name := range []string{"a", "b"} {
		r.Create(t, rig.Node(name, "zone-"+name))
	}
	return r
}

func deleteObject(t *testing.T, r *rig.Rig, kind store.Kind, name string) {
	key := store.Key{Kind: kind, Name: name}
	if kind == store.Pod {
		key.Namespace = "default"
	}
	r.Note("delete " + key.String())
	require.NoError(t, r.API().Delete(key, store.DeleteOptions{}))
}

func setNode(t *testing.T, r *rig.Rig, name string, ready corev1.ConditionStatus, taints ...corev1.Taint) {
	r.Note(fmt.Sprintf("node %s: Ready=%s, %d taints", name, ready, len(taints)))
	rig.Change(t, r, "", name, func(node *corev1.Node) {
		node.Status.Conditions[0].Status = ready
		node.Spec.Taints = taints
	})
}

// The pods of a node that is not Ready leave only when the node is declared out of service.
func TestOutOfService(t *testing.T) {
	r := newWorld(t)
	r.Create(t, rig.Pod("web-0", "a"))
	r.Create(t, rig.Pod("web-1", "b"))
	r.Advance(5 * time.Second)
	setNode(t, r, "a", corev1.ConditionUnknown)
	deleteObject(t, r, store.Pod, "web-0")
	deleteObject(t, r, store.Pod, "web-1")
	r.Advance(time.Minute)
	outOfService := corev1.Taint{Key: corev1.TaintNodeOutOfService, Value: "nodeshutdown", Effect: corev1.TaintEffectNoExecute}
	setNode(t, r, "a", corev1.ConditionUnknown, outOfService)
	setNode(t, r, "b", corev1.ConditionTrue, outOfService)
	r.Advance(time.Minute)
	rig.Golden(t, "out-of-service", r.Transcript())
}

// The pods of a deleted node go after a quarantine of 40 s, unless the node is back.
func TestOrphans(t *testing.T) {
	r := newWorld(t)
	r.Create(t, rig.Pod("web-0", "a"))
	r.Create(t, rig.Pod("web-1", "b"))
	r.Create(t, rig.Pod("stray", "never-there"))
	r.Advance(5 * time.Second)
	deleteObject(t, r, store.Node, "a")
	deleteObject(t, r, store.Node, "b")
	r.Advance(50 * time.Second)
	r.Note("node b is back")
	r.Create(t, rig.Node("b", "zone-b"))
	r.Advance(5 * time.Minute)
	rig.Golden(t, "orphans", r.Transcript())
}

// A pod that is being deleted and was never scheduled is nobody else's to finish. The API server removes such a pod at
// once, so that only one which a finalizer holds is ever seen.
func TestUnscheduledTerminating(t *testing.T) {
	r := newWorld(t)
	pod := rig.Pod("web-0", "")
	pod.Finalizers = []string{"example.com/hold"}
	r.Create(t, pod)
	r.Advance(time.Second)
	deleteObject(t, r, store.Pod, "web-0")
	r.Advance(time.Minute)
	rig.Golden(t, "unscheduled", r.Transcript())
}

func TestTerminalBeyondThreshold(t *testing.T) {
	collector, cache := New(), store.New()
	cache.OnChange = func(change store.Change) { collector.Keys(change, change.After) }
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range threshold + 3 {
		pod := rig.Pod(fmt.Sprintf("job-%05d", i), "")
		status := pod.Status
		created, err := cache.At(now.Add(-time.Duration(i)*time.Second), nil).Create(pod)
		require.NoError(t, err)
		ended := *created.(*corev1.Pod)
		ended.Status = status
		ended.Status.Phase = corev1.PodSucceeded
		if i == 7 {
			ended.Status.Phase, ended.Status.Reason = corev1.PodFailed, "Evicted"
		}
		_, err = cache.At(now, nil).UpdateStatus(&ended)
		require.NoError(t, err)
	}
	var names []string
	for _, pod := range collector.beyondThreshold(cache.View()) {
		names = append(names, pod.Name)
	}
	// The evicted one goes first, then the oldest.
	require.Equal(t, []string{"job-00007", "job-12502", "job-12501"}, names)
}

func TestEmptyPassAsksForTheNext(t *testing.T) {
	s := store.New()
	api := s.At(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), nil)
	again, err := New().Reconcile(pass, s.View(), api)
	require.NoError(t, err)
	require.Equal(t, period, again)
}

// As long as pods are bound to a node that is missing its quarantine begins anew in the pass in which it ends, so that a pod
// which came meanwhile is not given 40 s of its own.
func TestQuarantineGoesOn(t *testing.T) {
	r := newWorld(t)
	r.Create(t, rig.Pod("first", "never-there"))
	r.Advance(50 * time.Second)
	require.Contains(t, r.Transcript(), "40s  first is gone")
	r.Create(t, rig.Pod("second", "never-there"))
	r.Advance(time.Minute)
	require.Contains(t, r.Transcript(), "1m20s  second is gone")
}

// The deletion names no UID: a pod that has taken the name of a terminal one goes in its place, and one that has taken that
// of another does not, since its phase cannot be changed.
func TestSuccessorOfTheCachedPod(t *testing.T) {
	for phase, gone := range map[corev1.PodPhase]bool{corev1.PodSucceeded: true, corev1.PodRunning: false} {
		s := store.New()
		api := s.At(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), nil)
		_, err := api.Create(rig.Pod("web-0", "a"))
		require.NoError(t, err)
		cached := rig.Pod("web-0", "a")
		cached.UID, cached.Status.Phase = "before", phase
		require.NoError(t, failAndDelete(cached, nil, api))
		_, left := store.Get[*corev1.Pod](api.View(), "default", "web-0")
		require.Equal(t, gone, !left, phase)
	}
}
