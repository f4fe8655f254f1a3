package disruption

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"pgregory.net/rapid"

	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
)

func budget(name string, minAvailable, maxUnavailable *intstr.IntOrString) *policyv1.PodDisruptionBudget {
	return &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: policyv1.PodDisruptionBudgetSpec{
			Selector:     &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
			MinAvailable: minAvailable, MaxUnavailable: maxUnavailable,
		},
	}
}

func count(n int) *intstr.IntOrString {
	v := intstr.FromInt32(int32(n))
	return &v
}

func percent(n int) *intstr.IntOrString {
	v := intstr.FromString(fmt.Sprintf("%d%%", n))
	return &v
}

func newWorld() *rig.Rig {
	r := rig.New(New())
	r.Watch = func(change store.Change) string {
		pdb, ok := change.New.(*policyv1.PodDisruptionBudget)
		if !ok || change.Old == nil || pdb.ResourceVersion == change.Old.GetResourceVersion() {
			return ""
		}
		s := pdb.Status
		line := fmt.Sprintf("%s: expected %d, healthy %d of %d, allowed %d, generation %d, disrupted %d", pdb.Name,
			s.ExpectedPods, s.CurrentHealthy, s.DesiredHealthy, s.DisruptionsAllowed, s.ObservedGeneration, len(s.DisruptedPods))
		if c := meta.FindStatusCondition(s.Conditions, policyv1.DisruptionAllowedCondition); c != nil {
			line += fmt.Sprintf(", %s %s %s", c.Type, c.Status, c.Reason)
		}
		return line
	}
	return r
}

func podOf(set *appsv1.StatefulSet, i int, ready bool) *corev1.Pod {
	pod := rig.Owned(rig.Pod(fmt.Sprintf("web-%d", i), "a"), set)
	rig.SetReady(pod, ready)
	return pod
}

func TestTranscript(t *testing.T) {
	r := newWorld()
	r.Create(t, budget("web", nil, count(1)))
	r.Advance(time.Second)
	set := r.Create(t, rig.Set("web", 3)).(*appsv1.StatefulSet)
	for i := range 3 {
		r.Note(fmt.Sprintf("web-%d comes", i))
		r.Create(t, podOf(set, i, true))
		r.Advance(time.Second)
	}
	r.Note("web-1 is not Ready")
	rig.Change(t, r, "default", "web-1", func(pod *corev1.Pod) { rig.SetReady(pod, false) })
	r.Advance(time.Second)
	r.Note("web-1 is Ready, web-2 is evicted but not deleted")
	rig.Change(t, r, "default", "web-1", func(pod *corev1.Pod) { rig.SetReady(pod, true) })
	rig.Change(t, r, "default", "web", func(pdb *policyv1.PodDisruptionBudget) {
		pdb.Status.DisruptedPods = map[string]metav1.Time{"web-2": metav1.NewTime(r.Now())}
	})
	r.Advance(3 * time.Minute)
	r.Note("web-0 is deleted, and terminates")
	require.NoError(t, r.API().Delete(store.Key{Kind: store.Pod, Namespace: "default", Name: "web-0"}, store.DeleteOptions{}))
	r.Advance(time.Second)
	r.Note("the budget asks for 100%")
	rig.Change(t, r, "default", "web", func(pdb *policyv1.PodDisruptionBudget) {
		pdb.Spec.MaxUnavailable, pdb.Spec.MinAvailable = nil, percent(100)
	})
	r.Advance(time.Second)
	r.Note("the set is gone, and something changes")
	require.NoError(t, r.API().Delete(store.KeyOf(set), store.DeleteOptions{}))
	rig.Change(t, r, "default", "web", func(pdb *policyv1.PodDisruptionBudget) { pdb.Labels = map[string]string{"x": "y"} })
	rig.Change(t, r, "default", "web-1", func(pod *corev1.Pod) { rig.SetReady(pod, false) })
	r.Advance(time.Second)
	rig.Golden(t, "budget", r.Transcript())
}

func TestUnmanagedPods(t *testing.T) {
	r := newWorld()
	pod := rig.Pod("web-x", "a")
	pod.Labels = map[string]string{"app": "web"}
	rig.SetReady(pod, true)
	r.Create(t, pod)
	r.Create(t, budget("counted", count(1), nil))
	r.Create(t, budget("scaled", nil, percent(50)))
	r.Advance(0)
	rig.Golden(t, "unmanaged", r.Transcript())
}

