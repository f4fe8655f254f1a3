package kubelet

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

// How often the kubelet shows that it lives: pkg/kubelet/apis/config/v1beta1/defaults.go. The lease lasts 40 s and is renewed
// after a quarter of that.
const (
	heartbeatPeriod  = 10 * time.Second
	nodeReportPeriod = 5 * time.Minute
)

// heart is when the kubelet showed last that it lives.
type heart struct {
	next     time.Time // the next beat
	reported time.Time // when the node's status was sent last; zero: not since the machine started
}

// Heartbeat renews the node's lease and looks at the node's status, every 10 seconds. The status is sent when the cache does
// not show it as it should be, or when it was not sent for 5 minutes. Heartbeat returns when it must be called again.
func (k *Kubelet) Heartbeat(now time.Time, cache *store.View) (next time.Time) {
	if now.Before(k.heart.next) {
		return k.heart.next
	}
	if k.heart.next.IsZero() {
		k.started = now
	}
	k.heart.next = now.Add(heartbeatPeriod)
	k.node.RenewLease()
	if k.heart.reported.IsZero() || now.Sub(k.heart.reported) >= nodeReportPeriod || !k.nodeShown(cache) {
		k.reportNode(now, cache)
	}
	return k.heart.next
}

// pressures are the conditions of a node that has enough of everything: pkg/kubelet/nodestatus/setters.go.
var pressures = [...]corev1.NodeCondition{
	{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionFalse,
		Reason: "KubeletHasSufficientMemory", Message: "kubelet has sufficient memory available"},
	{Type: corev1.NodeDiskPressure, Status: corev1.ConditionFalse,
		Reason: "KubeletHasNoDiskPressure", Message: "kubelet has no disk pressure"},
	{Type: corev1.NodePIDPressure, Status: corev1.ConditionFalse,
		Reason: "KubeletHasSufficientPID", Message: "kubelet has sufficient PID available"},
}

// ready is the node's condition Ready: pkg/kubelet/nodestatus/setters.go:ReadyCondition.
func (k *Kubelet) ready() corev1.NodeCondition {
	if k.networkError != nil {
		return corev1.NodeCondition{Type: corev1.NodeReady, Status: corev1.ConditionFalse,
			Reason: "KubeletNotReady", Message: k.networkError.Error()}
	}
	return corev1.NodeCondition{Type: corev1.NodeReady, Status: corev1.ConditionTrue,
		Reason: "KubeletReady", Message: "kubelet is posting ready status"}
}

// nodeShown tells whether the cache shows the node's conditions and volumes as they are.
func (k *Kubelet) nodeShown(cache *store.View) bool {
	node, ok := store.Get[*corev1.Node](cache, "", k.cfg.Node)
	if !ok || !slices.Equal(node.Status.VolumesInUse, k.volumesInUse()) {
		return false
	}
	if shown, ready := findNode(node.Status.Conditions, corev1.NodeReady), k.ready(); shown == nil ||
		shown.Status != ready.Status || shown.Message != ready.Message {
		return false
	}
	for _, c := range pressures {
		if shown := findNode(node.Status.Conditions, c.Type); shown == nil || shown.Status != c.Status {
			return false
		}
	}
	return true
}

// reportNode sends the node's status: its conditions, and the volumes in use, which must be known before one is mounted and
// until it is unmounted, because no volume is detached that is in use.
func (k *Kubelet) reportNode(now time.Time, cache *store.View) {
	var before []corev1.NodeCondition
	if node, ok := store.Get[*corev1.Node](cache, "", k.cfg.Node); ok {
		before = node.Status.Conditions
	}
	conditions := append(slices.Clone(pressures[:]), k.ready())
	for i := range conditions {
		c := &conditions[i]
		c.LastHeartbeatTime, c.LastTransitionTime = metav1.NewTime(now), metav1.NewTime(now)
		if shown := findNode(before, c.Type); shown != nil && shown.Status == c.Status {
			c.LastTransitionTime = shown.LastTransitionTime
		}
	}
	k.heart.reported = now
	k.node.UpdateNodeStatus(corev1.NodeStatus{Conditions: conditions, VolumesInUse: k.volumesInUse()})
}

func findNode(conditions []corev1.NodeCondition, of corev1.NodeConditionType) *corev1.NodeCondition {
	for i := range conditions {
		if conditions[i].Type == of {
			return &conditions[i]
		}
	}
	return nil
}
