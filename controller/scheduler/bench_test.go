package scheduler

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// BenchmarkSchedule places 1,000 pods on 50 nodes. With anti-affinity they are 20 groups of 50, each of which keeps its
// pods on different nodes.
func BenchmarkSchedule(b *testing.B) {
	plain := func(int) func(*corev1.Pod) { return func(*corev1.Pod) {} }
	apart := func(i int) func(*corev1.Pod) {
		group := numbered("group-", i/50)
		return func(pod *corev1.Pod) {
			withLabel("app", group)(pod)
			away(group, corev1.LabelHostname)(pod)
		}
	}
	b.Run("plain", func(b *testing.B) { benchmark(b, 1000, 50, plain) })
	b.Run("anti-affinity", func(b *testing.B) { benchmark(b, 1000, 50, apart) })
	oneSet := func(int) func(*corev1.Pod) { return away("web", corev1.LabelHostname) }
	b.Run("one-per-node", func(b *testing.B) { benchmark(b, 1000, 1000, oneSet) })
}

func benchmark(b *testing.B, pods, nodes int, shape func(int) func(*corev1.Pod)) {
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b, false)
		for i := range nodes {
			w.create(newNode(numbered("node-", i), string(rune('a'+i%3))))
		}
		for i := range pods {
			w.create(newPod(numbered("p-", i), asks("10m", "10Mi"), shape(i)))
		}
		w.deliver(len(w.changes))
		calls := w.calls
		b.StartTimer()
		for _, c := range calls {
			if _, err := c.who.Reconcile(c.key, w.cache, w.api()); err != nil {
				b.Fatal(err)
			}
			w.deliver(len(w.changes))
		}
		b.StopTimer()
		for i := range pods {
			if w.pod(numbered("p-", i)).Spec.NodeName == "" {
				b.Fatal("not all pods were placed")
			}
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed())/float64(time.Microsecond)/float64(b.N*pods), "µs/pod")
}
