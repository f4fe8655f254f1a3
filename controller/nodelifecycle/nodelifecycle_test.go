package nodelifecycle

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
)

// kubelets renew the leases of all nodes every 10 s, but for those that are silent.
type kubelets struct{ silent map[string]bool }

func (k *kubelets) Keys(change store.Change, _ *store.View) []store.Key {
	if change.Kind == store.Node && change.Old == nil {
		return []store.Key{change.Key()}
	}
	return nil
}

func (k *kubelets) Reconcile(key store.Key, _ *store.View, api *store.Client) (time.Duration, error) {
	if k.silent[key.Name] {
		return 10 * time.Second, nil
	}
	now := metav1.NewMicroTime(api.Now)
	lease := &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Namespace: corev1.NamespaceNodeLease, Name: key.Name},
		Spec:       coordinationv1.LeaseSpec{RenewTime: &now},
	}
	_, err := api.Update(lease)
	if err != nil {
		lease.ResourceVersion = ""
		_, err = api.Create(lease)
	}
	return 10 * time.Second, err
}

func newWorld(t *testing.T, nodes ...*corev1.Node) (*rig.Rig, *kubelets) {
	k := &kubelets{silent: map[string]bool{}}
	r := rig.New(k, New(Gates{NodeControllerLeaseCircuitBreaker: true}))
	r.Watch = describe
	for _, node := range nodes {
		r.Create(t, node)
	}
	return r, k
}

// describe shows how a node's condition Ready and its taints change, and a pod's condition Ready.
func describe(change store.Change) string {
	switch now := change.New.(type) {
	case *corev1.Node:
		before, ok := change.Old.(*corev1.Node)
		if line := nodeLine(now); !ok || nodeLine(before) != line {
			return line
		}
	case *corev1.Pod:
		before, ok := change.Old.(*corev1.Pod)
		if ok && condition.PodReady(before) != condition.PodReady(now) {
			return fmt.Sprintf("pod %s: Ready=%v, %s", now.Name, condition.PodReady(now), now.Status.Phase)
		}
	}
	return ""
}

func nodeLine(node *corev1.Node) string {
	line := "node " + node.Name + ":"
	if ready := condition.Node(&node.Status, corev1.NodeReady); ready != nil {
		line += fmt.Sprintf(" Ready=%s (%s %s)", ready.Status, ready.Reason, ready.Message)
	}
	for _, taint := range node.Spec.Taints {
		line += fmt.Sprintf(" %s", taint.ToString())
	}
	return line
}

func ready(name, node string) *corev1.Pod {
	pod := rig.Pod(name, node)
	rig.SetReady(pod, true)
	return pod
}

// report is what a kubelet that is back posts: the node is Ready again.
func report(t *testing.T, r *rig.Rig, name string, status corev1.ConditionStatus) {
	rig.Change(t, r, "", name, func(node *corev1.Node) {
		c := condition.Node(&node.Status, corev1.NodeReady)
		c.LastHeartbeatTime = metav1.NewTime(r.Now())
		c.Status, c.Reason, c.Message = status, "KubeletReady", "kubelet is posting ready status"
	})
}

// A node that crashes between two renewals, and comes back.
func TestCrashAndReturn(t *testing.T) {
	r, k := newWorld(t, rig.Node("a", "zone-1"), rig.Node("b", "zone-2"), rig.Node("c", "zone-3"))
	r.Create(t, ready("web-0", "a"))
	r.Create(t, ready("web-1", "b"))
	r.Advance(33 * time.Second)
	r.Note("node a crashes")
	k.silent["a"] = true
	r.Advance(90 * time.Second)
	r.Note("web-2 is bound to it nevertheless")
	r.Create(t, ready("web-2", "a"))
	r.Advance(10 * time.Second)
	r.Note("its kubelet is back, and reports that it is not ready yet; then that it is")
	k.silent["a"] = false
	report(t, r, "a", corev1.ConditionFalse)
	r.Advance(12 * time.Second)
	report(t, r, "a", corev1.ConditionTrue)
	r.Advance(30 * time.Second)
	rig.Golden(t, "crash", r.Transcript())
}

func TestNeverReported(t *testing.T) {
	node := rig.Node("a", "zone-1")
	node.Status.Conditions = nil
	r, k := newWorld(t, node, rig.Node("b", "zone-2"))
	k.silent["a"] = true
	r.Advance(90 * time.Second)
	rig.Golden(t, "never-reported", r.Transcript())
}

// The taints that follow from conditions and from cordoning come at once.
func TestNoScheduleTaints(t *testing.T) {
	r, _ := newWorld(t, rig.Node("a", "zone-1"))
	r.Advance(time.Second)
	r.Note("cordon, and memory pressure")
	rig.Change(t, r, "", "a", func(node *corev1.Node) {
		node.Spec.Unschedulable = true
		node.Spec.Taints = []corev1.Taint{{Key: "dedicated", Value: "db", Effect: corev1.TaintEffectNoSchedule}}
		node.Status.Conditions = append(node.Status.Conditions, corev1.NodeCondition{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionTrue})
	})
	r.Advance(time.Second)
	r.Note("uncordon, and no pressure")
	rig.Change(t, r, "", "a", func(node *corev1.Node) {
		node.Spec.Unschedulable = false
		node.Status.Conditions[1].Status = corev1.ConditionFalse
	})
	r.Advance(time.Second)
	rig.Golden(t, "no-schedule", r.Transcript())
}

