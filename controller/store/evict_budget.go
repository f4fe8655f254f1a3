package store

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// maxDisruptedPods is how many evictions may be under way that the disruption controller has not taken note of
// (pkg/registry/core/pod/storage/eviction.go:MaxDisruptedPodSize).
const maxDisruptedPods = 2000

// errTooManyDisrupted says that there are more.
var errTooManyDisrupted = errors.New("DisruptedPods map too big - too many evictions not confirmed by PDB controller")

// spend charges the budget that selects the pod with one disruption, or tells why that can't be done
// (eviction.go:Create).
func (c *Client) spend(pod *corev1.Pod) error {
	budgets := c.budgetsOf(pod)
	switch {
	case len(budgets) == 0:
		return nil
	case len(budgets) > 1:
		return &apierrors.StatusError{ErrStatus: metav1.Status{
			Status: metav1.StatusFailure, Code: http.StatusInternalServerError,
			Message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
		}}
	case !podReady(pod) && sparesUnhealthy(budgets[0]):
		return nil
	}
	if err := refusal(budgets[0]); err != nil {
		return err
	}
	return c.decrement(budgets[0], pod.Name)
}

// budgetsOf returns the budgets that select a pod. One whose selector makes no sense selects none
// (eviction.go:getPodDisruptionBudgets).
func (c *Client) budgetsOf(pod *corev1.Pod) []*policyv1.PodDisruptionBudget {
	var budgets []*policyv1.PodDisruptionBudget
	for pdb := range In[*policyv1.PodDisruptionBudget](c.View(), pod.Namespace) {
		selector, err := metav1.LabelSelectorAsSelector(pdb.Spec.Selector)
		if err == nil && selector.Matches(labels.Set(pod.Labels)) {
			budgets = append(budgets, pdb)
		}
	}
	return budgets
}

func podReady(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// sparesUnhealthy tells whether pods that are not Ready may be evicted without being charged to the budget: always if it says
// so, else as long as what it protects is not disrupted.
func sparesUnhealthy(pdb *policyv1.PodDisruptionBudget) bool {
	if policy := pdb.Spec.UnhealthyPodEvictionPolicy; policy != nil && *policy == policyv1.AlwaysAllow {
		return true
	}
	return pdb.Status.CurrentHealthy >= pdb.Status.DesiredHealthy && pdb.Status.DesiredHealthy > 0
}

// refusal tells why a budget allows no disruption, nil if it does (eviction.go:checkAndDecrement). That fewer than none are
// allowed need not be looked for: the status would not be valid.
func refusal(pdb *policyv1.PodDisruptionBudget) error {
	const violates = "Cannot evict pod as it would violate the pod's disruption budget."
	switch status := &pdb.Status; {
	case status.ObservedGeneration < pdb.Generation:
		return because(apierrors.NewTooManyRequests(violates, 10), "The disruption budget %s is still being processed by the server.", pdb.Name)
	case len(status.DisruptedPods) > maxDisruptedPods:
		resource := policyv1.Resource("poddisruptionbudget")
		return because(apierrors.NewForbidden(resource, pdb.Name, errTooManyDisrupted),
			"The disruption budget %s does not allow evicting pods currently: too many pending evictions not confirmed by PDB controller", pdb.Name)
	case status.DisruptionsAllowed == 0:
		return because(apierrors.NewTooManyRequests(violates, 0), "%s", shortage(pdb))
	}
	return nil
}

// shortage says why a budget allows no more disruptions. The counts say nothing if they could not be worked out.
func shortage(pdb *policyv1.PodDisruptionBudget) string {
	status := &pdb.Status
	allowed := meta.FindStatusCondition(status.Conditions, policyv1.DisruptionAllowedCondition)
	told := allowed != nil && allowed.Status == metav1.ConditionFalse && allowed.Message != ""
	const none = "does not allow evicting pods currently"
	switch {
	case told && allowed.Reason == policyv1.SyncFailedReason:
		return fmt.Sprintf("The disruption budget %s %s because it failed sync: %s", pdb.Name, none, allowed.Message)
	case status.CurrentHealthy <= status.DesiredHealthy:
		return fmt.Sprintf("The disruption budget %s needs %d healthy pods and has %d currently", pdb.Name, status.DesiredHealthy, status.CurrentHealthy)
	case told:
		return fmt.Sprintf("The disruption budget %s %s (%s): %s", pdb.Name, none, allowed.Reason, allowed.Message)
	}
	return fmt.Sprintf("The disruption budget %s %s", pdb.Name, none)
}

// because adds the reason to an error as clients read it.
func because(err *apierrors.StatusError, format string, args ...any) error {
	err.ErrStatus.Details.Causes = append(err.ErrStatus.Details.Causes,
		metav1.StatusCause{Type: policyv1.DisruptionBudgetCause, Message: fmt.Sprintf(format, args...)})
	return err
}

// decrement takes one disruption off the budget, and notes whose it is: until the disruption controller sees the pod
// terminate, it is not to count as healthy.
func (c *Client) decrement(pdb *policyv1.PodDisruptionBudget, pod string) error {
	charged, now := *pdb, wholeSeconds(c.Now)
	status := &charged.Status
	status.DisruptionsAllowed--
	if status.DisruptionsAllowed == 0 {
		status.Conditions = slices.Clone(status.Conditions)
		meta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: policyv1.DisruptionAllowedCondition, Status: metav1.ConditionFalse, Reason: policyv1.InsufficientPodsReason,
			ObservedGeneration: status.ObservedGeneration, LastTransitionTime: now,
		})
	}
	status.DisruptedPods = maps.Clone(status.DisruptedPods)
	if status.DisruptedPods == nil {
		status.DisruptedPods = map[string]metav1.Time{}
	}
	status.DisruptedPods[pod] = now
	_, err := c.UpdateStatus(&charged)
	return err
}
