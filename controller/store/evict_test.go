package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// evictions is a store with a running pod of the name web-0, Ready unless changed.
type evictions struct {
	*testing.T
	api *Client
}

func newEvictions(t *testing.T, change func(*corev1.Pod)) *evictions {
	e := &evictions{t, New().At(start, nil)}
	pod := newPod("web-0")
	pod.Spec.NodeName = "a"
	created, err := e.api.Create(pod)
	require.NoError(t, err)
	running := *created.(*corev1.Pod)
	running.Status = corev1.PodStatus{
		Phase:      corev1.PodRunning,
		Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: wholeSeconds(start)}},
	}
	if change != nil {
		change(&running)
	}
	_, err = e.api.UpdateStatus(&running)
	require.NoError(t, err)
	return e
}

// budget adds a budget for the pod, with that status.
func (e *evictions) budget(name string, status policyv1.PodDisruptionBudgetStatus, change func(*policyv1.PodDisruptionBudget)) {
	pdb := &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: policyv1.PodDisruptionBudgetSpec{
			MinAvailable: new(intstr.FromInt32(1)), Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
		},
	}
	if change != nil {
		change(pdb)
	}
	created, err := e.api.Create(pdb)
	require.NoError(e, err)
	counted := *created.(*policyv1.PodDisruptionBudget)
	counted.Status = status
	_, err = e.api.UpdateStatus(&counted)
	require.NoError(e, err)
}

func (e *evictions) evict() error { return e.api.Evict("default", "web-0", DeleteOptions{}) }

func (e *evictions) pod() *corev1.Pod {
	pod, _ := Get[*corev1.Pod](e.api.View(), "default", "web-0")
	return pod
}

func (e *evictions) status(name string) policyv1.PodDisruptionBudgetStatus {
	pdb, ok := Get[*policyv1.PodDisruptionBudget](e.api.View(), "default", name)
	require.True(e, ok)
	return pdb.Status
}

// counts is the status of a budget that has seen its spec.
func counts(allowed, healthy, desired int32) policyv1.PodDisruptionBudgetStatus {
	return policyv1.PodDisruptionBudgetStatus{ObservedGeneration: 1, DisruptionsAllowed: allowed, CurrentHealthy: healthy, DesiredHealthy: desired}
}

func notReady(pod *corev1.Pod) { pod.Status.Conditions[0].Status = corev1.ConditionFalse }

func TestEvictionMarksThePodAndDeletesIt(t *testing.T) {
	e := newEvictions(t, nil)
	require.NoError(t, e.api.Evict("default", "web-0", DeleteOptions{GracePeriodSeconds: new(int64(7))}))
	require.Equal(t, int64(7), *e.pod().DeletionGracePeriodSeconds)
	require.Equal(t, corev1.PodCondition{
		Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "EvictionByEvictionAPI", Message: "Eviction API: evicting",
		LastTransitionTime: wholeSeconds(start),
	}, e.pod().Status.Conditions[1])
	e.api.Now = start.Add(time.Minute)
	require.NoError(t, e.evict(), "a terminating pod")
	require.Equal(t, wholeSeconds(start), e.pod().Status.Conditions[1].LastTransitionTime)
	err := e.api.Evict("default", "web-1", DeleteOptions{})
	require.True(t, apierrors.IsNotFound(err), "%v", err)
}

func TestEvictionIsChargedToTheBudget(t *testing.T) {
	e := newEvictions(t, nil)
	e.budget("web", counts(1, 3, 2), nil)
	require.NoError(t, e.evict())
	require.NotNil(t, e.pod().DeletionTimestamp)
	status := e.status("web")
	require.Zero(t, status.DisruptionsAllowed)
	require.Equal(t, map[string]metav1.Time{"web-0": wholeSeconds(start)}, status.DisruptedPods)
	require.Equal(t, policyv1.InsufficientPodsReason, status.Conditions[0].Reason)
	require.Equal(t, metav1.ConditionFalse, status.Conditions[0].Status)
}

// What cannot be disrupted any more needs no budget, however many there are.
func TestEvictionIgnoresBudgets(t *testing.T) {
	for what, change := range map[string]func(*corev1.Pod){
		"Pending":     func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodPending },
		"Succeeded":   func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodSucceeded },
		"Failed":      func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodFailed },
		"terminating": nil,
	} {
		e := newEvictions(t, change)
		if change == nil {
			require.NoError(t, e.api.Delete(KeyOf(e.pod()), DeleteOptions{}))
		}
		e.budget("web", counts(0, 0, 1), nil)
		e.budget("web-2", counts(0, 0, 1), nil)
		require.NoError(t, e.evict(), what)
		require.Empty(t, e.status("web").DisruptedPods)
		require.True(t, e.pod() == nil || e.pod().DeletionTimestamp != nil, what)
	}
}

