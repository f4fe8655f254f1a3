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
	var zones []*zone
	for i, node := range nodes {
		z := c.zone(node)
		z.state, z.rate = fullDisruption, 0
		z.count([]corev1.ConditionStatus{corev1.ConditionTrue, corev1.ConditionFalse}[i])
		zones = append(zones, z)
	}
	require.NoError(t, c.judgeZones(nodes, zones, api))
	for _, node := range nodes {
		require.Equal(t, api.Now, c.health[node.Name].seen)
		require.Equal(t, evictionRate, c.zone(node).rate)
	}
	require.Equal(t, normal, c.zone(nodes[0]).state)
	require.Equal(t, fullDisruption, c.zone(nodes[1]).state)
}

func TestZoneState(t *testing.T) {
	zoneWith := func(up, down int) *zone {
		z := newZone()
		for range up {
			z.count(corev1.ConditionTrue)
		}
		for i := range down {
			z.count([]corev1.ConditionStatus{corev1.ConditionUnknown, corev1.ConditionFalse, ""}[i%3])
		}
		return z
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
		state := zoneWith(test.up, test.down).disruption()
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

// Without the gate a cache that lags behind makes healthy nodes look dead; with it no node is judged before the cache has
// caught up with the lease that showed its age, and the judgement goes on after that.
func TestLeaseCircuitBreaker(t *testing.T) {
	lagging := func(gates Gates) *rig.Rig {
		k := &kubelets{silent: map[string]bool{}}
		r := rig.New(k, New(gates))
		r.Watch = describe
		r.Create(t, rig.Node("a", "zone-1"))
		r.Create(t, rig.Node("b", "zone-2"))
		r.Advance(11 * time.Second)
		k.silent["b"] = true
		r.Lag = 2 * time.Minute
		r.Advance(100 * time.Second)
		return r
	}
	off := lagging(Gates{})
	require.Contains(t, off.Transcript(), "node a: Ready=Unknown")
	on := lagging(Gates{NodeControllerLeaseCircuitBreaker: true})
	require.NotContains(t, on.Transcript(), "Unknown", "b is silent in truth, but with so old a cache nobody can tell")
	on.Advance(5 * time.Minute)
	require.Contains(t, on.Transcript(), "node b: Ready=Unknown")
	require.NotContains(t, on.Transcript(), "node a: Ready=Unknown")
}

// Only the condition Ready of the pods changes when their node falls silent: their phase stays, and so do pods that never
// had the condition.
func TestPodsAreMarkedInTheSamePass(t *testing.T) {
	r, k := newWorld(t, rig.Node("a", "zone-1"), rig.Node("b", "zone-2"))
	r.Create(t, ready("web-0", "a"))
	r.Create(t, ready("web-1", "a"))
	r.Create(t, ready("other", "b"))
	r.Create(t, rig.Pod("starting", "a"))
	r.Advance(3 * time.Second)
	k.silent["a"] = true
	r.Advance(51 * time.Second)
	require.NotContains(t, r.Transcript(), "Unknown", "50 s of silence are not over in the pass before")
	r.Advance(2 * time.Second)
	for name, isReady := range map[string]bool{"web-0": false, "web-1": false, "other": true} {
		pod, _ := store.Get[*corev1.Pod](r.API().View(), "default", name)
		status := map[bool]corev1.ConditionStatus{true: corev1.ConditionTrue, false: corev1.ConditionFalse}[isReady]
		require.Equal(t, status, condition.Pod(&pod.Status, corev1.PodReady).Status, name)
		require.Equal(t, corev1.PodRunning, pod.Status.Phase, name)
	}
	starting, _ := store.Get[*corev1.Pod](r.API().View(), "default", "starting")
	require.Nil(t, condition.Pod(&starting.Status, corev1.PodReady))
	node, _ := store.Get[*corev1.Node](r.API().View(), "", "a")
	require.Equal(t, corev1.ConditionUnknown, condition.Node(&node.Status, corev1.NodeReady).Status)
}

// With many nodes of a small zone down no more of them are tainted than the one that fell silent first; of a large one every
// hundred seconds one; and with few every ten.
func TestPartialDisruption(t *testing.T) {
	for _, test := range []struct{ nodes, silent, tainted int }{{10, 7, 1}, {60, 40, 2}, {10, 3, 3}} {
		var nodes []*corev1.Node
		for i := range test.nodes {
			nodes = append(nodes, rig.Node(fmt.Sprintf("n%02d", i), "zone-1"))
		}
		r, k := newWorld(t, append(nodes, rig.Node("well", "zone-2"))...)
		r.Advance(3 * time.Second)
		for i := range test.silent {
			k.silent[fmt.Sprintf("n%02d", i)] = true
		}
		r.Advance(3*time.Minute + 52*time.Second)
		tainted := 0
		for node := range store.All[*corev1.Node](r.API().View()) {
			if has(node.Spec.Taints, unreachable) {
				tainted++
			}
		}
		require.Equal(t, test.tainted, tainted, "%+v", test)
	}
}

// One lease that the cache does not have is enough: no node is judged until it has it.
func TestOneStaleLeaseHoldsUpAll(t *testing.T) {
	s, c := store.New(), New(Gates{NodeControllerLeaseCircuitBreaker: true})
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{"a", "b"} {
		_, err := s.At(start, nil).Create(rig.Node(name, "zone-1"))
		require.NoError(t, err)
	}
	cache := *s.View()
	var renewed store.Change
	s.OnChange = func(change store.Change) { renewed = change }
	_, err := s.At(start, nil).Create(&coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: corev1.NamespaceNodeLease, Name: "a"}})
	require.NoError(t, err)
	s.OnChange = nil
	judged := func(name string, at time.Duration) bool {
		node, _ := store.Get[*corev1.Node](&cache, "", name)
		_, is, err := c.observe(node, &cache, s.At(start.Add(at), nil))
		require.NoError(t, err)
		return is != nil
	}
	require.True(t, judged("a", 0))
	require.True(t, judged("b", 0))
	require.False(t, judged("a", time.Minute), "the API server has a lease of a, and the cache has none")
	require.False(t, judged("b", time.Minute), "b has no lease at all")
	c.Keys(renewed, renewed.After)
	require.True(t, judged("b", time.Minute))
}
