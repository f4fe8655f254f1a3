package sim

import (
	"iter"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/statefulset"
	"statefulsim/controller/store"
)

// lack is something that is not as it should be.
type lack struct{ what, name, state string }

// some tells whether there is any.
func some(lacks iter.Seq[lack]) bool {
	for range lacks {
		return true
	}
	return false
}

// allThere tells whether nothing is absent. What the sets' controllers count is looked at first: it is one number a set.
func (w *world) allThere() bool {
	for set := range store.All[*appsv1.StatefulSet](w.store.View()) {
		if set.DeletionTimestamp == nil && set.Status.ReadyReplicas != replicasOf(set) {
			return false
		}
	}
	return !some(w.absent())
}

// absent lists what is lacking of pods and primaries.
func (w *world) absent() iter.Seq[lack] {
	return func(yield func(lack) bool) {
		view := w.store.View()
		for set := range store.All[*appsv1.StatefulSet](view) {
			if set.DeletionTimestamp != nil || replicasOf(set) == 0 {
				continue
			}
			name := DisplayName(set.Namespace, set.Name)
			for i := range int(replicasOf(set)) {
				pod := statefulset.PodName(set.Name, firstOrdinal(set)+i)
				if state := podLacks(view, set, i, pod); state != "" && !yield(lack{"pod", DisplayName(set.Namespace, pod), state}) {
					return
				}
			}
			if set.Status.ObservedGeneration < set.Generation && !yield(lack{"set", name, "has a spec that its controller has not seen"}) {
				return
			}
			if state := w.primaryLacks(set); state != "" && !yield(lack{"set", name, state}) {
				return
			}
		}
	}
}

// podLacks says what is wrong with the i-th pod of a set; "" if nothing is.
func podLacks(view *store.View, set *appsv1.StatefulSet, i int, name string) string {
	pod, ok := store.Get[*corev1.Pod](view, set.Namespace, name)
	switch {
	case !ok:
		return "does not exist"
	case pod.DeletionTimestamp != nil:
		return "is terminating"
	case pod.Status.Phase != corev1.PodRunning:
		return "is " + string(pod.Status.Phase)
	case !condition.PodReady(pod):
		return "is not Ready"
	case i >= updatedFrom(set) && pod.Labels[appsv1.StatefulSetRevisionLabel] != set.Status.UpdateRevision:
		return "is not updated"
	}
	return ""
}

// updatedFrom is the first of a set's pods that an update brings to the update revision.
func updatedFrom(set *appsv1.StatefulSet) int {
	strategy := &set.Spec.UpdateStrategy
	switch {
	case strategy.Type == appsv1.OnDeleteStatefulSetStrategyType:
		return int(replicasOf(set))
	case strategy.RollingUpdate != nil && strategy.RollingUpdate.Partition != nil:
		return int(*strategy.RollingUpdate.Partition)
	}
	return 0
}

// primaryLacks says what is wrong with a set's primary, if one of its pods leads the others.
func (w *world) primaryLacks(set *appsv1.StatefulSet) string {
	if !w.scenario.Runs[set.Name].Leads() {
		return ""
	}
	switch n := len(w.writers[store.KeyOf(set)]); n {
	case 0:
		return "has no primary"
	case 1:
		return ""
	default:
		return "has " + number(uint64(n)) + " primaries"
	}
}
