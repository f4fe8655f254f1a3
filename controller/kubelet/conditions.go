package kubelet

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ownConditions are the conditions of a pod that the kubelet alone writes, in the order in which it reports them:
// pkg/kubelet/types/pod_status.go:PodConditionsByKubelet.
var ownConditions = []corev1.PodConditionType{
	corev1.PodReadyToStartContainers, corev1.PodInitialized, corev1.PodReady, corev1.ContainersReady, corev1.PodScheduled,
}

// Merge returns a status that the kubelet reported as the API server is to keep it: the conditions that belong to others are
// those that the server has now, whatever the kubelet's cache held when it reported. Why a pod was disrupted is the kubelet's to
// say as well, when the pod ends (pkg/kubelet/status/status_manager.go:mergePodStatus).
func Merge(stored, reported corev1.PodStatus) corev1.PodStatus {
	conditions := make([]corev1.PodCondition, 0, len(stored.Conditions)+len(ownConditions))
	ends := terminal(reported.Phase) && !terminal(stored.Phase)
	disrupted := ends && find(reported.Conditions, corev1.DisruptionTarget) != nil
	for _, c := range stored.Conditions {
		if !slices.Contains(ownConditions, c.Type) && !(disrupted && c.Type == corev1.DisruptionTarget) {
			conditions = append(conditions, c)
		}
	}
	for _, c := range reported.Conditions {
		if slices.Contains(ownConditions, c.Type) || disrupted && c.Type == corev1.DisruptionTarget {
			conditions = append(conditions, c)
		}
	}
	reported.Conditions = conditions
	return reported
}

// conditions are those of others as the API shows them, and the kubelet's own: pkg/kubelet/status/generate.go.
func (w *worker) conditions(now time.Time, phase corev1.PodPhase, before []corev1.PodCondition) []corev1.PodCondition {
	containersReady := w.containersReady(phase)
	own := [...]corev1.PodCondition{
		w.readyToStart(),
		w.initializedCondition(phase, before),
		w.readyCondition(containersReady),
		containersReady,
		{Type: corev1.PodScheduled, Status: corev1.ConditionTrue},
	}
	evicted := w.evicted != nil && w.stage > stopping
	conditions := make([]corev1.PodCondition, 0, len(w.pod.Status.Conditions)+len(own)+1)
	for _, c := range w.pod.Status.Conditions {
		if !slices.Contains(ownConditions, c.Type) && !(evicted && c.Type == corev1.DisruptionTarget) {
			conditions = append(conditions, c)
		}
	}
	if evicted {
		c := w.disruptionTarget()
		c.LastTransitionTime = since(now, c, before)
		conditions = append(conditions, c)
	}
	for _, c := range own {
		c.LastTransitionTime, c.ObservedGeneration = since(now, c, before), w.pod.Generation
		conditions = append(conditions, c)
	}
	return conditions
}

// readyToStart is true while the pod has its sandbox: pkg/kubelet/kuberuntime/util/util.go:PodSandboxChanged.
func (w *worker) readyToStart() corev1.PodCondition {
	c := corev1.PodCondition{Type: corev1.PodReadyToStartContainers, Status: corev1.ConditionTrue}
	if w.podIP != "" && w.stage < unmounting {
		return c
	}
	c.Status, c.Reason, c.Message = corev1.ConditionFalse, "PodSandboxNotReady", "no pod sandbox exists"
	if w.podIP != "" || w.rebooted {
		c.Message = "pod sandbox is not ready"
	}
	return c
}

// since returns when a condition took its present status.
func since(now time.Time, c corev1.PodCondition, before []corev1.PodCondition) metav1.Time {
	if old := find(before, c.Type); old != nil && old.Status == c.Status && !old.LastTransitionTime.IsZero() {
		return old.LastTransitionTime
	}
	return stamp(now)
}

// containersReady is true when every main container and every sidecar is ready.
func (w *worker) containersReady(phase corev1.PodPhase) corev1.PodCondition {
	c := corev1.PodCondition{Type: corev1.ContainersReady, Status: corev1.ConditionFalse}
	switch phase {
	case corev1.PodSucceeded:
		c.Reason = "PodCompleted"
		return c
	case corev1.PodFailed:
		c.Reason = "PodFailed"
		return c
	}
	unready := w.names(func(c *container) bool { return (!c.init || c.sidecar) && !c.ready() })
	if unready != "" {
		c.Reason, c.Message = "ContainersNotReady", "containers with unready status: "+unready
		return c
	}
	c.Status = corev1.ConditionTrue
	return c
}

// readyCondition asks for ready containers and for the pod's readiness gates, which others set.
func (w *worker) readyCondition(containersReady corev1.PodCondition) corev1.PodCondition {
	ready := containersReady
	ready.Type = corev1.PodReady
	if ready.Status != corev1.ConditionTrue {
		return ready
	}
	var missing []string
	for _, gate := range w.pod.Spec.ReadinessGates {
		switch c := find(w.pod.Status.Conditions, gate.ConditionType); {
		case c == nil:
			missing = append(missing,
				`corresponding condition of pod readiness gate "`+string(gate.ConditionType)+`" does not exist.`)
		case c.Status != corev1.ConditionTrue:
			missing = append(missing, `the status of pod readiness gate "`+string(gate.ConditionType)+
				`" is not "True", but `+string(c.Status))
		}
	}
	if len(missing) > 0 {
		ready.Status, ready.Reason = corev1.ConditionFalse, "ReadinessGatesNotReady"
		ready.Message = strings.Join(missing, ", ")
	}
	return ready
}

// initializedCondition is true once all init containers have passed, and stays so.
func (w *worker) initializedCondition(phase corev1.PodPhase, before []corev1.PodCondition) corev1.PodCondition {
	c := corev1.PodCondition{Type: corev1.PodInitialized, Status: corev1.ConditionTrue}
	if phase == corev1.PodSucceeded {
		c.Reason = "PodCompleted"
		return c
	}
	if old := find(before, corev1.PodInitialized); old != nil && old.Status == corev1.ConditionTrue {
		return c
	}
	incomplete := w.names(func(c *container) bool { return c.init && !c.succeeded() })
	if incomplete != "" {
		c.Status, c.Reason = corev1.ConditionFalse, "ContainersNotInitialized"
		c.Message = "containers with incomplete status: " + incomplete
	}
	return c
}

// names lists the containers of which something holds, as Go prints a list of strings; none is "".
func (w *worker) names(holds func(*container) bool) string {
	var names []string
	for _, c := range w.containers {
		if holds(c) {
			names = append(names, c.spec.Name)
		}
	}
	if names == nil {
		return ""
	}
	return "[" + strings.Join(names, " ") + "]"
}

func find(conditions []corev1.PodCondition, of corev1.PodConditionType) *corev1.PodCondition {
	for i := range conditions {
		if conditions[i].Type == of {
			return &conditions[i]
		}
	}
	return nil
}
