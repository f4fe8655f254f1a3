package scheduler

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// BenchmarkSchedule places the pods of one set on 200 nodes, 100 or 10,000 of them: how many there are must not matter to the
// cost of one. "apart" keeps them on different nodes as far as it goes, "spread" evenly in their zones, and "one-per-node"
// needs as many nodes as there are pods.
func BenchmarkSchedule(b *testing.B) {
	plain := func(*corev1.Pod) {}
	apart := func(pod *corev1.Pod) {
		pod.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
			PreferredDuringSchedulingIgnoredDuringExecution: []corev1.WeightedPodAffinityTerm{
				{Weight: 100, PodAffinityTerm: affinityTo("web", corev1.LabelHostname)[0]}}}}
	}
	spread := func(pod *corev1.Pod) {
		pod.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{MaxSkew: 1, TopologyKey: corev1.LabelTopologyZone,
			WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: &metav1.LabelSelector{MatchLabels: pod.Labels}}}
	}
	b.Run("plain/100", func(b *testing.B) { benchmark(b, 100, 200, plain) })
	b.Run("plain/10000", func(b *testing.B) { benchmark(b, 10000, 200, plain) })
	b.Run("apart/100", func(b *testing.B) { benchmark(b, 100, 200, apart) })
	b.Run("apart/10000", func(b *testing.B) { benchmark(b, 10000, 200, apart) })
	b.Run("spread/100", func(b *testing.B) { benchmark(b, 100, 200, spread) })
	b.Run("spread/10000", func(b *testing.B) { benchmark(b, 10000, 200, spread) })
	b.Run("one-per-node/100", func(b *testing.B) { benchmark(b, 100, 100, away("web", corev1.LabelHostname)) })
	b.Run("one-per-node/5000", func(b *testing.B) { benchmark(b, 5000, 5000, away("web", corev1.LabelHostname)) })
}

func benchmark(b *testing.B, pods, nodes int, shape func(*corev1.Pod)) {
	var spent time.Duration
	for b.Loop() {
		w := newWorld(b, false)
		for i := range nodes {
			w.create(newNode(numbered("node-", i), string(rune('a'+i%3))))
		}
		for i := range pods {
			w.create(newPod(numbered("p-", i), asks("10m", "10Mi"), shape))
		}
		w.deliver(len(w.changes))
		calls := w.calls
		start := time.Now()
		for _, c := range calls {
			if _, err := c.who.Reconcile(c.key, w.cache, w.api()); err != nil {
				b.Fatal(err)
			}
			w.deliver(len(w.changes))
		}
		spent += time.Since(start)
		for i := range pods {
			if w.pod(numbered("p-", i)).Spec.NodeName == "" {
				b.Fatal("not all pods were placed")
			}
		}
	}
	b.ReportMetric(float64(spent)/float64(time.Microsecond)/float64(b.N*pods), "µs/pod")
}
