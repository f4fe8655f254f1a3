package why_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/sim/why"
)

// still is a recording of one frame, in which the pod web-0 has that status.
func still(t *testing.T, status corev1.PodStatus, events ...sim.Event) *sim.Recording {
	t.Helper()
	world, epoch := store.New(), time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	api := world.At(epoch, func(store.Object, string, string, string) {})
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-a"}}
	node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "web-0", Namespace: "default"}}
	pod.Spec = corev1.PodSpec{NodeName: "node-a", Containers: []corev1.Container{{Name: "web", Image: "web:2"}}}
	for _, obj := range []store.Object{&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default"}}, node, pod} {
		_, err := api.Create(obj)
		require.NoError(t, err)
	}
	stored, _ := store.Get[*corev1.Pod](world.View(), "default", "web-0")
	update := stored.DeepCopy()
	update.Status = status
	_, err := api.UpdateStatus(update)
	require.NoError(t, err)
	rec := &sim.Recording{Scenario: &scenarios.Scenario{}, Virtual: 200 * time.Second}
	for i, e := range events {
		e.Seq, e.Kind, e.Name = i+1, "Pod", "web-0"
		e.At = time.Duration(i*10) * time.Second
		rec.Events = append(rec.Events, e)
	}
	rec.Frames = []sim.Frame{{Store: world.View(), Seq: len(events)}}
	return rec
}

func waitingFor(reason, message string) corev1.PodStatus {
	c := corev1.ContainerStatus{Name: "web", Image: "web:2", RestartCount: 3}
	c.State.Waiting = &corev1.ContainerStateWaiting{Reason: reason, Message: message}
	c.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error", FinishedAt: metav1.NewTime(time.Date(2000, 1, 1, 0, 2, 0, 0, time.UTC))}
	return corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{c}}
}

func TestImageThatCannotBePulled(t *testing.T) {
	rec := still(t, waitingFor("ImagePullBackOff", `Back-off pulling image "web:2"`),
		sim.Event{Verb: "create"}, sim.Event{Verb: "event", Reason: "Failed", Detail: "Error: ErrImagePull", Cause: 1})
	findings := why.At(rec, rec.Virtual)
	requireFinding(t, findings, expected{"Pod web-0", "ImagePullBackOff", "A container starts when the node has its image", "", "", ""})
	require.Equal(t, 10*time.Second, findings[0].Since)
	require.Equal(t, []string{`Back-off pulling image "web:2"`}, findings[0].Details)
}

func TestCrashLoop(t *testing.T) {
	rec := still(t, waitingFor("CrashLoopBackOff", "back-off 40s restarting failed container=web pod=web-0_default(1)"), sim.Event{Verb: "create"})
	findings := why.At(rec, rec.Virtual)
	requireFinding(t, findings, expected{"Pod web-0", "CrashLoopBackOff", "doubles from 10 s up to 5 minutes", "", "", "its log"})
	require.Equal(t, []string{"container web has been started 4 times, and ended the last time at 120 s with exit code 1 (Error)", "the next try is at 160 s"}, findings[0].Details)
}

// A container that is about to start for the first time waits for nothing.
func TestContainerThatStarts(t *testing.T) {
	rec := still(t, waitingFor("ContainerCreating", ""), sim.Event{Verb: "create"}, sim.Event{Verb: "event", Reason: "Scheduled"}, sim.Event{Verb: "event", Reason: "Pulling"})
	require.Empty(t, why.At(rec, rec.Virtual))
}