func TestEvictionWithSeveralBudgets(t *testing.T) {
	e := newEvictions(t, nil)
	e.budget("a", counts(1, 3, 2), nil)
	e.budget("b", counts(1, 3, 2), nil)
	err := e.evict()
	require.EqualError(t, err, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
	require.Equal(t, int32(500), err.(*apierrors.StatusError).Status().Code)
	require.Nil(t, e.pod().DeletionTimestamp)
	require.Equal(t, int32(1), e.status("a").DisruptionsAllowed)
}

func TestEvictionRefused(t *testing.T) {
	failed := func(reason string) []metav1.Condition {
		return []metav1.Condition{{Type: policyv1.DisruptionAllowedCondition, Status: metav1.ConditionFalse, Reason: reason, Message: "no scale"}}
	}
	many := map[string]metav1.Time{}
	for i := range maxDisruptedPods + 1 {
		many[fmt.Sprint("web-", i)] = wholeSeconds(start)
	}
	for cause, status := range map[string]policyv1.PodDisruptionBudgetStatus{
		"The disruption budget web needs 2 healthy pods and has 1 currently": counts(0, 1, 2),
		"The disruption budget web does not allow evicting pods currently":   counts(0, 3, 2),
		"The disruption budget web does not allow evicting pods currently (Frozen): no scale": {
			ObservedGeneration: 1, CurrentHealthy: 3, DesiredHealthy: 2, Conditions: failed("Frozen"),
		},
		"The disruption budget web does not allow evicting pods currently because it failed sync: no scale": {
			ObservedGeneration: 1, DesiredHealthy: 2, Conditions: failed(policyv1.SyncFailedReason),
		},
		"The disruption budget web is still being processed by the server.": {DisruptionsAllowed: 1, CurrentHealthy: 3, DesiredHealthy: 2},
		"The disruption budget web does not allow evicting pods currently: too many pending evictions not confirmed by PDB controller": {
			ObservedGeneration: 1, DisruptionsAllowed: 1, CurrentHealthy: 3, DesiredHealthy: 2, DisruptedPods: many,
		},
	} {
		e := newEvictions(t, nil)
		e.budget("web", status, nil)
		err := e.evict()
		var refused *apierrors.StatusError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, []metav1.StatusCause{{Type: policyv1.DisruptionBudgetCause, Message: cause}}, refused.ErrStatus.Details.Causes)
		require.Nil(t, e.pod().DeletionTimestamp)
		require.Len(t, e.pod().Status.Conditions, 1)
		seconds, retry := apierrors.SuggestsClientDelay(err)
		switch {
		case status.DisruptedPods != nil:
			require.True(t, apierrors.IsForbidden(err))
			require.EqualError(t, err, `poddisruptionbudget.policy "web" is forbidden: DisruptedPods map too big - too many evictions not confirmed by PDB controller`)
		case status.ObservedGeneration == 0:
			require.True(t, apierrors.IsTooManyRequests(err))
			require.Equal(t, 10, seconds)
		default:
			require.True(t, apierrors.IsTooManyRequests(err))
			require.False(t, retry, "nothing is suggested")
			require.EqualError(t, err, "Cannot evict pod as it would violate the pod's disruption budget.")
		}
	}
}

// A pod that isn't Ready costs nothing if the policy allows that always, or if enough others are healthy.
func TestUnhealthyPodEvictionPolicy(t *testing.T) {
	for _, c := range []struct {
		what    string
		policy  policyv1.UnhealthyPodEvictionPolicyType
		status  policyv1.PodDisruptionBudgetStatus
		allowed bool
		charged bool
	}{
		{"AlwaysAllow, none healthy", policyv1.AlwaysAllow, counts(0, 0, 2), true, false},
		{"AlwaysAllow, not observed", policyv1.AlwaysAllow, policyv1.PodDisruptionBudgetStatus{}, true, false},
		{"IfHealthyBudget, enough healthy", policyv1.IfHealthyBudget, counts(0, 2, 2), true, false},
		{"IfHealthyBudget, too few healthy", policyv1.IfHealthyBudget, counts(0, 1, 2), false, false},
		{"IfHealthyBudget, none desired, one allowed", policyv1.IfHealthyBudget, counts(1, 1, 0), true, true},
		{"no policy, enough healthy", "", counts(0, 2, 2), true, false},
		{"no policy, none desired, none allowed", "", counts(0, 0, 0), false, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			e := newEvictions(t, notReady)
			e.budget("web", c.status, func(pdb *policyv1.PodDisruptionBudget) {
				if c.policy != "" {
					pdb.Spec.UnhealthyPodEvictionPolicy = &c.policy
				}
			})
			require.Equal(t, !c.allowed, apierrors.IsTooManyRequests(e.evict()))
			require.Equal(t, c.allowed, e.pod().DeletionTimestamp != nil)
			require.Equal(t, c.charged, len(e.status("web").DisruptedPods) == 1)
		})
	}
}

// A budget elsewhere, or for other pods, is nobody's business.
func TestEvictionLooksForTheBudgetThatSelects(t *testing.T) {
	e := newEvictions(t, nil)
	e.budget("other", counts(0, 0, 1), func(pdb *policyv1.PodDisruptionBudget) { pdb.Spec.Selector.MatchLabels["app"] = "other" })
	e.budget("away", counts(0, 0, 1), func(pdb *policyv1.PodDisruptionBudget) { pdb.Namespace = "elsewhere" })
	require.NoError(t, e.evict())
}

// The pod was replaced: the eviction fails, but the budget has been charged by then.
func TestEvictionOfAnotherUID(t *testing.T) {
	e := newEvictions(t, nil)
	e.budget("web", counts(2, 4, 2), nil)
	err := e.api.Evict("default", "web-0", DeleteOptions{UID: "old"})
	require.True(t, apierrors.IsConflict(err), "%v", err)
	require.ErrorContains(t, err, `Operation cannot be fulfilled on Pod "web-0": the UID in the precondition (old) does not match`)
	require.Nil(t, e.pod().DeletionTimestamp)
	require.Equal(t, int32(1), e.status("web").DisruptionsAllowed)
}

// Whoever deletes, rather than evicts, asks no budget.
func TestDeletionAsksNoBudget(t *testing.T) {
	e := newEvictions(t, nil)
	e.budget("web", counts(0, 1, 1), nil)
	require.True(t, apierrors.IsTooManyRequests(e.evict()))
	require.NoError(t, e.api.Delete(KeyOf(e.pod()), DeleteOptions{}))
	require.NotNil(t, e.pod().DeletionTimestamp)
}