// One node of a zone is tainted every 10 s.
func TestRateLimit(t *testing.T) {
	var nodes []*corev1.Node
	for i := range 8 {
		nodes = append(nodes, rig.Node(fmt.Sprintf("n%d", i), "zone-1"))
	}
	r, k := newWorld(t, nodes...)
	r.Advance(3 * time.Second)
	for i := range 3 {
		k.silent[fmt.Sprintf("n%d", i)] = true
	}
	r.Advance(2 * time.Minute)
	rig.Golden(t, "rate", r.Transcript())
}

// When no node of any zone is heard any more, the taints are taken away; when one is back, all are given new time.
func TestAllZonesDown(t *testing.T) {
	r, k := newWorld(t, rig.Node("a", "zone-1"), rig.Node("b", "zone-2"))
	r.Advance(3 * time.Second)
	r.Note("node a falls silent")
	k.silent["a"] = true
	r.Advance(70 * time.Second)
	r.Note("and so does b")
	k.silent["b"] = true
	r.Advance(5 * time.Minute)
	r.Note("b is back")
	k.silent["b"] = false
	report(t, r, "b", corev1.ConditionTrue)
	r.Advance(90 * time.Second)
	rig.Golden(t, "all-down", r.Transcript())
}

// A cache that lags behind the API server must not make a node look dead.
func TestStaleLease(t *testing.T) {
	r, _ := newWorld(t, rig.Node("a", "zone-1"), rig.Node("b", "zone-2"))
	r.Advance(11 * time.Second)
	r.Lag = 3 * time.Minute
	r.Advance(2 * time.Minute)
	require.NotContains(t, r.Transcript(), "Unknown")
}

// Nodes get new time when the control plane hears of one again, and each zone the rate of its state.
func TestLeavingFullDisruption(t *testing.T) {
	s := store.New()
	api := s.At(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), nil)
	c := New(Gates{})
	nodes := []*corev1.Node{rig.Node("a", "zone-1"), rig.Node("b", "zone-2")}
	ready := map[string][]corev1.ConditionStatus{}
	for i, node := range nodes {
		z := c.zone(node)
		z.state, z.rate = fullDisruption, 0
		ready[zoneKey(node)] = []corev1.ConditionStatus{[]corev1.ConditionStatus{corev1.ConditionTrue, corev1.ConditionFalse}[i]}
	}
	require.NoError(t, c.judgeZones(ready, nodes, api))
	for _, node := range nodes {
		require.Equal(t, api.Now, c.health[node.Name].seen)
		require.Equal(t, evictionRate, c.zone(node).rate)
	}
	require.Equal(t, normal, c.zone(nodes[0]).state)
	require.Equal(t, fullDisruption, c.zone(nodes[1]).state)
}

func TestZoneState(t *testing.T) {
	statuses := func(up, down int) []corev1.ConditionStatus {
		var s []corev1.ConditionStatus
		for range up {
			s = append(s, corev1.ConditionTrue)
		}
		for i := range down {
			s = append(s, []corev1.ConditionStatus{corev1.ConditionUnknown, corev1.ConditionFalse, ""}[i%3])
		}
		return s
	}
	for _, test := range []struct {
		up, down int
		want     zoneState
		rate     float64
	}{
		{1, 0, normal, 0.1},
		{0, 1, fullDisruption, 0.1},
		{1, 2, normal, 0.1},               // two nodes are not many
		{2, 3, partialDisruption, 0},      // 60 %, but a small zone
		{3, 3, normal, 0.1},               // 50 %
		{9, 11, partialDisruption, 0},     // 55 %
		{20, 30, partialDisruption, 0},    // 50 nodes are small
		{20, 31, partialDisruption, 0.01}, // 51 are large
		{0, 60, fullDisruption, 0.1},
	} {
		state := disruption(statuses(test.up, test.down))
		require.Equal(t, test.want, state, test)
		require.Equal(t, test.rate, rateIn(state, test.up+test.down), test)
	}
}

func TestZoneQueue(t *testing.T) {
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	z := newZone()
	var done []string
	drain := func(after time.Duration) []string {
		done = nil
		z.drain(now.Add(after), func(node string) bool { done = append(done, node); return node != "stubborn" })
		return done
	}
	z.add("a", now)
	z.add("a", now)
	z.add("b", now)
	require.Equal(t, []string{"a"}, drain(0))
	z.add("a", now) // it went through already
	require.Empty(t, drain(9*time.Second))
	require.Equal(t, []string{"b"}, drain(10*time.Second))
	z.remove("a")
	z.add("a", now.Add(15*time.Second))
	require.Equal(t, []string{"a"}, drain(20*time.Second))
	z.add("stubborn", now.Add(21*time.Second))
	require.Equal(t, []string{"stubborn"}, drain(30*time.Second))
	require.Equal(t, []string{"stubborn"}, drain(40*time.Second))
	z.swap(0, now.Add(41*time.Second))
	require.Empty(t, drain(time.Hour))
	z.swap(evictionRate, now.Add(time.Hour)) // a bucket that was empty stays so
	require.Empty(t, drain(time.Hour+9*time.Second))
	require.Equal(t, []string{"stubborn"}, drain(time.Hour+10*time.Second))
}
