package kubelet

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Eviction is why a kubelet ends a pod by itself.
type Eviction struct {
	Reason  string // "Evicted" for node pressure, "Terminated" for a graceful shutdown of the node
	Message string // of the pod's status
	Grace   time.Duration
}

// Evict ends a pod for good: pkg/kubelet/eviction/eviction_manager.go:evictPod and
// nodeshutdown/nodeshutdown_manager.go:killPods. When its containers have ended it is Failed, with the reason, unless all of them
// ended well: then it has simply Succeeded. Sync has to be called for the pod afterwards.
func (k *Kubelet) Evict(pod types.UID, why Eviction) {
	w := k.workers[pod]
	if w == nil || w.evicted != nil || w.stage >= stopping {
		return
	}
	w.evicted = &why
	if why.Reason == "Evicted" {
		k.node.Event(w.pod, corev1.EventTypeWarning, "Evicted", why.Message)
	}
}

// setEviction shows why the kubelet ended the pod, once that has an effect.
func (w *worker) setEviction(status *corev1.PodStatus) {
	if w.evicted == nil || status.Phase != corev1.PodFailed {
		return
	}
	status.Reason, status.Message = w.evicted.Reason, w.evicted.Message
}

// disruptionTarget tells that the kubelet ends the pod.
func (w *worker) disruptionTarget() corev1.PodCondition {
	return corev1.PodCondition{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue,
		Reason: corev1.PodReasonTerminationByKubelet, Message: w.evicted.Message, ObservedGeneration: w.pod.Generation}
}
