package kubectl

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

var podColumns = columns{
	store.Pod, []string{"NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "NOMINATED NODE", "READINESS GATES"}, 4,
	cellsOf(podCells),
}

// podCells is a pod's row.
// Source: pkg/printers/internalversion/printers.go:printPod.
func podCells(pod *corev1.Pod, now time.Time) []string {
	s := summaryOf(pod)
	ready := fmt.Sprintf("%d/%d", s.ready, s.containers)
	return []string{
		pod.Name, ready, s.status, s.restarts.since(now), age(pod.CreationTimestamp, now),
		podIP(pod), orNone(pod.Spec.NodeName), orNone(pod.Status.NominatedNodeName), readinessGates(pod),
	}
}

// PodStatus is what kubectl get pods shows of a pod under STATUS: "Running", "Init:0/1", "CrashLoopBackOff", "Terminating".
// Source: pkg/printers/internalversion/printers.go:printPod.
func PodStatus(pod *corev1.Pod) string { return summaryOf(pod).status }

// summary is what kubectl makes of a pod's containers.
type summary struct {
	ready, containers int // sidecars counted
	status            string
	restarts          restarts
}

// restarts are those of some containers.
type restarts struct {
	count int
	last  metav1.Time // when the last container that was started again had ended; zero if that is not known
}

func (r *restarts) add(c *corev1.ContainerStatus) {
	r.count += int(c.RestartCount)
	if ended := c.LastTerminationState.Terminated; ended != nil && r.last.Before(&ended.FinishedAt) {
		r.last = ended.FinishedAt
	}
}

// since returns "2 (5s ago)".
func (r *restarts) since(now time.Time) string {
	if r.count == 0 || r.last.IsZero() {
		return strconv.Itoa(r.count)
	}
	return fmt.Sprintf("%d (%s ago)", r.count, age(r.last, now))
}

func summaryOf(pod *corev1.Pod) summary {
	s := summary{status: string(pod.Status.Phase), containers: len(pod.Spec.Containers)}
	if pod.Status.Reason != "" {
		s.status = pod.Status.Reason
	}
	if slices.ContainsFunc(pod.Status.Conditions, gated) {
		s.status = corev1.PodReasonSchedulingGated
	}
	for i := range pod.Spec.InitContainers {
		if sidecar(&pod.Spec.InitContainers[i]) {
			s.containers++
		}
	}
	// The restarts of init containers stop counting when the pod is initialized: only those of the sidecars go on.
	sidecars, initializing := s.initialize(pod)
	if !initializing || conditionTrue(pod, corev1.PodInitialized) {
		s.restarts = sidecars
		s.run(pod)
	}
	switch {
	case pod.DeletionTimestamp == nil:
	case pod.Status.Reason == "NodeLost":
		s.status = "Unknown"
	case pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed:
		s.status = "Terminating"
	}
	return s
}

// initialize takes in the init containers, up to the first that holds the pod up. It returns the sidecars' restarts among
// them, and whether there is one that holds the pod up.
func (s *summary) initialize(pod *corev1.Pod) (sidecars restarts, initializing bool) {
	for i := range pod.Status.InitContainerStatuses {
		c := &pod.Status.InitContainerStatuses[i]
		isSidecar := sidecarNamed(pod, c.Name)
		s.restarts.add(c)
		if isSidecar {
			sidecars.add(c)
		}
		switch {
		case c.State.Terminated != nil && c.State.Terminated.ExitCode == 0:
		case isSidecar && c.Started != nil && *c.Started:
			if c.Ready {
				s.ready++
			}
		default:
			s.status = "Init:" + holdUp(c, i, len(pod.Spec.InitContainers))
			return sidecars, true
		}
	}
	return sidecars, false
}

// holdUp says why an init container, the one at index i of so many, is not done.
func holdUp(c *corev1.ContainerStatus, i, of int) string {
	switch waiting := c.State.Waiting; {
	case c.State.Terminated != nil:
		return end(c.State.Terminated)
	case waiting != nil && waiting.Reason != "" && waiting.Reason != "PodInitializing":
		return waiting.Reason
	}
	return fmt.Sprintf("%d/%d", i, of)
}

// run takes in the containers. The status is that of the first of them which has anything to tell.
func (s *summary) run(pod *corev1.Pod) {
	running, failure := false, ""
	for i := len(pod.Status.ContainerStatuses) - 1; i >= 0; i-- {
		c := &pod.Status.ContainerStatuses[i]
		s.restarts.add(c)
		switch waiting, ended := c.State.Waiting, c.State.Terminated; {
		case waiting != nil && waiting.Reason != "":
			s.status = waiting.Reason
		case ended != nil:
			s.status = end(ended)
			if ended.ExitCode != 0 {
				failure = s.status
			}
		case c.Ready && c.State.Running != nil:
			running = true
			s.ready++
		}
	}
	switch {
	case s.status != "Completed":
	case running && slices.ContainsFunc(pod.Status.Conditions, ready):
		s.status = "Running"
	case failure != "":
		s.status = failure
	case running:
		s.status = "NotReady"
	}
}

// end says how a container ended.
func end(t *corev1.ContainerStateTerminated) string {
	switch {
	case t.Reason != "":
		return t.Reason
	case t.Signal != 0:
		return fmt.Sprintf("Signal:%d", t.Signal)
	}
	return fmt.Sprintf("ExitCode:%d", t.ExitCode)
}

// sidecar is true for an init container that runs beside the others.
// Source: pkg/api/pod/util.go:IsRestartableInitContainer.
func sidecar(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

func sidecarNamed(pod *corev1.Pod, name string) bool {
	for i := range pod.Spec.InitContainers {
		if c := &pod.Spec.InitContainers[i]; c.Name == name {
			return sidecar(c)
		}
	}
	return false
}

func gated(c corev1.PodCondition) bool {
	return c.Type == corev1.PodScheduled && c.Reason == corev1.PodReasonSchedulingGated
}

func ready(c corev1.PodCondition) bool {
	return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
}

// conditionTrue looks at the first condition of a type.
func conditionTrue(pod *corev1.Pod, of corev1.PodConditionType) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == of {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

func podIP(pod *corev1.Pod) string {
	if len(pod.Status.PodIPs) == 0 {
		return "<none>"
	}
	return orNone(pod.Status.PodIPs[0].IP)
}

func readinessGates(pod *corev1.Pod) string {
	if len(pod.Spec.ReadinessGates) == 0 {
		return "<none>"
	}
	open := 0
	for _, gate := range pod.Spec.ReadinessGates {
		if conditionTrue(pod, gate.ConditionType) {
			open++
		}
	}
	return fmt.Sprintf("%d/%d", open, len(pod.Spec.ReadinessGates))
}

func orNone(s string) string {
	if s == "" {
		return "<none>"
	}
	return s
}
