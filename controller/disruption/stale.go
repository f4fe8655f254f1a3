package disruption

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// staleConditionTimeout is how long a pod may be said to be the target of a disruption without being deleted
// (pkg/controller/disruption/disruption.go:stalePodDisruptionTimeout).
const staleConditionTimeout = 2 * time.Minute

// notice is an Event that waits for its pod's turn.
type notice struct {
	pod     *corev1.Pod
	message string
}

// noteShared has it told that several budgets select a pod (disruption.go:getPdbForPod). Upstream brings one of them up to
// date, whichever its cache lists first, so that each has its turn in time; here all have it at once.
func (c *Controller) noteShared(pod *corev1.Pod, budgets []store.Key) {
	c.shared[store.KeyOf(pod)] = notice{pod, fmt.Sprintf("Pod %q/%q matches multiple PodDisruptionBudgets.  Chose %q arbitrarily.",
		pod.Namespace, pod.Name, budgets[0].Name)}
}

// reconcilePod tells what there is to tell about a pod, and takes back its condition DisruptionTarget if nobody deleted the
// pod for two minutes (disruption.go:syncStalePodDisruption).
func (c *Controller) reconcilePod(key store.Key, cache *store.View, api *store.Client) (time.Duration, error) {
	if told, ok := c.shared[key]; ok {
		delete(c.shared, key)
		api.Event(told.pod, corev1.EventTypeWarning, "MultiplePodDisruptionBudgets", told.message)
	}
	pod, ok := store.Get[*corev1.Pod](cache, key.Namespace, key.Name)
	if !ok || !targeted(pod) {
		return 0, nil
	}
	since := condition.Pod(&pod.Status, corev1.DisruptionTarget).LastTransitionTime
	if left := since.Add(staleConditionTimeout).Sub(api.Now); left > 0 {
		return left, nil
	}
	spared := *pod
	condition.SetPod(&spared.Status, corev1.PodCondition{
		Type: corev1.DisruptionTarget, Status: corev1.ConditionFalse, ObservedGeneration: pod.Generation,
	}, api.Now)
	_, err := api.UpdateStatus(&spared)
	return 0, err
}

// targeted tells whether a pod is said to be about to be disrupted, though it neither terminates nor has ended. What the
// kubelet says of it takes its time, and is let stand (disruption.go:nonTerminatingPodHasStaleDisruptionCondition).
func targeted(pod *corev1.Pod) bool {
	target := condition.Pod(&pod.Status, corev1.DisruptionTarget)
	return target != nil && target.Status == corev1.ConditionTrue && target.Reason != corev1.PodReasonTerminationByKubelet &&
		pod.DeletionTimestamp == nil && !condition.PodTerminal(pod)
}
