package disruption

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
)

// target returns the status of the condition DisruptionTarget of a pod that got it at the instant zero, for that reason and
// with that phase, as it is after d.
func target(t *testing.T, reason string, phase corev1.PodPhase, d time.Duration) corev1.ConditionStatus {
	r := newWorld()
	pod := rig.Pod("web-0", "a")
	pod.Status.Phase = phase
	condition.SetPod(&pod.Status, corev1.PodCondition{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: reason}, r.Now())
	r.Create(t, pod)
	r.Advance(d)
	live, ok := store.Get[*corev1.Pod](r.API().View(), "default", "web-0")
	require.True(t, ok)
	return condition.Pod(&live.Status, corev1.DisruptionTarget).Status
}

func TestStaleDisruptionTargetIsTakenBack(t *testing.T) {
	const eviction = "EvictionByEvictionAPI"
	require.Equal(t, corev1.ConditionTrue, target(t, eviction, corev1.PodRunning, 2*time.Minute-time.Second))
	require.Equal(t, corev1.ConditionFalse, target(t, eviction, corev1.PodRunning, 2*time.Minute))
	require.Equal(t, corev1.ConditionTrue, target(t, eviction, corev1.PodFailed, time.Hour), "the pod has ended")
	require.Equal(t, corev1.ConditionTrue, target(t, corev1.PodReasonTerminationByKubelet, corev1.PodRunning, time.Hour))
}

func TestDisruptionTargetOfATerminatingPodStays(t *testing.T) {
	r := newWorld()
	r.Create(t, rig.Pod("web-0", "a"))
	require.NoError(t, r.API().Evict("default", "web-0", store.DeleteOptions{}))
	r.Advance(time.Hour)
	pod, _ := store.Get[*corev1.Pod](r.API().View(), "default", "web-0")
	require.Equal(t, corev1.ConditionTrue, condition.Pod(&pod.Status, corev1.DisruptionTarget).Status)
}

func TestPodOfSeveralBudgetsIsToldOf(t *testing.T) {
	r := newWorld()
	r.Create(t, budget("b", count(1), nil))
	r.Create(t, budget("a", count(1), nil))
	r.Advance(time.Second)
	pod := rig.Pod("web-0", "a")
	pod.Labels = map[string]string{"app": "web"}
	r.Create(t, pod)
	r.Advance(time.Second)
	require.Contains(t, r.Transcript(), `Warning MultiplePodDisruptionBudgets on Pod default/web-0: `+
		`Pod "default"/"web-0" matches multiple PodDisruptionBudgets.  Chose "a" arbitrarily.`)
	for _, name := range []string{"a", "b"} {
		pdb, _ := store.Get[*policyv1.PodDisruptionBudget](r.API().View(), "default", name)
		require.Equal(t, int32(1), pdb.Status.ExpectedPods)
	}
}

// An evicted pod whose deletion nobody sees counts as gone for two minutes, and then is told of.
func TestDisruptedPodCountsAsGoneForTwoMinutes(t *testing.T) {
	r := newWorld()
	set := r.Create(t, rig.Set("web", 2)).(*appsv1.StatefulSet)
	for i := range 2 {
		r.Create(t, podOf(set, i, true))
	}
	r.Create(t, budget("web", nil, count(1)))
	r.Advance(time.Second)
	rig.Change(t, r, "default", "web", func(pdb *policyv1.PodDisruptionBudget) {
		pdb.Status.DisruptedPods = map[string]metav1.Time{"web-1": metav1.NewTime(r.Now()), "web-7": metav1.NewTime(r.Now())}
	})
	status := func() policyv1.PodDisruptionBudgetStatus {
		pdb, _ := store.Get[*policyv1.PodDisruptionBudget](r.API().View(), "default", "web")
		return pdb.Status
	}
	r.Advance(2*time.Minute - time.Second)
	require.Equal(t, int32(1), status().CurrentHealthy)
	require.Zero(t, status().DisruptionsAllowed)
	require.Len(t, status().DisruptedPods, 1, "there is no web-7")
	r.Advance(time.Second)
	require.Equal(t, int32(2), status().CurrentHealthy)
	require.Equal(t, int32(1), status().DisruptionsAllowed)
	require.Empty(t, status().DisruptedPods)
	require.Contains(t, r.Transcript(), "Warning NotDeleted on Pod default/web-1")
}
