package story

import (
	"cmp"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/kubectl"
)

// roleLabel is the label by which the databases of the simulator tell who leads, and primaryRole its value for the one who does.
const (
	roleLabel   = "role"
	primaryRole = "primary"
)

// splitName is the way back from a name that sim.DisplayName made. Of an object without a namespace it makes one in "default".
func splitName(display string) (namespace, name string) {
	if namespace, name, ok := strings.Cut(display, "/"); ok {
		return namespace, name
	}
	return corev1.NamespaceDefault, display
}

// setOf is the name of the StatefulSet whose pod has that name, or "" if no set's pod can have it
// (pkg/controller/statefulset/stateful_set_utils.go:getParentNameAndOrdinal).
func setOf(pod string) string {
	i := strings.LastIndexByte(pod, '-')
	if i <= 0 {
		return ""
	}
	if _, err := strconv.ParseUint(pod[i+1:], 10, 31); err != nil {
		return ""
	}
	return pod[:i]
}

// compareNames orders names as people do: what stands before a number at their end first, then the number by its value.
func compareNames(a, b string) int {
	headA, numberA := splitNumber(a)
	headB, numberB := splitNumber(b)
	return cmp.Or(strings.Compare(headA, headB), cmp.Compare(len(numberA), len(numberB)), strings.Compare(numberA, numberB))
}

// splitNumber cuts a name before the digits at its end.
func splitNumber(name string) (head, digits string) {
	i := len(name)
	for i > 0 && '0' <= name[i-1] && name[i-1] <= '9' {
		i--
	}
	return name[:i], name[i:]
}

// ordinal is a pod's in its StatefulSet, -1 for one that has none.
func ordinal(pod *corev1.Pod) int {
	n, err := strconv.Atoi(pod.Labels[appsv1.PodIndexLabel])
	if err != nil {
		return -1
	}
	return n
}

// revision is the hash of the ControllerRevision that a pod was made from, without the name of its set.
func revision(pod *corev1.Pod) string {
	return revisionHash(pod.Labels[appsv1.ControllerRevisionHashLabelKey])
}

// revisionHash leaves the name of the set out of that of a ControllerRevision.
func revisionHash(name string) string { return name[strings.LastIndexByte(name, '-')+1:] }

// restartsOf counts the restarts of a pod's containers.
func restartsOf(pod *corev1.Pod) (n int32) {
	for i := range pod.Status.ContainerStatuses {
		n += pod.Status.ContainerStatuses[i].RestartCount
	}
	return n
}

// podState sorts a pod by what kubectl shows of it. everReady tells whether it was Ready since its containers started.
func podState(pod *corev1.Pod, everReady bool) State {
	status := kubectl.PodStatus(pod)
	switch {
	case pod.DeletionTimestamp != nil, status == "Completed", status == "Succeeded":
		return Ending
	case pod.Spec.NodeName == "":
		return Waiting
	case condition.PodReady(pod) && pod.Labels[roleLabel] == primaryRole:
		return Primary
	case condition.PodReady(pod):
		return Serving
	case troubled(status):
		return Failed
	case everReady:
		return Unready
	}
	return Starting
}

// troubled tells whether kubectl's word for a pod is one that it has for something that went wrong: all but those that each pod goes
// through on its way.
func troubled(status string) bool {
	switch status {
	case "Pending", "Running", "NotReady", "ContainerCreating", "PodInitializing":
		return false
	}
	done, isInit := strings.CutPrefix(status, "Init:")
	return !isInit || !strings.Contains(done, "/")
}
