package check

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
)

const user = "user"

func TestOrderedCreationWantsLowerOrdinalsReady(t *testing.T) {
	t.Run("in order", func(t *testing.T) {
		w := newWorld(t, orderedCreation)
		w.legal(user, w.create(newSet(appsv1.OrderedReadyPodManagement)))
		for ordinal, name := range []string{"web-0", "web-1", "web-2"} {
			w.legal(StatefulSetController, w.pod(ordinal))
			w.legal("kubelet/a", w.ready(name, false))
			w.legal("kubelet/a", w.ready(name, true))
		}
	})
	t.Run("the lower one is absent", func(t *testing.T) {
		w := newWorld(t, orderedCreation)
		w.legal(user, w.create(newSet(appsv1.OrderedReadyPodManagement)))
		require.Equal(t, []string{"pod default/web-1 was created while ordinal 0 was not running and ready"},
			w.step(StatefulSetController, w.pod(1)))
	})
	t.Run("the lower one is not ready", func(t *testing.T) {
		w := newWorld(t, orderedCreation)
		w.legal(user, w.create(newSet(appsv1.OrderedReadyPodManagement)))
		w.legal(StatefulSetController, w.pod(0))
		w.legal("kubelet/a", w.ready("web-0", false))
		require.Len(t, w.step(StatefulSetController, w.pod(1)), 1)
	})
	t.Run("two in one step", func(t *testing.T) {
		w := newWorld(t, orderedCreation)
		w.legal(user, w.create(newSet(appsv1.OrderedReadyPodManagement)))
		require.Len(t, w.step(StatefulSetController, func(api *store.Client) { w.pod(0)(api); w.pod(1)(api) }), 1)
	})
	t.Run("all gone, the wrong one comes back first", func(t *testing.T) {
		w := grown(t, orderedCreation)
		w.legal(user, func(api *store.Client) { w.remove("web-0")(api); w.remove("web-1")(api); w.remove("web-2")(api) })
		require.Len(t, w.step(StatefulSetController, w.pod(2)), 1)
	})
	t.Run("all gone, and back in order", func(t *testing.T) {
		w := grown(t, orderedCreation)
		w.legal(user, func(api *store.Client) { w.remove("web-2")(api); w.remove("web-1")(api); w.remove("web-0")(api) })
		for ordinal, name := range []string{"web-0", "web-1", "web-2"} {
			w.legal(StatefulSetController, w.pod(ordinal))
			w.legal("kubelet/a", w.ready(name, true))
		}
	})
	t.Run("a lower one terminates", func(t *testing.T) {
		w := grown(t, orderedCreation)
		w.legal(user, w.terminate("web-0"))
		w.legal(user, w.remove("web-2"))
		require.Len(t, w.step(StatefulSetController, w.pod(2)), 1)
	})
}

func TestOrderedCreationExcusesWhatACacheMayHaveShown(t *testing.T) {
	t.Run("the lower one was ready a moment ago", func(t *testing.T) {
		w := newWorld(t, orderedCreation)
		w.legal(user, w.create(newSet(appsv1.OrderedReadyPodManagement)))
		w.legal(StatefulSetController, w.pod(0))
		w.legal("kubelet/a", w.ready("web-0", true))
		w.legal("kubelet/a", w.ready("web-0", false))
		w.legal(StatefulSetController, w.pod(1))
	})
	t.Run("Parallel", func(t *testing.T) {
		w := newWorld(t, orderedCreation)
		w.legal(user, w.create(newSet(appsv1.ParallelPodManagement)))
		w.legal(StatefulSetController, func(api *store.Client) { w.pod(2)(api); w.pod(0)(api) })
	})
	t.Run("somebody else's pod", func(t *testing.T) {
		w := newWorld(t, orderedCreation)
		w.legal(user, w.create(newSet(appsv1.OrderedReadyPodManagement)))
		w.legal(user, w.create(newPod(1, "")))
		w.legal(user, w.remove("web-1"))
		w.legal(StatefulSetController, w.pod(1))
	})
	t.Run("another first ordinal", func(t *testing.T) {
		w := newWorld(t, orderedCreation)
		w.legal(user, w.create(newSet(appsv1.OrderedReadyPodManagement)))
		w.legal(user, w.change("web", func(spec *appsv1.StatefulSetSpec) { spec.Ordinals = &appsv1.StatefulSetOrdinals{Start: 5} }))
		w.legal(StatefulSetController, w.pod(5))
		require.Len(t, w.step(StatefulSetController, w.pod(7)), 0)
		w.legal(user, w.remove("web-7"))
		require.Len(t, w.step(StatefulSetController, w.pod(7)), 1, "excused once")
	})
	t.Run("a set that finds pods", func(t *testing.T) {
		w := grown(t, orderedCreation)
		key := store.Key{Kind: store.StatefulSet, Namespace: "default", Name: "web"}
		w.legal(user, func(api *store.Client) {
			require.NoError(t, api.Delete(key, store.DeleteOptions{Propagation: "Background"}))
		})
		w.legal(user, w.create(newSet(appsv1.OrderedReadyPodManagement)))
		w.legal(user, func(api *store.Client) { w.ready("web-0", false)(api); w.remove("web-2")(api) })
		w.legal(StatefulSetController, w.pod(2))
	})
}

