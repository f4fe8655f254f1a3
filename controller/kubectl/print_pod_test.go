package kubectl

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
)

// TestPodStatus holds READY, STATUS and RESTARTS of pods that are written as spec and status. It is noon.
func TestPodStatus(t *testing.T) {
	const two, sidecar = `{containers: [{name: a}, {name: b}]}`, `{initContainers: [{name: init}, {name: side, restartPolicy: Always}], containers: [{name: a}]}`
	for _, test := range []struct{ name, spec, status, ready, shown, restarts string }{
		{"pending", two, `{phase: Pending}`, "0/2", "Pending", "0"},
		{"the pod's reason before its phase", two, `{phase: Failed, reason: Evicted}`, "0/2", "Evicted", "0"},
		{"scheduling gated", two, `{phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: SchedulingGated}]}`,
			"0/2", "SchedulingGated", "0"},
		{"being created", two, `{phase: Pending, containerStatuses: [{name: a, state: {waiting: {reason: ContainerCreating}}}, {name: b, state: {waiting: {reason: ContainerCreating}}}]}`,
			"0/2", "ContainerCreating", "0"},
		{"the first container that has a reason to wait", two, `{phase: Running, containerStatuses: [{name: a, state: {waiting: {reason: ImagePullBackOff}}}, {name: b, state: {waiting: {reason: CrashLoopBackOff}}}]}`,
			"0/2", "ImagePullBackOff", "0"},
		{"ready", two, `{phase: Running, containerStatuses: [{name: a, ready: true, state: {running: {}}}, {name: b, ready: true, state: {running: {}}}]}`,
			"2/2", "Running", "0"},
		{"ready only while it runs", two, `{phase: Running, containerStatuses: [{name: a, ready: true, state: {running: {}}}, {name: b, ready: true}]}`,
			"1/2", "Running", "0"},
		{"crashed twice", two, `{phase: Running, containerStatuses: [{name: a, restartCount: 2, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 1, finishedAt: "2030-01-01T11:59:55Z"}}}]}`,
			"0/2", "CrashLoopBackOff", "2 (5s ago)"},
		{"the last end of any container counts", two, `{phase: Running, containerStatuses: [{name: a, restartCount: 1, lastState: {terminated: {finishedAt: "2030-01-01T11:50:00Z"}}}, {name: b, restartCount: 3, lastState: {terminated: {finishedAt: "2030-01-01T11:30:00Z"}}}]}`,
			"0/2", "Running", "4 (10m ago)"},
		{"restarts without a known end", two, `{phase: Running, containerStatuses: [{name: a, restartCount: 7}]}`, "0/2", "Running", "7"},
		{"an end without restarts", two, `{phase: Running, containerStatuses: [{name: a, lastState: {terminated: {finishedAt: "2030-01-01T11:50:00Z"}}}]}`,
			"0/2", "Running", "0"},
		{"out of memory", two, `{phase: Running, containerStatuses: [{name: a, state: {terminated: {reason: OOMKilled, exitCode: 137}}}]}`,
			"0/2", "OOMKilled", "0"},
		{"ended by a signal", two, `{phase: Running, containerStatuses: [{name: a, state: {terminated: {exitCode: 137, signal: 9}}}]}`, "0/2", "Signal:9", "0"},
		{"ended with a code", two, `{phase: Running, containerStatuses: [{name: a, state: {terminated: {exitCode: 3}}}]}`, "0/2", "ExitCode:3", "0"},
		{"completed", two, `{phase: Succeeded, containerStatuses: [{name: a, state: {terminated: {reason: Completed}}}, {name: b, state: {terminated: {reason: Completed}}}]}`,
			"0/2", "Completed", "0"},
		{"failed", two, `{phase: Failed, containerStatuses: [{name: a, state: {terminated: {reason: Error, exitCode: 1}}}]}`, "0/2", "Error", "0"},
		{"an error behind a completed container", two, `{phase: Running, containerStatuses: [{name: a, state: {terminated: {reason: Completed}}}, {name: b, state: {terminated: {reason: Error, exitCode: 1}}}]}`,
			"0/2", "Error", "0"},
		{"half completed, and ready", two, `{phase: Running, conditions: [{type: Ready, status: "True"}], containerStatuses: [{name: a, state: {terminated: {reason: Completed}}}, {name: b, ready: true, state: {running: {}}}]}`,
			"1/2", "Running", "0"},
		{"half completed, and not ready", two, `{phase: Running, containerStatuses: [{name: a, state: {terminated: {reason: Completed}}}, {name: b, ready: true, state: {running: {}}}]}`,
			"1/2", "NotReady", "0"},
		{"first init container", sidecar, `{phase: Pending, initContainerStatuses: [{name: init, state: {running: {}}}, {name: side, state: {waiting: {reason: PodInitializing}}}]}`,
			"0/2", "Init:0/2", "0"},
		{"second init container", sidecar, `{phase: Pending, initContainerStatuses: [{name: init, state: {terminated: {exitCode: 0}}}, {name: side, state: {waiting: {reason: PodInitializing}}}]}`,
			"0/2", "Init:1/2", "0"},
		{"an init container crashes", sidecar, `{phase: Pending, initContainerStatuses: [{name: init, restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 1, finishedAt: "2030-01-01T11:59:00Z"}}}]}`,
			"0/2", "Init:CrashLoopBackOff", "3 (60s ago)"},
		{"an init container failed", sidecar, `{phase: Pending, initContainerStatuses: [{name: init, state: {terminated: {reason: Error, exitCode: 1}}}]}`,
			"0/2", "Init:Error", "0"},
		{"an init container ended with a code", sidecar, `{phase: Pending, initContainerStatuses: [{name: init, state: {terminated: {exitCode: 2}}}]}`,
			"0/2", "Init:ExitCode:2", "0"},
		{"an init container ended by a signal", sidecar, `{phase: Pending, initContainerStatuses: [{name: init, state: {terminated: {exitCode: 137, signal: 9}}}]}`,
			"0/2", "Init:Signal:9", "0"},
		{"initialized, its containers not created yet", sidecar, `{phase: Pending, initContainerStatuses: [{name: init, state: {terminated: {exitCode: 0}}}, {name: side, started: true, ready: true, state: {running: {}}}], containerStatuses: [{name: a, state: {waiting: {reason: PodInitializing}}}]}`,
			"1/2", "PodInitializing", "0"},
		{"a sidecar is counted", sidecar, `{phase: Running, initContainerStatuses: [{name: init, restartCount: 4, state: {terminated: {exitCode: 0}}, lastState: {terminated: {finishedAt: "2030-01-01T11:59:59Z"}}}, {name: side, restartCount: 1, started: true, ready: true, state: {running: {}}, lastState: {terminated: {finishedAt: "2030-01-01T09:00:00Z"}}}], containerStatuses: [{name: a, ready: true, state: {running: {}}}]}`,
			"2/2", "Running", "1 (3h ago)"},
		{"a sidecar that waits to start again shows even when the pod is initialized", sidecar, `{phase: Running, conditions: [{type: Initialized, status: "True"}], initContainerStatuses: [{name: init, state: {terminated: {exitCode: 0}}}, {name: side, state: {waiting: {reason: CrashLoopBackOff}}}], containerStatuses: [{name: a, ready: true, state: {running: {}}}]}`,
			"1/2", "Init:CrashLoopBackOff", "0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cells := podCells(written(t, test.spec, test.status), noon)
			require.Equal(t, []string{"web-0", test.ready, test.shown, test.restarts, "<unknown>"}, cells[:5])
		})
	}
}

