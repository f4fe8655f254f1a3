package scheduler

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"statefulsim/controller/store"
)

// TestRandomClusters lets pods and nodes come and go while the scheduler's cache lags behind by as much as it likes.
// After every step no node is overcommitted, no two pods that keep away from each other share a domain, and what the
// scheduler counts is what a fresh count gives.
func TestRandomClusters(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt, true)
		w.scheduler.choose = func(about string, n int) int { return rapid.IntRange(0, n-1).Draw(rt, about) }
		w.create(newClass("late", storagev1.VolumeBindingWaitForFirstConsumer))
		d := &disorder{w: w, rt: rt}
		rt.Repeat(map[string]func(*rapid.T){
			"pod": func(*rapid.T) { d.addPod() }, "node": func(*rapid.T) { d.addNode() },
			"go": func(*rapid.T) { d.removePod() }, "moveNode": func(*rapid.T) { d.moveNode() }, "nodeGoes": func(*rapid.T) { d.removeNode() },
			"deliver": func(*rapid.T) { w.deliver(rapid.IntRange(0, len(w.changes)).Draw(rt, "changes")) },
			"step":    func(*rapid.T) { w.step(w.now.Add(time.Second)) },
			"run":     func(*rapid.T) { w.run(3 * time.Second) },
			"":        func(*rapid.T) { d.check() },
		})
	})
}

// disorder draws what happens to a world.
type disorder struct {
	w       *world
	rt      *rapid.T
	created int
}

func (d *disorder) addNode() {
	d.created++
	zone := rapid.SampledFrom([]string{"a", "b"}).Draw(d.rt, "zone")
	d.w.create(newNode(numbered("node-", d.created), zone))
}

func (d *disorder) addPod() {
	d.created++
	app := rapid.SampledFrom([]string{"web", "db"}).Draw(d.rt, "app")
	pod := newPod(numbered("p-", d.created), withLabel("app", app))
	if cpu := rapid.SampledFrom([]string{"", "1", "2", "3"}).Draw(d.rt, "cpu"); cpu != "" {
		asks(cpu, "1Gi")(pod)
	}
	switch rapid.IntRange(0, 4).Draw(d.rt, "shape") {
	case 4:
		pod.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{MaxSkew: 1, TopologyKey: corev1.LabelTopologyZone,
			WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: &metav1.LabelSelector{MatchLabels: pod.Labels}}}
	case 1:
		away("web", rapid.SampledFrom([]string{corev1.LabelHostname, corev1.LabelTopologyZone}).Draw(d.rt, "topology"))(pod)
	case 2:
		near("web", corev1.LabelTopologyZone)(pod)
	case 3:
		d.w.create(newClaim(pod.Name, "late"))
		mounts(pod.Name)(pod)
	}
	d.w.create(pod)
}

func (d *disorder) removePod() {
	if pod, ok := some[*corev1.Pod](d); ok {
		d.w.delete(store.Pod, pod.Name)
	}
}

func (d *disorder) removeNode() {
	if node, ok := some[*corev1.Node](d); ok {
		d.w.delete(store.Node, node.Name)
	}
}

// moveNode gives a node another zone, or none, as long as there are no pods that this would bring too near to each other.
func (d *disorder) moveNode() {
	node, ok := some[*corev1.Node](d)
	if !ok || len(d.w.scheduler.cluster.pods) > 0 {
		return
	}
	defer func() { d.w.deliver(len(d.w.changes)) }()
	moved := node.DeepCopy()
	delete(moved.Labels, corev1.LabelTopologyZone)
	if zone := rapid.SampledFrom([]string{"", "a", "c"}).Draw(d.rt, "to"); zone != "" {
		moved.Labels[corev1.LabelTopologyZone] = zone
	}
	_, err := d.w.api().Update(moved)
	require.NoError(d.w.t, err)
}

func some[T store.Object](d *disorder) (T, bool) {
	var all []T
	for obj := range store.All[T](d.w.server.View()) {
		all = append(all, obj)
	}
	if len(all) == 0 {
		var none T
		return none, false
	}
	return rapid.SampledFrom(all).Draw(d.rt, "which"), true
}

func (d *disorder) check() {
	view := d.w.server.View()
	for node := range store.All[*corev1.Node](view) {
		var used resources
		for pod := range store.PodsOn(view, node.Name) {
			used.add(requests(pod, resources{}))
		}
		has := amounts(node.Status.Allocatable, resources{})
		require.LessOrEqual(d.w.t, used.milliCPU, has.milliCPU, node.Name)
		require.LessOrEqual(d.w.t, used.memory, has.memory, node.Name)
	}
	d.checkDistance(view)
	d.checkCounts()
}

func (d *disorder) checkDistance(view *store.View) {
	for pod := range store.All[*corev1.Pod](view) {
		for _, t := range termsOf(pod).antiAffinity {
			for other := range store.All[*corev1.Pod](view) {
				if pod.Name == other.Name || !t.matches(other, view) {
					continue
				}
				a, placed := store.Get[*corev1.Node](view, "", pod.Spec.NodeName)
				b, alsoPlaced := store.Get[*corev1.Node](view, "", other.Spec.NodeName)
				if placed && alsoPlaced && a.Labels[t.topologyKey] != "" {
					require.NotEqual(d.w.t, a.Labels[t.topologyKey], b.Labels[t.topologyKey], "%s and %s", pod.Name, other.Name)
				}
			}
		}
	}
}

// checkCounts compares the sums that are kept with sums that are made anew.
func (d *disorder) checkCounts() {
	kept, fresh := d.w.scheduler.cluster, newCluster()
	for _, p := range kept.pods {
		fresh.place(newPodInfo(p.pod), p.node.name, d.w.cache)
	}
	for id, s := range kept.selections {
		fresh.selection(d.w.cache, s.all...)
		require.Contains(d.w.t, fresh.selections, id)
	}
	require.Equal(d.w.t, fresh.claims, kept.claims)
	for name, n := range kept.nodes {
		again := fresh.info(name)
		require.Equal(d.w.t, [3]any{again.pods, again.requested, again.scored}, [3]any{n.pods, n.requested, n.scored}, name)
		for id, s := range kept.selections {
			require.Equal(d.w.t, again.tally[fresh.selections[id]], n.tally[s], "%s %q", name, id)
		}
		require.Len(d.w.t, n.holds, len(again.holds))
		for id, h := range kept.held {
			require.Equal(d.w.t, again.holds[fresh.held[id]], n.holds[h], "%s %q", name, id)
		}
	}
	d.checkDomains(kept)
}

// checkDomains does the same for what is counted by topology.
func (d *disorder) checkDomains(c *cluster) {
	for id, s := range c.selections {
		for key, kept := range s.domains {
			require.Equal(d.w.t, c.by(key, func(n *nodeInfo) int64 { return n.tally[s].all }), kept.all, "%q by %s", id, key)
			require.Equal(d.w.t, c.by(key, func(n *nodeInfo) int64 { return n.tally[s].living }), kept.living, "%q by %s", id, key)
		}
	}
	for id, h := range c.held {
		if h.forbidding != nil {
			require.Equal(d.w.t, c.by(h.topologyKey, func(n *nodeInfo) int64 { return n.holds[h].forbidding }), h.forbidding, "%q", id)
			require.Equal(d.w.t, c.by(h.topologyKey, func(n *nodeInfo) int64 { return n.holds[h].weight }), h.weight, "%q", id)
		}
	}
}
