package podgc

import (
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// nodeGone is the condition of a pod that is collected because its node no longer exists.
var nodeGone = corev1.PodCondition{
	Type:    corev1.DisruptionTarget,
	Status:  corev1.ConditionTrue,
	Reason:  "DeletionByPodGC",
	Message: "PodGC: node no longer exists",
}

// failAndDelete sets a pod's phase to Failed, since no kubelet will, and then deletes it with grace period 0
// (pkg/controller/podgc/gc_controller.go:markFailedAndDeletePodWithCondition). A pod that is gone is left alone, and so is
// one that has taken the name of a pod that was not terminal: the change of the phase names the UID, and the deletion does
// not.
func failAndDelete(pod *corev1.Pod, why *corev1.PodCondition, api *store.Client) error {
	if !condition.PodTerminal(pod) {
		live, ok := store.Get[*corev1.Pod](api.View(), pod.Namespace, pod.Name)
		if !ok || live.UID != pod.UID {
			return nil
		}
		failed := *live
		failed.Status.Phase = corev1.PodFailed
		failed.Status.ObservedGeneration = pod.Generation
		if why != nil {
			c := *why
			c.ObservedGeneration = pod.Generation
			condition.SetPod(&failed.Status, c, api.Now)
		}
		if _, err := api.UpdateStatus(&failed); err != nil {
			return err
		}
	}
	now := int64(0)
	err := api.Delete(store.KeyOf(pod), store.DeleteOptions{GracePeriodSeconds: &now})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
