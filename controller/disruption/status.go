package disruption

import (
	"maps"

	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

// updateStatus writes a budget's status if it differs from the one before; its conditions follow from the rest
// (pkg/controller/disruption/disruption.go:updatePdbStatus).
func updateStatus(pdb *policyv1.PodDisruptionBudget, status policyv1.PodDisruptionBudgetStatus, api *store.Client) error {
	c := metav1.Condition{
		Type:               policyv1.DisruptionAllowedCondition,
		Status:             metav1.ConditionFalse,
		Reason:             policyv1.InsufficientPodsReason,
		ObservedGeneration: status.ObservedGeneration,
	}
	if status.DisruptionsAllowed > 0 {
		c.Status, c.Reason = metav1.ConditionTrue, policyv1.SufficientPodsReason
	}
	return write(pdb, status, c, api)
}

// failSafe allows no disruptions while the status cannot be calculated (disruption.go:failSafe).
func failSafe(pdb *policyv1.PodDisruptionBudget, err error, api *store.Client) error {
	status := pdb.Status
	status.DisruptionsAllowed = 0
	return write(pdb, status, metav1.Condition{
		Type:               policyv1.DisruptionAllowedCondition,
		Status:             metav1.ConditionFalse,
		Reason:             policyv1.SyncFailedReason,
		Message:            err.Error(),
		ObservedGeneration: status.ObservedGeneration,
	}, api)
}

func write(pdb *policyv1.PodDisruptionBudget, status policyv1.PodDisruptionBudgetStatus, c metav1.Condition, api *store.Client) error {
	c.LastTransitionTime = metav1.NewTime(api.Now)
	status.Conditions = append([]metav1.Condition(nil), pdb.Status.Conditions...)
	if changed := meta.SetStatusCondition(&status.Conditions, c); !changed && sameCounts(&pdb.Status, &status) {
		return nil
	}
	next := *pdb
	next.Status = status
	_, err := api.UpdateStatus(&next)
	return err
}

func sameCounts(a, b *policyv1.PodDisruptionBudgetStatus) bool {
	return a.ObservedGeneration == b.ObservedGeneration &&
		a.DisruptionsAllowed == b.DisruptionsAllowed &&
		a.CurrentHealthy == b.CurrentHealthy &&
		a.DesiredHealthy == b.DesiredHealthy &&
		a.ExpectedPods == b.ExpectedPods &&
		maps.EqualFunc(a.DisruptedPods, b.DisruptedPods, func(x, y metav1.Time) bool { return x.Equal(&y) })
}
