package store

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Evict asks for a pod to be deleted, as its eviction subresource does: if the PodDisruptionBudget that selects the pod
// allows it. A pod that is Pending, has ended or is terminating needs no permission, and neither does one that no budget
// selects. An evicted pod gets the condition DisruptionTarget and is deleted with opts.
//
// Errors: IsNotFound, IsConflict (another UID), IsTooManyRequests (the budget doesn't allow it, now; a cause of type
// DisruptionBudget says why), IsForbidden (too many evictions are under way), and code 500 if several budgets select the pod.
// Source: pkg/registry/core/pod/storage/eviction.go:Create.
func (c *Client) Evict(namespace, name string, opts DeleteOptions) error {
	if c.Down != nil {
		return c.Down
	}
	pod, ok := Get[*corev1.Pod](c.View(), namespace, name)
	if !ok {
		return apierrors.NewNotFound(Pod.GroupResource(), name)
	}
	if !ignoresBudgets(pod) {
		if err := c.spend(pod); err != nil {
			return err
		}
	}
	return c.markAndDelete(pod, opts)
}

// ignoresBudgets tells whether a pod's eviction can't disrupt anything (eviction.go:canIgnorePDB).
func ignoresBudgets(pod *corev1.Pod) bool {
	switch pod.Status.Phase {
	case corev1.PodSucceeded, corev1.PodFailed, corev1.PodPending:
		return true
	}
	return pod.DeletionTimestamp != nil
}

// markAndDelete tells in the pod's status why it is deleted, and deletes it (eviction.go:addConditionAndDeletePod). Only now
// is the UID looked at: what the budget was charged with stays charged.
func (c *Client) markAndDelete(pod *corev1.Pod, opts DeleteOptions) error {
	if opts.UID != "" && opts.UID != pod.UID {
		return apierrors.NewConflict(schema.GroupResource{Resource: "Pod"}, pod.Name, fmt.Errorf(
			"the UID in the precondition (%s) does not match the UID in record (%s). The object might have been deleted and then recreated",
			opts.UID, pod.UID))
	}
	marked := *pod
	marked.Status.Conditions = withDisruptionTarget(pod.Status.Conditions, wholeSeconds(c.Now))
	if _, err := c.UpdateStatus(&marked); err != nil {
		return err
	}
	return c.Delete(KeyOf(pod), opts)
}

// withDisruptionTarget returns the conditions with the one that tells of an eviction. A pod that is about to be disrupted
// already stays so since then (pkg/api/pod/util.go:UpdatePodCondition).
func withDisruptionTarget(conditions []corev1.PodCondition, now metav1.Time) []corev1.PodCondition {
	target := corev1.PodCondition{
		Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, LastTransitionTime: now,
		Reason: "EvictionByEvictionAPI", Message: "Eviction API: evicting",
	}
	conditions = slices.Clone(conditions)
	i := slices.IndexFunc(conditions, func(c corev1.PodCondition) bool { return c.Type == target.Type })
	if i < 0 {
		return append(conditions, target)
	}
	if conditions[i].Status == target.Status {
		target.LastTransitionTime = conditions[i].LastTransitionTime
	}
	conditions[i] = target
	return conditions
}