// history is a random world of pods under one budget, of which the direct formula knows the status.
type history struct {
	*rapid.T
	r    *rig.Rig
	t    *testing.T
	sets []*appsv1.StatefulSet
}

func (h *history) formula(pdb *policyv1.PodDisruptionBudget) (expected, healthy, desired, allowed int32) {
	view := h.r.API().View()
	owners := map[string]bool{}
	var matching int32
	for pod := range store.In[*corev1.Pod](view, "default") {
		if pod.Labels["app"] != "web" {
			continue
		}
		matching++
		owners[pod.OwnerReferences[0].Name] = true
		if pod.DeletionTimestamp == nil && len(pod.Status.Conditions) > 0 && pod.Status.Conditions[0].Status == corev1.ConditionTrue {
			healthy++
		}
	}
	for name := range owners {
		set, _ := store.Get[*appsv1.StatefulSet](view, "default", name)
		expected += *set.Spec.Replicas
	}
	up := func(v *intstr.IntOrString) int32 {
		if v.Type == intstr.Int {
			return v.IntVal
		}
		var n float64
		_, _ = fmt.Sscanf(v.StrVal, "%g%%", &n)
		return int32(math.Ceil(n * float64(expected) / 100))
	}
	switch {
	case pdb.Spec.MaxUnavailable != nil:
		desired = max(0, expected-up(pdb.Spec.MaxUnavailable))
	case pdb.Spec.MinAvailable.Type == intstr.Int:
		expected, desired = matching, pdb.Spec.MinAvailable.IntVal
	default:
		desired = up(pdb.Spec.MinAvailable)
	}
	if expected > 0 {
		allowed = max(0, healthy-desired)
	}
	return expected, healthy, desired, allowed
}

func (h *history) podName() string { return fmt.Sprintf("p-%d", rapid.IntRange(0, 6).Draw(h.T, "pod")) }

func (h *history) step() {
	name := h.podName()
	pod, exists := store.Get[*corev1.Pod](h.r.API().View(), "default", name)
	switch {
	case !exists:
		set := rapid.SampledFrom(h.sets).Draw(h.T, "set")
		pod := rig.Owned(rig.Pod(name, "a"), set)
		pod.Labels["app"] = rapid.SampledFrom([]string{"web", "web", "other"}).Draw(h.T, "app")
		rig.SetReady(pod, rapid.Bool().Draw(h.T, "ready"))
		h.r.Create(h.t, pod)
	case rapid.Bool().Draw(h.T, "delete"):
		var grace *int64
		if rapid.Bool().Draw(h.T, "force") {
			grace = new(int64)
		}
		require.NoError(h, h.r.API().Delete(store.KeyOf(pod), store.DeleteOptions{GracePeriodSeconds: grace}))
	default:
		rig.Change(h.t, h.r, "default", name, func(pod *corev1.Pod) { rig.SetReady(pod, rapid.Bool().Draw(h.T, "ready")) })
	}
}

func TestStatusIsTheFormula(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := &history{T: rt, t: t, r: rig.New(New())}
		for i := range 2 {
			h.sets = append(h.sets, h.r.Create(t, rig.Set(fmt.Sprintf("set-%d", i), int32(rapid.IntRange(0, 5).Draw(rt, "replicas")))).(*appsv1.StatefulSet))
		}
		value := rapid.IntRange(0, 5)
		share := rapid.IntRange(0, 100)
		pdb := rapid.SampledFrom([]*policyv1.PodDisruptionBudget{
			budget("b", count(value.Draw(rt, "min")), nil), budget("b", percent(share.Draw(rt, "min%")), nil),
			budget("b", nil, count(value.Draw(rt, "max"))), budget("b", nil, percent(share.Draw(rt, "max%"))),
		}).Draw(rt, "budget")
		before := rapid.IntRange(0, 10).Draw(rt, "steps before the budget")
		for i := range before + rapid.IntRange(1, 20).Draw(rt, "steps") {
			if i == before {
				h.r.Create(t, pdb)
			}
			h.step()
			h.r.Advance(time.Second)
			live, ok := store.Get[*policyv1.PodDisruptionBudget](h.r.API().View(), "default", "b")
			if !ok {
				continue
			}
			expected, healthy, desired, allowed := h.formula(live)
			got := live.Status
			require.Equal(rt, []int32{expected, healthy, desired, allowed},
				[]int32{got.ExpectedPods, got.CurrentHealthy, got.DesiredHealthy, got.DisruptionsAllowed})
		}
	})
}