func grown(t *testing.T, invariant Invariant) *world {
	w := newWorld(t, invariant)
	w.legal(user, w.create(newSet(appsv1.OrderedReadyPodManagement)))
	for ordinal, name := range []string{"web-0", "web-1", "web-2"} {
		w.legal(StatefulSetController, w.pod(ordinal))
		w.legal("kubelet/a", w.ready(name, true))
	}
	w.legal(StatefulSetController, w.observe("web"))
	return w
}

func TestOrderedScaleDownTakesTheHighest(t *testing.T) {
	shrunk := func(t *testing.T, to int32) *world {
		w := grown(t, orderedScaleDown)
		w.legal(user, w.change("web", replicas(to)))
		w.legal(StatefulSetController, w.observe("web"))
		return w
	}
	t.Run("in order", func(t *testing.T) {
		w := shrunk(t, 0)
		for _, name := range []string{"web-2", "web-1", "web-0"} {
			w.legal(StatefulSetController, w.terminate(name))
			w.legal("kubelet/a", w.remove(name))
		}
	})
	t.Run("the lower first", func(t *testing.T) {
		w := shrunk(t, 1)
		require.Equal(t, []string{"pod default/web-1 was deleted for a scale-down while web-2 exists"},
			w.step(StatefulSetController, w.terminate("web-1")))
	})
	t.Run("while the higher terminates", func(t *testing.T) {
		w := shrunk(t, 1)
		w.legal(StatefulSetController, w.terminate("web-2"))
		require.Len(t, w.step(StatefulSetController, w.terminate("web-1")), 1)
	})
	t.Run("the next behind a gap", func(t *testing.T) {
		w := grown(t, orderedScaleDown)
		w.legal(user, w.pod(5))
		w.legal(user, w.change("web", replicas(0)))
		w.legal(StatefulSetController, w.observe("web"))
		w.legal(StatefulSetController, w.remove("web-5"))
		require.Len(t, w.step(StatefulSetController, w.terminate("web-1")), 1)
	})
	t.Run("below the start", func(t *testing.T) {
		w := grown(t, orderedScaleDown)
		w.legal(user, w.change("web", func(spec *appsv1.StatefulSetSpec) {
			spec.Ordinals = &appsv1.StatefulSetOrdinals{Start: 1}
			replicas(1)(spec)
		}))
		w.legal(StatefulSetController, w.observe("web"))
		require.Len(t, w.step(StatefulSetController, w.terminate("web-0")), 1)
	})
}

func TestOrderedScaleDownLeavesOtherDeletionsAlone(t *testing.T) {
	t.Run("by a user", func(t *testing.T) {
		w := grown(t, orderedScaleDown)
		w.legal(user, w.change("web", replicas(1)))
		w.legal(StatefulSetController, w.observe("web"))
		w.legal(user, w.terminate("web-1"))
	})
	t.Run("in a rolling update", func(t *testing.T) {
		w := grown(t, orderedScaleDown)
		w.legal(StatefulSetController, w.terminate("web-1"))
	})
	t.Run("of a failed pod in the range", func(t *testing.T) {
		w := grown(t, orderedScaleDown)
		w.legal(user, w.change("web", replicas(2)))
		w.legal(StatefulSetController, w.observe("web"))
		w.legal(StatefulSetController, w.remove("web-0"))
	})
	t.Run("by a controller that has not seen the new range", func(t *testing.T) {
		w := grown(t, orderedScaleDown)
		w.legal(user, w.change("web", replicas(1)))
		w.legal(StatefulSetController, w.terminate("web-1"))
	})
	t.Run("the highest was released", func(t *testing.T) {
		w := grown(t, orderedScaleDown)
		w.legal(user, w.change("web", replicas(1)))
		w.legal(StatefulSetController, w.observe("web"))
		w.legal(StatefulSetController, func(api *store.Client) {
			pod := stored[*corev1.Pod](w, "web-2").DeepCopy()
			pod.OwnerReferences = nil
			_, err := api.Update(pod)
			require.NoError(t, err)
		})
		w.legal(StatefulSetController, w.terminate("web-1"))
	})
	t.Run("below the start, with the range above it full", func(t *testing.T) {
		w := grown(t, orderedScaleDown)
		w.legal(user, w.change("web", func(spec *appsv1.StatefulSetSpec) {
			spec.Ordinals = &appsv1.StatefulSetOrdinals{Start: 1}
			replicas(2)(spec)
		}))
		w.legal(StatefulSetController, w.observe("web"))
		w.legal(StatefulSetController, w.terminate("web-0"))
	})
	t.Run("the highest is below a gap", func(t *testing.T) {
		w := grown(t, orderedScaleDown)
		w.legal(user, w.remove("web-1"))
		w.legal(user, w.change("web", replicas(0)))
		w.legal(StatefulSetController, w.observe("web"))
		w.legal(StatefulSetController, w.remove("web-2"))
		w.legal(StatefulSetController, w.remove("web-0"))
	})
	t.Run("Parallel", func(t *testing.T) {
		w := newWorld(t, orderedScaleDown)
		w.legal(user, w.create(newSet(appsv1.ParallelPodManagement)))
		w.legal(StatefulSetController, func(api *store.Client) { w.pod(0)(api); w.pod(1)(api); w.pod(2)(api) })
		w.legal(user, w.change("web", replicas(0)))
		w.legal(StatefulSetController, w.observe("web"))
		w.legal(StatefulSetController, func(api *store.Client) { w.terminate("web-0")(api); w.terminate("web-1")(api) })
	})
}
