package kubelet

import (
	"cmp"
	"slices"
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
	status.ObservedGeneration = w.pod.Generation
	w.setEviction(&status)
	w.setAddresses(&status)
	if status.StartTime == nil {
		at := stamp(w.admitted)
		status.StartTime = &at
	}
	inits := len(w.pod.Spec.InitContainers)
	all := make([]corev1.ContainerStatus, len(w.containers))
	for i, c := range w.containers {
		c.setStatus(&all[i])
	}
	if w.stage == ended {
		setLost(all[:inits], started(all[:inits]))
		setLost(all[inits:], w.wasInitialized())
	}
	status.InitContainerStatuses, status.ContainerStatuses = nil, all[inits:len(all):len(all)]
	if inits > 0 {
		status.InitContainerStatuses = all[:inits:inits]
	}
	slices.SortFunc(status.ContainerStatuses, func(a, b corev1.ContainerStatus) int { return cmp.Compare(a.Name, b.Name) })
	status.Conditions = w.conditions(now, status.Phase, before.Conditions)
	return &status
}

func (w *worker) setAddresses(status *corev1.PodStatus) {
	if host := w.kubelet.cfg.HostIP; host != "" && status.HostIP != host {
		status.HostIP, status.HostIPs = host, []corev1.HostIP{{IP: host}}
	}
	if w.podIP != "" && status.PodIP != w.podIP {
		status.PodIP, status.PodIPs = w.podIP, []corev1.PodIP{{IP: w.podIP}}
	}
}

// setStatus is one container's part: pkg/kubelet/kubelet_pods.go:convertToAPIContainerStatuses.
func (c *container) setStatus(status *corev1.ContainerStatus) {
	*status = corev1.ContainerStatus{
		Name: c.spec.Name, Image: c.spec.Image, ContainerID: c.seen.id, State: c.apiState(), Ready: c.ready(), Started: &no,
		RestartCount: max(c.seen.run-1, 0),
	}
	if c.started() {
		status.Started = &yes
	}
	status.LastTerminationState.Terminated = c.seen.last
	if c.seen.waiting != nil && c.seen.exit != nil {
		status.LastTerminationState.Terminated = c.seen.exit
	}
}

// apiState is what a container is doing, in the words of the API.
func (c *container) apiState() corev1.ContainerState {
	switch {
	case c.seen.running:
		return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: stamp(c.seen.started)}}
	case c.seen.waiting != nil:
		return corev1.ContainerState{Waiting: c.seen.waiting}
	case c.seen.exit != nil:
		return corev1.ContainerState{Terminated: c.seen.exit}
	case len(c.worker.pod.Spec.InitContainers) > 0:
		return corev1.ContainerState{Waiting: podInitializing}
	}
	return corev1.ContainerState{Waiting: containerCreating}
}

// yes and no are what pointers in a status point to.
var yes, no = true, false

// What the status of a container says that never ran.
var (
	podInitializing   = &corev1.ContainerStateWaiting{Reason: "PodInitializing"}
	containerCreating = &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
)

// setLost reports the containers as lost, of a pod that has ended, that were to run and of which nothing is known.
func setLost(containers []corev1.ContainerStatus, toRun int) {
	for i := range containers[:toRun] {
		if containers[i].State.Terminated == nil {
			containers[i].State = corev1.ContainerState{Terminated: lostContainer}
		}
	}
}

// started is how many init containers there are up to the last of which a run is known, and at least one if there are any:
// pkg/kubelet/status/status_manager.go:initializedContainers.
func started(inits []corev1.ContainerStatus) int {
	n := len(inits)
	for n > 1 && inits[n-1].State.Waiting != nil && inits[n-1].LastTerminationState.Terminated == nil {
		n--
	}
	return n
}

// wasInitialized is how many main containers were to run: all, if all init containers had done their part, or if a main container
// ran at some time (pkg/kubelet/status/status_manager.go:hasPodInitialized).
func (w *worker) wasInitialized() (toRun int) {
	passed := true
	for _, c := range w.containers {
		if c.init {
			passed = c.seen.exit != nil && (c.sidecar || c.seen.exit.ExitCode == 0)
			continue
		}
		passed = passed || c.seen.run > 0
		toRun++
	}
	if !passed {
		return 0
	}
	return toRun
}
