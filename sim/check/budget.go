package check

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

var budgetRespected = Invariant{
	Name: "budget-respected",
	Why: "A PodDisruptionBudget is the promise that evictions leave enough pods healthy: a drain that takes one too many takes " +
		"the quorum with it.",
	New: func() Judge {
		j := evictions{granted: map[types.UID]int32{}}
		return j.judge
	},
}

// evictions judges each eviction that the API server has granted, by the budgets as they stood at that instant
// (pkg/registry/core/pod/storage/eviction.go:Create). What the disruption controller has counted may be out of date; but what
// was granted since it counted last is known, and must be counted too.
type evictions struct {
	granted map[types.UID]int32 // by budget, since the disruption controller last wrote its status
}

func (j *evictions) judge(step *Step) (breaches []string) {
	view, marked := step.Before, (*corev1.Pod)(nil) // the store before the eviction under way, and the pod as it then was
	for i, change := range step.Changes {
		switch pod := change.Object().(type) {
		case *policyv1.PodDisruptionBudget:
			if step.Actor == DisruptionController || change.New == nil {
				delete(j.granted, pod.UID)
			}
			if chargedFor(step.Changes[i:]) {
				continue // the view is still that of before
			}
		case *corev1.Pod:
			was, _ := change.Old.(*corev1.Pod)
			is, _ := change.New.(*corev1.Pod)
			if marks(was, is) {
				marked = was
				continue
			}
			if marked != nil && deleted(was, is) && was.UID == marked.UID {
				if breach := j.eviction(view, marked); breach != "" {
					breaches = append(breaches, breach)
				}
			}
		}
		view, marked = change.After, nil
	}
	return breaches
}

// chargedFor tells whether the first of these changes is that of a budget which an eviction is charged to: the evicted pod is
// marked next.
func chargedFor(changes []store.Change) bool {
	if len(changes) < 2 {
		return false
	}
	was, _ := changes[1].Old.(*corev1.Pod)
	is, _ := changes[1].New.(*corev1.Pod)
	return marks(was, is)
}

// marks tells whether a pod got the condition that says why it is about to be deleted.
func marks(was, is *corev1.Pod) bool {
	return was != nil && is != nil && was.UID == is.UID && evicted(is) && !evicted(was)
}

func evicted(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue && c.Reason == "EvictionByEvictionAPI"
	})
}

// eviction judges one, and counts it. A pod that has ended, is terminating or has not begun needs no permission.
func (j *evictions) eviction(view *store.View, pod *corev1.Pod) (breach string) {
	if pod.DeletionTimestamp != nil || pod.Status.Phase != corev1.PodRunning {
		return ""
	}
	budgets := budgetsOf(view, pod)
	if len(budgets) > 1 {
		return fmt.Sprintf("pod %s/%s was evicted though %d budgets select it", pod.Namespace, pod.Name, len(budgets))
	}
	for _, budget := range budgets {
		if !healthy(pod) && sparesUnhealthy(budget) {
			continue
		}
		status := &budget.Status
		spent := j.granted[budget.UID]
		j.granted[budget.UID]++
		switch {
		case status.ObservedGeneration < budget.Generation:
			return fmt.Sprintf("pod %s/%s was evicted before budget %s was counted", pod.Namespace, pod.Name, budget.Name)
		case status.DisruptionsAllowed <= 0:
			return fmt.Sprintf("pod %s/%s was evicted though budget %s allows no disruption", pod.Namespace, pod.Name, budget.Name)
		case status.CurrentHealthy-spent-1 < status.DesiredHealthy:
			return fmt.Sprintf("pod %s/%s was evicted though of the %d healthy pods of budget %s %d must stay, and evictions have taken %d since these were counted",
				pod.Namespace, pod.Name, status.CurrentHealthy, budget.Name, status.DesiredHealthy, spent)
		}
	}
	return ""
}

// budgetsOf returns the budgets that select a pod.
func budgetsOf(view *store.View, pod *corev1.Pod) (budgets []*policyv1.PodDisruptionBudget) {
	for budget := range store.In[*policyv1.PodDisruptionBudget](view, pod.Namespace) {
		selector, err := metav1.LabelSelectorAsSelector(budget.Spec.Selector)
		if err == nil && selector.Matches(labels.Set(pod.Labels)) {
			budgets = append(budgets, budget)
		}
	}
	return budgets
}

// sparesUnhealthy tells whether a budget lets a pod go that is not Ready (PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy).
func sparesUnhealthy(budget *policyv1.PodDisruptionBudget) bool {
	if policy := budget.Spec.UnhealthyPodEvictionPolicy; policy != nil && *policy == policyv1.AlwaysAllow {
		return true
	}
	return budget.Status.DesiredHealthy > 0 && budget.Status.CurrentHealthy >= budget.Status.DesiredHealthy
}
