package kubelet

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// lostContainer is how a container is reported of which nothing is known when its pod has ended:
// pkg/kubelet/status/status_manager.go:TerminatePod.
var lostContainer = &corev1.ContainerStateTerminated{
	Reason:   "ContainerStatusUnknown",
	Message:  "The container could not be located when the pod was terminated",
	ExitCode: 137,
}

// status is the pod's status as it is to be reported: pkg/kubelet/kubelet_pods.go:generateAPIPodStatus. before is the status
// that was reported last; it tells since when a condition holds.
func (w *worker) status(now time.Time, before *corev1.PodStatus) *corev1.PodStatus {
	status := w.pod.Status // what the kubelet does not own stays
	status.Phase = w.phase()
	w.setAddresses(&status)
	if status.StartTime == nil {
		at := stamp(w.admitted)
		status.StartTime = &at
	}
	status.InitContainerStatuses = nil
	status.ContainerStatuses = make([]corev1.ContainerStatus, 0, len(w.containers))
	for _, c := range w.containers {
		if c.init {
			status.InitContainerStatuses = append(status.InitContainerStatuses, c.status())
		} else {
			status.ContainerStatuses = append(status.ContainerStatuses, c.status())
		}
	}
	status.Conditions = w.conditions(now, status.Phase, before.Conditions)
	return &status
}

func (w *worker) setAddresses(status *corev1.PodStatus) {
	if host := w.kubelet.cfg.HostIP; host != "" {
		status.HostIP, status.HostIPs = host, []corev1.HostIP{{IP: host}}
	}
	if w.podIP != "" {
		status.PodIP, status.PodIPs = w.podIP, []corev1.PodIP{{IP: w.podIP}}
	}
}

// status is one container's part: pkg/kubelet/kubelet_pods.go:convertToAPIContainerStatuses.
func (c *container) status() corev1.ContainerStatus {
	started := c.started()
	status := corev1.ContainerStatus{
		Name: c.spec.Name, Image: c.spec.Image, State: c.apiState(), Ready: c.ready(), Started: &started,
		RestartCount: max(c.starts-1, 0),
	}
	if c.starts > 0 {
		status.ContainerID = c.id()
	}
	status.LastTerminationState.Terminated = c.last
	if c.backedOff {
		status.LastTerminationState.Terminated = c.exit
	}
	return status
}

// apiState is what a container is doing, in the words of the API.
func (c *container) apiState() corev1.ContainerState {
	switch {
	case c.state == live:
		return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: stamp(c.startedAt)}}
	case c.backedOff:
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{
			Reason: "CrashLoopBackOff",
			Message: fmt.Sprintf("back-off %v restarting failed container=%s pod=%s",
				c.backoff.delay, c.spec.Name, c.worker.fullName()),
		}}
	case c.exit != nil:
		return corev1.ContainerState{Terminated: c.exit}
	case !c.init && c.worker.stage > stopping && c.worker.wasInitialized():
		return corev1.ContainerState{Terminated: lostContainer}
	}
	reason := "ContainerCreating"
	if len(c.worker.pod.Spec.InitContainers) > 0 {
		reason = "PodInitializing"
	}
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}
}

// wasInitialized tells, of a pod that has ended, whether its main containers were to run: all init containers had done their
// part, or a main container ran at some time.
func (w *worker) wasInitialized() bool {
	passed := true
	for _, c := range w.containers {
		if !c.init && c.starts > 0 {
			return true
		}
		if c.init {
			passed = c.exit != nil && (c.sidecar || c.exit.ExitCode == 0)
		}
	}
	return passed
}