// TestDeletedPodStatus holds what becomes of STATUS when a pod is deleted.
func TestDeletedPodStatus(t *testing.T) {
	for status, shown := range map[string]string{
		`{phase: Running, containerStatuses: [{name: a, ready: true, state: {running: {}}}]}`:                     "Terminating",
		`{phase: Pending, initContainerStatuses: [{name: init, state: {waiting: {reason: CrashLoopBackOff}}}]}`:   "Terminating",
		`{phase: Failed, containerStatuses: [{name: a, state: {terminated: {reason: Error, exitCode: 1}}}]}`:      "Error",
		`{phase: Succeeded, containerStatuses: [{name: a, state: {terminated: {reason: Completed}}}]}`:            "Completed",
		`{phase: Running, reason: NodeLost, containerStatuses: [{name: a, ready: true, state: {running: {}}}]}`:   "Unknown",
		`{phase: Failed, reason: NodeLost, containerStatuses: [{name: a, state: {terminated: {reason: Error}}}]}`: "Unknown",
	} {
		pod := written(t, `{containers: [{name: a}]}`, status)
		pod.DeletionTimestamp = &metav1.Time{Time: noon}
		require.Equal(t, shown, summaryOf(pod).status, status)
	}
}

var noon = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

func written(t *testing.T, spec, status string) *corev1.Pod {
	content, err := yaml.YAMLToJSON([]byte("metadata: {name: web-0}\nspec: " + spec + "\nstatus: " + status))
	require.NoError(t, err)
	pod := &corev1.Pod{}
	require.NoError(t, json.Unmarshal(content, pod))
	return pod
}

