package scheduler

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

func TestEnough(t *testing.T) {
	for nodes, want := range map[int]int{1: 1, 99: 99, 100: 100, 200: 100, 250: 120, 1000: 420, 5000: 500, 10000: 500} {
		require.Equal(t, want, enough(nodes), nodes)
	}
}

// TestSearchGoesRound looks at 250 nodes in three zones: from zone to zone, no more than it takes, and on from there with the
// next pod.
func TestSearchGoesRound(t *testing.T) {
	w := newWorld(t, false)
	for i := range 250 {
		w.create(newNode(numbered("node-", 1000+i), string(rune('a'+i/100)))) // 100 in a, 100 in b, 50 in c
	}
	w.create(newPod("p"), newPod("q"))
	w.run(time.Second)
	order := w.scheduler.cluster.rounds()
	require.Equal(t, []string{"node-1000", "node-1100", "node-1200", "node-1001"}, []string{order[0].name, order[1].name, order[2].name, order[3].name})
	require.Equal(t, "node-1199", order[249].name, "the small zone is through by then")
	require.Equal(t, "node-1000", w.pod("p").Spec.NodeName)
	require.Equal(t, "node-1040", w.pod("q").Spec.NodeName, "the 120 after the first 120 begin with the 41st of zone a")
	require.Equal(t, 240, w.scheduler.next)
}

// TestSearchPassesWhatDoesNotDo goes on until there are enough, over nodes that are cordoned.
func TestSearchPassesWhatDoesNotDo(t *testing.T) {
	w := newWorld(t, false)
	for i := range 250 {
		w.create(newNode(numbered("node-", 1000+i), "a", func(n *corev1.Node) { n.Spec.Unschedulable = i < 249 }))
	}
	w.create(newPod("p"))
	w.run(time.Second)
	require.Equal(t, "node-1249", w.pod("p").Spec.NodeName)
}
