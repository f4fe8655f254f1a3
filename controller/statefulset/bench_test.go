package statefulset

import (
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

var fleets = []int{100, 1000, 10000}

// healthyFleet returns a cluster in which that many pods run, and nothing is left to do.
func healthyFleet(tb testing.TB, replicas int) *cluster {
	set := newSet(int32(replicas), "data")
	set.Spec.PodManagementPolicy = appsv1.ParallelPodManagement
	c := newCluster(set)
	for range 5 {
		c.sync()
		c.settle()
	}
	c.edit(func(set *appsv1.StatefulSet) { set.Spec.PodManagementPolicy = appsv1.OrderedReadyPodManagement })
	c.sync()
	if outcome := c.sync(); outcome.Err != nil || len(c.log) != 0 || outcome.Status.AvailableReplicas != int32(replicas) {
		tb.Fatalf("not at rest: %v %v %+v", outcome.Err, c.log, outcome.Status)
	}
	return c
}

// A sync over healthy pods with nothing to do, by a state that is kept.
func BenchmarkSyncIdle(b *testing.B) {
	for _, n := range fleets {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := healthyFleet(b, n)
			b.ReportAllocs()
			for b.Loop() {
				c.state.Sync(c.set, c.now, c.apply)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/pod")
		})
	}
}

// One pod turns unready and ready again, each followed by a sync.
func BenchmarkSyncOneChange(b *testing.B) {
	for _, n := range fleets {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := healthyFleet(b, n)
			well := c.pod(n / 2)
			sick := well.DeepCopy()
			sick.Status.Conditions = nil
			versions := [...]*corev1.Pod{sick, well}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				c.state.PutPod(versions[i%2])
				c.state.Sync(c.set, c.now, c.apply)
			}
		})
	}
}

// The same as BenchmarkSyncIdle, with everything looked at anew.
func BenchmarkDecideIdle(b *testing.B) {
	for _, n := range fleets {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := healthyFleet(b, n)
			input := c.input()
			b.ReportAllocs()
			for b.Loop() {
				Decide(input, c.apply)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/pod")
		})
	}
}