// TestAnyPodHasARow makes up pods whose parts need not fit together.
func TestAnyPodHasARow(t *testing.T) {
	reasons := rapid.SampledFrom([]string{"", "Completed", "Error", "PodInitializing", "NodeLost"})
	names := rapid.SampledFrom([]string{"a", "b", "c"})
	ends := rapid.Custom(func(t *rapid.T) *corev1.ContainerStateTerminated {
		return &corev1.ContainerStateTerminated{
			Reason: reasons.Draw(t, "reason"), ExitCode: rapid.Int32().Draw(t, "code"), Signal: rapid.Int32().Draw(t, "signal"),
			FinishedAt: metav1.Unix(rapid.Int64Range(-1e10, 1e10).Draw(t, "at"), 0),
		}
	})
	statuses := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) corev1.ContainerStatus {
		s := corev1.ContainerStatus{Name: names.Draw(t, "name"), RestartCount: rapid.Int32().Draw(t, "restarts"), Ready: rapid.Bool().Draw(t, "ready")}
		switch rapid.IntRange(0, 3).Draw(t, "state") {
		case 0:
			s.State.Running = &corev1.ContainerStateRunning{}
		case 1:
			s.State.Waiting = &corev1.ContainerStateWaiting{Reason: reasons.Draw(t, "waiting")}
		case 2:
			s.State.Terminated = ends.Draw(t, "end")
		}
		s.LastTerminationState.Terminated = rapid.Ptr(rapid.Just(*ends.Draw(t, "last")), true).Draw(t, "lastState")
		s.Started = rapid.Ptr(rapid.Bool(), true).Draw(t, "started")
		return s
	}), 0, 3)
	containers := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) corev1.Container {
		return corev1.Container{Name: names.Draw(t, "name"), RestartPolicy: rapid.Ptr(rapid.Just(corev1.ContainerRestartPolicyAlways), true).Draw(t, "policy")}
	}), 0, 3)
	rapid.Check(t, func(t *rapid.T) {
		pod := &corev1.Pod{}
		pod.Spec.InitContainers, pod.Spec.Containers = containers.Draw(t, "init"), containers.Draw(t, "containers")
		pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses = statuses.Draw(t, "initStatuses"), statuses.Draw(t, "statuses")
		pod.Status.Reason = reasons.Draw(t, "podReason")
		require.Len(t, podCells(pod, noon), len(podColumns.titles))
	})
}
