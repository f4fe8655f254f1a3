package check

import (
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// place is a StatefulSet's namespace and name: what its pods are named after.
type place struct{ namespace, set string }

// member splits a pod's name into its set's and its ordinal (pkg/controller/statefulset/stateful_set_utils.go:
// getParentNameAndOrdinal). ok is false for a name that no set gives.
func member(pod *corev1.Pod) (of place, ordinal int, ok bool) {
	dash := strings.LastIndexByte(pod.Name, '-')
	if dash < 0 {
		return place{}, 0, false
	}
	n, err := strconv.ParseUint(pod.Name[dash+1:], 10, 31)
	if err != nil {
		return place{}, 0, false
	}
	return place{pod.Namespace, pod.Name[:dash]}, int(n), true
}

func ordered(set *appsv1.StatefulSet) bool {
	return set.Spec.PodManagementPolicy != appsv1.ParallelPodManagement
}

// ordinalRange returns the first ordinal of a set and the one behind its last.
func ordinalRange(set *appsv1.StatefulSet) (start, end int) {
	if set.Spec.Ordinals != nil {
		start = int(set.Spec.Ordinals.Start)
	}
	replicas := 1
	if set.Spec.Replicas != nil {
		replicas = int(*set.Spec.Replicas)
	}
	return start, start + replicas
}

// healthy is what the controller waits for before it goes on to the next ordinal (stateful_set_utils.go:
// isRunningAndReady, and not terminating).
func healthy(pod *corev1.Pod) bool {
	if pod == nil || pod.DeletionTimestamp != nil || pod.Status.Phase != corev1.PodRunning {
		return false
	}
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

func controlledBy(pod *corev1.Pod, set types.UID) bool {
	if pod == nil {
		return false
	}
	owner := metav1.GetControllerOfNoCopy(pod)
	return owner != nil && owner.UID == set
}
