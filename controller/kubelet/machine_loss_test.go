package kubelet

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// TestMachineTranscripts are stories of machines that lose their power, their kubelet or their network.
func TestMachineTranscripts(t *testing.T) {
	for _, story := range []struct {
		name string
		tell func(*world)
	}{
		{"reboot-never", func(w *world) { w.rebooted(corev1.RestartPolicyNever) }},
		{"reboot-on-failure", func(w *world) { w.rebooted(corev1.RestartPolicyOnFailure) }},
		{"reboot-stranded", func(w *world) { // it has initialized, and is not to be restarted
			w.hops["imagePull"] = 20 * time.Second
			w.acts["prepare"] = act{ends: time.Second}
			w.create(pod("job", restartPolicy(corev1.RestartPolicyNever), inits(corev1.Container{Name: "prepare", Image: "tools:1"})))
			w.at(30*time.Second, w.powerOff)
			w.at(40*time.Second, w.powerOn)
			w.at(60*time.Second, func() { w.delete("job", -1) })
			w.run(70 * time.Second)
		}},
		{"reboot-while-terminating", func(w *world) {
			w.acts["app"] = act{stop: -1}
			w.create(pod("web-0"))
			w.at(10*time.Second, func() { w.delete("web-0", -1) })
			w.at(15*time.Second, w.powerOff)
			w.at(60*time.Second, w.powerOn)
			w.run(70 * time.Second)
		}},
		{"reboot-forgets-back-off", func(w *world) {
			w.acts["app"] = act{ends: time.Second, code: 1}
			w.create(pod("web-0"))
			w.at(100*time.Second, w.powerOff)
			w.at(110*time.Second, w.powerOn)
			w.run(130 * time.Second)
		}},
		{"reboot-while-pulling", func(w *world) { // for its main container: the init container runs again
			w.hops["imagePull"] = 8 * time.Second
			w.acts["prepare"] = act{ends: time.Second}
			w.create(pod("web-0", inits(corev1.Container{Name: "prepare", Image: "tools:1"})))
			w.at(15*time.Second, w.powerOff)
			w.at(20*time.Second, w.powerOn)
			w.run(40 * time.Second)
		}},
		{"kubelet-restarts", func(w *world) {
			w.create(node())
			w.beat = epoch
			w.create(pod("web-0", app(func(c *corev1.Container) { c.ReadinessProbe = tcp(0, 10, 3) })))
			w.at(20*time.Second, func() { w.restartKubelet(15 * time.Second) })
			w.run(60 * time.Second)
		}},
		{"kubelet-restarts-in-back-off", func(w *world) {
			w.acts["app"] = act{ends: time.Second, code: 1}
			w.create(pod("web-0"))
			w.at(85*time.Second, func() { w.restartKubelet(time.Second) })
			w.run(100 * time.Second)
		}},
		{"kubelet-restarts-while-terminating", func(w *world) { // the grace period begins anew
			w.acts["app"] = act{stop: -1}
			w.create(pod("web-0"))
			w.at(10*time.Second, func() { w.delete("web-0", -1) })
			w.at(20*time.Second, func() { w.restartKubelet(time.Second) })
			w.run(70 * time.Second)
		}},
		{"process-ends-without-kubelet", func(w *world) {
			w.acts["app"] = act{ends: 25 * time.Second, code: 1}
			w.create(pod("web-0"))
			w.at(20*time.Second, func() { w.restartKubelet(30 * time.Second) })
			w.run(60 * time.Second)
		}},
		{"network-not-ready", func(w *world) { // what runs can be ended, nothing can be started
			w.create(node())
			w.beat = epoch
			w.acts["app"] = act{ends: 20 * time.Second, code: 1}
			w.create(pod("web-0"))
			w.create(pod("web-1"))
			w.at(15*time.Second, func() { w.network(errors.New("container runtime network not ready: cni plugin not initialized")) })
			w.at(21*time.Second, func() { w.delete("web-1", -1) })
			w.at(30*time.Second, func() { w.create(pod("web-2")) })
			w.at(33500*time.Millisecond, func() { w.network(nil) })
			w.run(50 * time.Second)
		}},
	} {
		t.Run(story.name, func(t *testing.T) {
			w := newWorld(t)
			story.tell(w)
			w.golden(t, story.name)
		})
	}
}

func (w *world) network(err error) {
	w.say("network: %v", err)
	w.kubelet.SetNetworkError(err)
}

// rebooted is a machine that loses its power while one container runs and one has succeeded.
func (w *world) rebooted(policy corev1.RestartPolicy) {
	w.acts["done"] = act{ends: 2 * time.Second}
	w.create(pod("job", restartPolicy(policy), beside(corev1.Container{Name: "done", Image: "app:1"})))
	w.at(20*time.Second, w.powerOff)
	w.at(30*time.Second, w.powerOn)
	w.run(50 * time.Second)
}

// A node without a network says so itself, and why.
func TestNodeReportsNotReady(t *testing.T) {
	w := newWorld(t)
	w.create(node())
	w.beat = epoch
	w.run(time.Second)
	require.Equal(t, corev1.ConditionTrue, w.nodeReady().Status)
	w.kubelet.SetNetworkError(errors.New("container runtime network not ready: cni plugin not initialized"))
	w.run(11 * time.Second)
	ready := w.nodeReady()
	require.Equal(t, corev1.ConditionFalse, ready.Status)
	require.Equal(t, "KubeletNotReady", ready.Reason)
	require.Equal(t, "container runtime network not ready: cni plugin not initialized", ready.Message)
	require.Equal(t, epoch.Add(10*time.Second), ready.LastTransitionTime.Time)
	w.kubelet.SetNetworkError(errors.New("container runtime network not ready: something else"))
	w.run(21 * time.Second)
	require.Equal(t, "container runtime network not ready: something else", w.nodeReady().Message)
	w.kubelet.SetNetworkError(nil)
	w.run(31 * time.Second)
	require.Equal(t, corev1.ConditionTrue, w.nodeReady().Status)
}

// After a reboot it is the same pod: same UID, one restart more, not ready until its containers are.
func TestRebootKeepsThePod(t *testing.T) {
	w := newWorld(t)
	w.create(pod("web-0", app(func(c *corev1.Container) { c.ReadinessProbe = tcp(0, 10, 3) })))
	w.at(20*time.Second, w.powerOff)
	w.at(50*time.Second, w.powerOn)
	w.run(20 * time.Second)
	before := w.pod("web-0")
	require.Equal(t, corev1.ConditionTrue, find(before.Status.Conditions, corev1.PodReady).Status)

	w.run(50100 * time.Millisecond)
	down := w.pod("web-0").Status
	require.Equal(t, corev1.PodRunning, down.Phase)
	require.Equal(t, corev1.ConditionFalse, find(down.Conditions, corev1.PodReady).Status)
	sandbox := find(down.Conditions, corev1.PodReadyToStartContainers)
	require.Equal(t, corev1.ConditionFalse, sandbox.Status)
	require.Equal(t, "PodSandboxNotReady", sandbox.Reason)
	require.Equal(t, "pod sandbox is not ready", sandbox.Message)
	require.Equal(t, "Unknown", down.ContainerStatuses[0].State.Terminated.Reason)

	w.run(60 * time.Second)
	after := w.pod("web-0")
	require.Equal(t, before.UID, after.UID)
	require.EqualValues(t, 1, after.Status.ContainerStatuses[0].RestartCount)
	require.Equal(t, corev1.ConditionTrue, find(after.Status.Conditions, corev1.PodReady).Status)
}
