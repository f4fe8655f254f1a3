package check

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"statefulsim/controller/store"
)

// rolled is a set of three healthy pods of revision "old" whose controller wants "new".
func rolled(t *testing.T, how func(*appsv1.StatefulSet)) *world {
	w := newWorld(t, orderedUpdate)
	set := newSet(appsv1.OrderedReadyPodManagement)
	if how != nil {
		how(set)
	}
	w.legal(user, w.create(set))
	for _, ordinal := range []int{0, 1, 2} {
		w.legal(StatefulSetController, w.revised(ordinal, "old"))
	}
	w.legal(StatefulSetController, w.wants("new"))
	return w
}

// revised creates a healthy pod of a revision; unready one that is not.
func (w *world) revised(ordinal int, revision string) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		w.unready(ordinal, revision)(api)
		w.ready(newPod(ordinal, "").Name, true)(api)
	}
}

func (w *world) unready(ordinal int, revision string) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		pod := newPod(ordinal, stored[*appsv1.StatefulSet](w, "web").UID)
		pod.Labels = map[string]string{"app": "web", appsv1.StatefulSetRevisionLabel: revision}
		w.create(pod)(api)
	}
}

// wants lets the controller say which revision it updates to, having seen the present spec.
func (w *world) wants(revision string) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		s := stored[*appsv1.StatefulSet](w, "web").DeepCopy()
		s.Status.ObservedGeneration, s.Status.UpdateRevision = s.Generation, revision
		_, err := api.UpdateStatus(s)
		require.NoError(w, err)
	}
}

// image changes the template, so that the spec has another generation.
func image(name string) func(*appsv1.StatefulSetSpec) {
	return func(spec *appsv1.StatefulSetSpec) { spec.Template.Spec.Containers[0].Image = name }
}

func TestOrderedUpdateGoesDown(t *testing.T) {
	t.Run("in order", func(t *testing.T) {
		w := rolled(t, nil)
		for _, ordinal := range []int{2, 1, 0} {
			name := newPod(ordinal, "").Name
			w.legal(StatefulSetController, w.terminate(name))
			w.legal("kubelet/a", w.remove(name))
			w.legal(StatefulSetController, w.revised(ordinal, "new"))
		}
		require.Equal(t, []string{"the controller deleted pod default/web-1 though it is of the update revision new"},
			w.step(StatefulSetController, w.terminate("web-1")))
	})
	t.Run("the lowest first", func(t *testing.T) {
		w := rolled(t, nil)
		require.Equal(t, []string{"the controller deleted pod default/web-0 for an update before those of higher ordinals were updated and all were running and ready"},
			w.step(StatefulSetController, w.terminate("web-0")))
	})
	t.Run("two at once", func(t *testing.T) {
		w := rolled(t, nil)
		require.Len(t, w.step(StatefulSetController, func(api *store.Client) { w.terminate("web-2")(api); w.terminate("web-1")(api) }), 1)
	})
	t.Run("two at once, before the status tells of it", func(t *testing.T) {
		w := rolled(t, nil)
		w.legal(user, w.change("web", image("web:2")))
		require.Len(t, w.step(StatefulSetController, func(api *store.Client) { w.terminate("web-2")(api); w.terminate("web-1")(api) }), 1)
	})
	t.Run("before the updated one is ready", func(t *testing.T) {
		w := rolled(t, nil)
		w.legal(StatefulSetController, w.remove("web-2"))
		w.legal(StatefulSetController, w.unready(2, "new"))
		require.Len(t, w.step(StatefulSetController, w.terminate("web-1")), 1)
	})
	t.Run("past one that is of a third revision", func(t *testing.T) {
		w := rolled(t, nil)
		w.legal(StatefulSetController, w.remove("web-2"))
		w.legal(StatefulSetController, w.revised(2, "new"))
		w.legal(StatefulSetController, w.wants("newer"))
		require.Equal(t, []string{"the controller deleted pod default/web-1 for an update before web-2"},
			w.step(StatefulSetController, w.terminate("web-1")))
	})
	t.Run("below the partition", func(t *testing.T) {
		w := rolled(t, func(set *appsv1.StatefulSet) {
			set.Spec.UpdateStrategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{Partition: new(int32(3))}
		})
		require.Equal(t, []string{"the controller deleted pod default/web-2 for an update, below the partition 3"},
			w.step(StatefulSetController, w.terminate("web-2")))
	})
	t.Run("OnDelete", func(t *testing.T) {
		w := rolled(t, func(set *appsv1.StatefulSet) { set.Spec.UpdateStrategy.Type = appsv1.OnDeleteStatefulSetStrategyType })
		w.legal(user, w.remove("web-2"))
		require.Len(t, w.step(StatefulSetController, w.terminate("web-1")), 1)
	})
}

func TestOrderedUpdateExcuses(t *testing.T) {
	t.Run("what a cache may have shown", func(t *testing.T) {
		w := rolled(t, nil)
		w.legal("kubelet/a", w.ready("web-0", false))
		w.legal(StatefulSetController, w.terminate("web-2"))
	})
	t.Run("Parallel", func(t *testing.T) {
		w := rolled(t, func(set *appsv1.StatefulSet) { set.Spec.PodManagementPolicy = appsv1.ParallelPodManagement })
		w.legal(StatefulSetController, w.terminate("web-0"))
	})
	t.Run("several unavailable", func(t *testing.T) {
		w := rolled(t, func(set *appsv1.StatefulSet) {
			set.Spec.UpdateStrategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{MaxUnavailable: new(intstr.FromInt32(2))}
		})
		w.legal(StatefulSetController, func(api *store.Client) { w.terminate("web-2")(api); w.terminate("web-1")(api) })
	})
	t.Run("a pod that has failed", func(t *testing.T) {
		w := rolled(t, nil)
		w.legal("kubelet/a", func(api *store.Client) {
			failed := stored[*corev1.Pod](w, "web-0").DeepCopy()
			failed.Status.Phase = corev1.PodFailed
			_, err := api.UpdateStatus(failed)
			require.NoError(w, err)
		})
		w.legal(StatefulSetController, w.terminate("web-0"))
	})
	t.Run("scaling, and another range that is not observed yet", func(t *testing.T) {
		w := rolled(t, nil)
		w.legal(user, w.change("web", replicas(4)))
		w.legal(StatefulSetController, w.terminate("web-1"))
		w = rolled(t, nil)
		w.legal(user, w.change("web", replicas(1)))
		w.legal(StatefulSetController, w.wants("new"))
		w.legal(StatefulSetController, w.terminate("web-2"))
	})
	t.Run("who is not the controller", func(t *testing.T) {
		w := rolled(t, nil)
		w.legal(user, w.terminate("web-0"))
	})
}
