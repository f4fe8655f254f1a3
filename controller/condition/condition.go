// Package condition reads and sets the conditions in the status of pods, nodes, claims and Jobs, as all of Kubernetes' components do it.
package condition

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Pod returns the condition of that type in a pod's status, or nil. It points into the status.
func Pod(status *corev1.PodStatus, t corev1.PodConditionType) *corev1.PodCondition {
	for i := range status.Conditions {
		if status.Conditions[i].Type == t {
			return &status.Conditions[i]
		}
	}
	return nil
}

// Node returns the condition of that type in a node's status, or nil. It points into the status.
func Node(status *corev1.NodeStatus, t corev1.NodeConditionType) *corev1.NodeCondition {
	for i := range status.Conditions {
		if status.Conditions[i].Type == t {
			return &status.Conditions[i]
		}
	}
	return nil
}

// PodReady tells whether a pod's condition Ready is True (pkg/api/v1/pod/util.go:IsPodReady).
func PodReady(pod *corev1.Pod) bool {
	ready := Pod(&pod.Status, corev1.PodReady)
	return ready != nil && ready.Status == corev1.ConditionTrue
}

// NodeReady tells whether a node's condition Ready is True (component-helpers node/util/conditions.go:IsNodeReady).
func NodeReady(node *corev1.Node) bool {
	ready := Node(&node.Status, corev1.NodeReady)
	return ready != nil && ready.Status == corev1.ConditionTrue
}

// PodTerminal tells whether a pod has ended for good: its phase is Failed or Succeeded.
func PodTerminal(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded
}

// SetPod puts a condition into a pod's status and tells whether that changed anything. Its last transition is now if its
// status differs from the one before, and otherwise stays what it was (pkg/api/v1/pod/util.go:UpdatePodCondition). The
// list of conditions is copied before it is changed, so that a status which shares it with another stays its own.
func SetPod(status *corev1.PodStatus, c corev1.PodCondition, now time.Time) bool {
	c.LastTransitionTime = metav1.NewTime(now)
	old := Pod(status, c.Type)
	if old != nil && old.Status == c.Status {
		c.LastTransitionTime = old.LastTransitionTime
	}
	if old != nil && old.Status == c.Status && old.Reason == c.Reason && old.Message == c.Message {
		return false
	}
	conditions := make([]corev1.PodCondition, 0, len(status.Conditions)+1)
	for i := range status.Conditions {
		if status.Conditions[i].Type != c.Type {
			conditions = append(conditions, status.Conditions[i])
		} else {
			conditions = append(conditions, c)
		}
	}
	if old == nil {
		conditions = append(conditions, c)
	}
	status.Conditions = conditions
	return true
}
