package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

func (m maker) pod() runtime.Object {
	pod := &corev1.Pod{ObjectMeta: m.meta("web")}
	pod.Spec = corev1.PodSpec{
		InitContainers: some(m, 3, func(i int) corev1.Container {
			return corev1.Container{
				Name: fmt.Sprintf("init-%d", i), RestartPolicy: or(m, corev1.ContainerRestartPolicyAlways, corev1.ContainerRestartPolicyNever),
			}
		}),
		Containers: some(m, 3, func(i int) corev1.Container { return corev1.Container{Name: fmt.Sprintf("main-%d", i)} }),
		NodeName:   maybe(m, "node-a", "node-b"),
		ReadinessGates: some(m, 2, func(int) corev1.PodReadinessGate {
			return corev1.PodReadinessGate{ConditionType: one[corev1.PodConditionType](m, "a.io/x", "a.io/y")}
		}),
	}
	pod.Status = corev1.PodStatus{
		Phase:             one(m, corev1.PodPending, corev1.PodRunning, corev1.PodRunning, corev1.PodSucceeded, corev1.PodFailed, corev1.PodUnknown, ""),
		NominatedNodeName: maybe(m, "", "node-c"),
		PodIPs:            some(m, 2, func(i int) corev1.PodIP { return corev1.PodIP{IP: one(m, "", "10.0.0.1", "fd00::1")} }),
		Conditions:        some(m, 4, func(int) corev1.PodCondition { return m.condition() }),
	}
	if m.often(0.15) {
		pod.Status.Reason = one(m, "Evicted", "NodeLost", "NodeAffinity", "Preempting")
	}
	for _, c := range pod.Spec.InitContainers[:m.upTo(len(pod.Spec.InitContainers))] {
		pod.Status.InitContainerStatuses = append(pod.Status.InitContainerStatuses, m.containerStatus(c.Name))
	}
	if m.often(0.3) { // mostly done, so that the containers themselves are seen
		for i := range pod.Status.InitContainerStatuses {
			pod.Status.InitContainerStatuses[i].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "Completed"}}
		}
	}
	for _, c := range pod.Spec.Containers[:m.upTo(len(pod.Spec.Containers))] {
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, m.containerStatus(c.Name))
	}
	return pod
}

// upTo is mostly n, else fewer.
func (m maker) upTo(n int) int {
	if m.often(0.8) {
		return n
	}
	return m.IntN(n + 1)
}

func (m maker) condition() corev1.PodCondition {
	return corev1.PodCondition{
		Type:   one(m, corev1.PodReady, corev1.PodReady, corev1.PodInitialized, corev1.PodScheduled, "a.io/x", "a.io/y"),
		Status: one(m, corev1.ConditionTrue, corev1.ConditionTrue, corev1.ConditionFalse, corev1.ConditionUnknown),
		Reason: maybe(m, "", "", corev1.PodReasonSchedulingGated, corev1.PodReasonUnschedulable),
	}
}

func (m maker) containerStatus(name string) corev1.ContainerStatus {
	status := corev1.ContainerStatus{
		Name: name, Ready: m.often(0.6), Started: or(m, true, true, false), RestartCount: maybe(m, int32(1), 2, 17), State: m.state(),
	}
	if m.often(0.5) {
		status.LastTerminationState.Terminated = m.terminated()
	}
	return status
}

func (m maker) state() (s corev1.ContainerState) {
	switch m.IntN(7) {
	case 0, 1:
		s.Waiting = &corev1.ContainerStateWaiting{Reason: one(m, "", "PodInitializing", "ContainerCreating", "CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull")}
	case 2, 3:
		s.Terminated = m.terminated()
	case 4, 5:
		s.Running = &corev1.ContainerStateRunning{StartedAt: m.time()}
	}
	return s
}

func (m maker) terminated() *corev1.ContainerStateTerminated {
	return &corev1.ContainerStateTerminated{
		Reason: one(m, "", "", "Completed", "Completed", "Error", "OOMKilled"), ExitCode: maybe(m, int32(1), 137), Signal: maybe(m, int32(9), 15),
		FinishedAt: m.time(),
	}
}
