package store

import (
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

var bindings = schema.GroupResource{Resource: "pods/binding"}

// bind assigns a pod to a node: what the API server does for a Binding. It is one change, which makes no new generation, and
// nothing of the pod is validated again.
// Source: pkg/registry/core/pod/storage/storage.go:BindingREST.setPodNodeAndMetadata.
func (s *Store) bind(now time.Time, key Key, uid types.UID, node string) (Object, error) {
	old, ok := Get[*corev1.Pod](s.view, key.Namespace, key.Name)
	switch {
	case !ok:
		return nil, apierrors.NewNotFound(Pod.GroupResource(), key.Name)
	case uid != "" && uid != old.UID:
		return nil, apierrors.NewConflict(Pod.GroupResource(), key.Name, uidMismatch{uid, old.UID})
	}
	if err := unbindable(old); err != nil {
		return nil, apierrors.NewConflict(bindings, key.Name, err)
	}
	bound := shallow(old).(*corev1.Pod)
	bound.Spec.NodeName = node
	if s.Gates.PodTopologyLabelsAdmission {
		s.copyTopology(bound)
	}
	bound.Status.Conditions = scheduled(bound.Status.Conditions, now)
	s.commit(Pod, old, bound)
	return bound, nil
}

// unbindable tells why a pod cannot be assigned to a node, if it cannot.
func unbindable(pod *corev1.Pod) error {
	switch {
	case pod.DeletionTimestamp != nil:
		return fmt.Errorf("pod %s is being deleted, cannot be assigned to a host", pod.Name)
	case pod.Spec.NodeName != "":
		return fmt.Errorf("pod %v is already assigned to node %q", pod.Name, pod.Spec.NodeName)
	case len(pod.Spec.SchedulingGates) > 0:
		return fmt.Errorf("pod %v has non-empty .spec.schedulingGates", pod.Name)
	}
	return nil
}

// copyTopology gives a pod that has a node the labels that say where the node is.
// Source: plugin/pkg/admission/podtopologylabels/admission.go.
func (s *Store) copyTopology(pod *corev1.Pod) {
	node, ok := Get[*corev1.Node](s.view, "", pod.Spec.NodeName)
	if !ok {
		return
	}
	shared := true // the map is one that others read
	for _, key := range []string{corev1.LabelTopologyZone, corev1.LabelTopologyRegion} {
		value, ok := node.Labels[key]
		if had, has := pod.Labels[key]; !ok || has && had == value {
			continue
		}
		if shared {
			pod.Labels, shared = maps.Clone(pod.Labels), false
		}
		if pod.Labels == nil {
			pod.Labels = map[string]string{}
		}
		pod.Labels[key] = value
	}
}

// scheduled returns the conditions with PodScheduled True.
func scheduled(conditions []corev1.PodCondition, now time.Time) []corev1.PodCondition {
	condition := corev1.PodCondition{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(now)}
	i := slices.IndexFunc(conditions, func(c corev1.PodCondition) bool { return c.Type == corev1.PodScheduled })
	if i < 0 {
		return append(slices.Clip(conditions), condition)
	}
	conditions = slices.Clone(conditions)
	if conditions[i].Status == corev1.ConditionTrue {
		condition.LastTransitionTime = conditions[i].LastTransitionTime
	}
	conditions[i] = condition
	return conditions
}
