package check

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

func process(uid types.UID, node string, started time.Duration) Process {
	return Process{Namespace: "default", Pod: "web-0", UID: uid, Node: node, Container: "web", Started: started}
}

func TestOneProcessPerIdentity(t *testing.T) {
	old, next := process("1", "a", 1), process("2", "b", 2)
	restarted := process("1", "a", 3)
	sidecar := process("1", "a", 4)
	sidecar.Container = "exporter"

	t.Run("the predecessor's node was only cut off", func(t *testing.T) {
		judge := oneProcessPerIdentity.New()
		require.Empty(t, judge(&Step{Started: []Process{old}}))
		require.Equal(t, []string{"container web of pod default/web-0 started on node b (UID 2) while one of that identity runs on node a (UID 1)"},
			judge(&Step{Started: []Process{next}}))
		require.Empty(t, judge(&Step{}), "told once")
		require.Empty(t, judge(&Step{Stopped: []Process{old}}))
		require.Len(t, judge(&Step{Started: []Process{old}}), 1, "the successor still runs")
	})
	t.Run("a container is started twice in its pod", func(t *testing.T) {
		judge := oneProcessPerIdentity.New()
		require.Empty(t, judge(&Step{Started: []Process{old}}))
		require.Len(t, judge(&Step{Started: []Process{restarted}}), 1)
	})
	t.Run("restarts, successors and sidecars", func(t *testing.T) {
		judge := oneProcessPerIdentity.New()
		require.Empty(t, judge(&Step{Started: []Process{old, sidecar}}))
		require.Empty(t, judge(&Step{Stopped: []Process{old}, Started: []Process{restarted}}))
		require.Empty(t, judge(&Step{Stopped: []Process{sidecar, restarted}}))
		require.Empty(t, judge(&Step{Started: []Process{old}, Stopped: []Process{old}}), "it ended as soon as it began")
		require.Empty(t, judge(&Step{Started: []Process{next}}))
	})
}

func TestProcessOfBoundPod(t *testing.T) {
	bound := &Step{Changes: []store.Change{
		{Kind: store.Pod, New: &corev1.Pod{}},
		{Kind: store.Pod, New: func() *corev1.Pod {
			pod := newPod(0, "")
			pod.UID = "1"
			return pod
		}()},
	}}
	t.Run("on another node", func(t *testing.T) {
		judge := processOfBoundPod.New()
		require.Empty(t, judge(bound))
		require.Equal(t, []string{"container web of pod default/web-0 started on node b, but the pod is bound to node a"},
			judge(&Step{Started: []Process{process("1", "b", 1)}}))
	})
	t.Run("for no pod", func(t *testing.T) {
		judge := processOfBoundPod.New()
		require.Empty(t, judge(bound))
		require.Equal(t, []string{`container web of pod default/web-0 started on node a, but no pod with UID "2" was ever bound to a node`},
			judge(&Step{Started: []Process{process("2", "a", 1)}}))
	})
	t.Run("for a pod that the kubelet does not know to be gone", func(t *testing.T) {
		judge := processOfBoundPod.New()
		require.Empty(t, judge(bound))
		require.Empty(t, judge(&Step{Changes: []store.Change{{Kind: store.Pod, Old: bound.Changes[1].New}}}))
		require.Empty(t, judge(&Step{Started: []Process{process("1", "a", 1)}}))
	})
}
