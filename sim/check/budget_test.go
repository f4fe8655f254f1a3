package check

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"statefulsim/controller/store"
)

// budgeted is a world of three ready pods, and a budget that is counted so.
func budgeted(t *testing.T, allowed, healthy, desired int32) *world {
	w := newWorld(t, budgetRespected)
	w.legal(user, func(api *store.Client) {
		for ordinal, name := range []string{"web-0", "web-1", "web-2"} {
			w.create(newPod(ordinal, ""))(api)
			w.ready(name, true)(api)
		}
		w.create(&policyv1.PodDisruptionBudget{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"},
			Spec:       policyv1.PodDisruptionBudgetSpec{MinAvailable: new(intstr.FromInt32(desired)), Selector: &metav1.LabelSelector{MatchLabels: webLabels}},
		})(api)
	})
	w.legal(DisruptionController, w.counted(allowed, healthy, desired))
	return w
}

func (w *world) counted(allowed, healthy, desired int32) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		budget := stored[*policyv1.PodDisruptionBudget](w, "web").DeepCopy()
		budget.Status = policyv1.PodDisruptionBudgetStatus{
			ObservedGeneration: budget.Generation, DisruptionsAllowed: allowed, CurrentHealthy: healthy, DesiredHealthy: desired, ExpectedPods: 3}
		_, err := api.UpdateStatus(budget)
		require.NoError(w, err)
	}
}

// grants is the API server's eviction as it is; forces one that asks no budget.
func (w *world) grants(pod string) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		require.NoError(w, api.Evict("default", pod, store.DeleteOptions{}))
	}
}

func (w *world) forces(pod string) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		marked := stored[*corev1.Pod](w, pod).DeepCopy()
		marked.Status.Conditions = append(marked.Status.Conditions,
			corev1.PodCondition{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "EvictionByEvictionAPI"})
		_, err := api.UpdateStatus(marked)
		require.NoError(w, err)
		w.terminate(pod)(api)
	}
}

func TestBudgetRespected(t *testing.T) {
	t.Run("as the API server grants", func(t *testing.T) {
		w := budgeted(t, 2, 3, 1)
		w.legal("kubectl", func(api *store.Client) { w.grants("web-0")(api); w.grants("web-1")(api) })
		w.legal("kubectl", w.grants("web-0"))
		require.Error(t, w.store.At(metav1.Now().Time, nil).Evict("default", "web-2", store.DeleteOptions{}))
	})
	t.Run("nothing is allowed", func(t *testing.T) {
		w := budgeted(t, 0, 3, 3)
		require.Equal(t, []string{"pod default/web-0 was evicted though budget web allows no disruption"}, w.step("kubectl", w.forces("web-0")))
	})
	t.Run("granted, and not charged", func(t *testing.T) {
		w := budgeted(t, 1, 3, 2)
		w.legal("kubectl", w.forces("web-0"))
		require.Equal(t, []string{"pod default/web-1 was evicted though of the 3 healthy pods of budget web 2 must stay, and evictions have taken 1 since these were counted"},
			w.step("kubectl", w.forces("web-1")))
		w.legal(DisruptionController, w.counted(1, 2, 1))
		w.legal("kubectl", w.forces("web-2"))
	})
	t.Run("a budget that is not counted yet", func(t *testing.T) {
		w := budgeted(t, 1, 3, 2)
		w.legal(user, func(api *store.Client) {
			budget := stored[*policyv1.PodDisruptionBudget](w, "web").DeepCopy()
			budget.Spec.MinAvailable = new(intstr.FromInt32(3))
			_, err := api.Update(budget)
			require.NoError(w, err)
		})
		require.Equal(t, []string{"pod default/web-0 was evicted before budget web was counted"}, w.step("kubectl", w.forces("web-0")))
	})
	t.Run("two budgets", func(t *testing.T) {
		w := budgeted(t, 1, 3, 2)
		w.legal(user, w.create(&policyv1.PodDisruptionBudget{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "other"},
			Spec:       policyv1.PodDisruptionBudgetSpec{MaxUnavailable: new(intstr.FromInt32(3)), Selector: &metav1.LabelSelector{}},
		}))
		require.Equal(t, []string{"pod default/web-0 was evicted though 2 budgets select it"}, w.step("kubectl", w.forces("web-0")))
	})
}

func TestBudgetRespectedExcuses(t *testing.T) {
	t.Run("a pod that is not ready, of a budget that is kept", func(t *testing.T) {
		w := budgeted(t, 0, 2, 2)
		w.legal("kubelet/a", w.ready("web-0", false))
		w.legal("kubectl", w.grants("web-0"))
		require.Len(t, w.step("kubectl", w.forces("web-1")), 1)
	})
	t.Run("AlwaysAllow", func(t *testing.T) {
		w := budgeted(t, 0, 1, 2)
		w.legal(user, func(api *store.Client) {
			budget := stored[*policyv1.PodDisruptionBudget](w, "web").DeepCopy()
			budget.Spec.UnhealthyPodEvictionPolicy = new(policyv1.AlwaysAllow)
			_, err := api.Update(budget)
			require.NoError(w, err)
			w.ready("web-0", false)(api)
		})
		w.legal("kubectl", w.grants("web-0"))
	})
	t.Run("a pod that is Pending", func(t *testing.T) {
		w := budgeted(t, 0, 3, 3)
		w.legal(user, w.create(newPod(3, "")))
		w.legal("kubectl", w.grants("web-3"))
	})
	t.Run("who does not ask", func(t *testing.T) {
		w := budgeted(t, 0, 3, 3)
		w.legal(StatefulSetController, w.terminate("web-0"))
	})
}
