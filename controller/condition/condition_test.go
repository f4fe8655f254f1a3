package condition

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestSetPod(t *testing.T) {
	then := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	now := then.Add(time.Minute)
	old := []corev1.PodCondition{
		{Type: corev1.PodScheduled, Status: corev1.ConditionTrue},
		{Type: corev1.PodReady, Status: corev1.ConditionTrue, Reason: "r", LastTransitionTime: metav1.NewTime(then)},
	}
	for _, test := range []struct {
		name    string
		set     corev1.PodCondition
		changed bool
		at      time.Time // of the last transition, afterwards
	}{
		{"the same", corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionTrue, Reason: "r"}, false, then},
		{"another reason", corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionTrue, Reason: "x"}, true, then},
		{"another status", corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionFalse, Reason: "r"}, true, now},
		{"a new one", corev1.PodCondition{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue}, true, now},
	} {
		t.Run(test.name, func(t *testing.T) {
			shared := append([]corev1.PodCondition(nil), old...)
			status := corev1.PodStatus{Conditions: shared}
			require.Equal(t, test.changed, SetPod(&status, test.set, now))
			require.Equal(t, old, shared, "the list that it was given is left alone")
			got := Pod(&status, test.set.Type)
			require.Equal(t, test.set.Reason, got.Reason)
			require.Equal(t, test.set.Status, got.Status)
			require.True(t, got.LastTransitionTime.Time.Equal(test.at))
		})
	}
}

func TestReadiness(t *testing.T) {
	pod, node := &corev1.Pod{}, &corev1.Node{}
	require.False(t, PodReady(pod))
	require.False(t, NodeReady(node))
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	require.True(t, PodReady(pod))
	require.True(t, NodeReady(node))
	node.Status.Conditions[0].Status = corev1.ConditionUnknown
	require.False(t, NodeReady(node))
	require.False(t, PodTerminal(pod))
	pod.Status.Phase = corev1.PodFailed
	require.True(t, PodTerminal(pod))
}

func TestGrowing(t *testing.T) {
	const unused = corev1.PersistentVolumeClaimConditionType("Unused")
	is := func(kind corev1.PersistentVolumeClaimConditionType, message string) corev1.PersistentVolumeClaimCondition {
		return corev1.PersistentVolumeClaimCondition{Type: kind, Status: corev1.ConditionTrue, Message: message}
	}
	before := []corev1.PersistentVolumeClaimCondition{is(corev1.PersistentVolumeClaimControllerResizeError, "no"), is(unused, ""), is(corev1.PersistentVolumeClaimResizing, "old")}
	now := is(corev1.PersistentVolumeClaimResizing, "new")
	require.Equal(t, []corev1.PersistentVolumeClaimCondition{before[0], before[1], now}, Growing(before, now, true))
	require.Equal(t, []corev1.PersistentVolumeClaimCondition{before[1], now}, Growing(before, now, false))
	require.Equal(t, []corev1.PersistentVolumeClaimCondition{now}, Growing(nil, now, false))
	require.Equal(t, []corev1.PersistentVolumeClaimCondition{before[1]}, Grown(before))
	require.Equal(t, "old", before[2].Message, "what was there is not written to")

	status := corev1.PersistentVolumeClaimStatus{AllocatedResourceStatuses: map[corev1.ResourceName]corev1.ClaimResourceStatus{"other": "x"}}
	shared := status.AllocatedResourceStatuses
	SetResizeStatus(&status, corev1.PersistentVolumeClaimNodeResizePending)
	require.Equal(t, corev1.PersistentVolumeClaimNodeResizePending, ResizeStatus(&status))
	require.Len(t, shared, 1)
	SetResizeStatus(&status, "")
	require.Equal(t, shared, status.AllocatedResourceStatuses)
}
