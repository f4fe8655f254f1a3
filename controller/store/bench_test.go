package store

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

var sizes = []int{1_000, 10_000}

// filled returns a store with that many pods of one owner, spread over a hundred nodes, and the next pod to create.
func filled(b *testing.B, n int) (*Store, []*corev1.Pod) {
	s := New()
	pods := make([]*corev1.Pod, n)
	for i := range pods {
		pod := newPod(fmt.Sprintf("web-%d", i))
		pod.OwnerReferences = append(pod.OwnerReferences, ref("owner", true))
		pod.Spec.NodeName = fmt.Sprintf("node-%d", i%100)
		pods[i] = created(b, s.At(start, nil), pod)
	}
	return s, pods
}

func BenchmarkCreate(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			s, _ := filled(b, n)
			api := s.At(start, nil)
			next := make([]*corev1.Pod, b.N)
			for i := range next {
				next[i] = newPod(fmt.Sprintf("next-%d", i))
				next[i].OwnerReferences = append(next[i].OwnerReferences, ref("owner", true))
			}
			b.ResetTimer()
			for _, pod := range next {
				_, err := api.Create(pod)
				require.NoError(b, err)
			}
		})
	}
}

// BenchmarkUpdate relabels a pod, copy included, as a component does.
func BenchmarkUpdate(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			s, pods := filled(b, n)
			api := s.At(start, nil)
			for i := 0; b.Loop(); i++ {
				pod := pods[i%n].DeepCopy()
				pod.Labels["n"] = fmt.Sprint(i)
				stored, err := api.Update(pod)
				require.NoError(b, err)
				pods[i%n] = stored.(*corev1.Pod)
			}
		})
	}
}

// BenchmarkUpdateStatus writes a status, as the kubelet does, with a watch listening.
func BenchmarkUpdateStatus(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			s, pods := filled(b, n)
			s.OnChange = func(Change) {}
			api := s.At(start, nil)
			for i := 0; b.Loop(); i++ {
				pod := *pods[i%n]
				pod.Status.Message = fmt.Sprint(i)
				stored, err := api.UpdateStatus(&pod)
				require.NoError(b, err)
				pods[i%n] = stored.(*corev1.Pod)
			}
		})
	}
}

// BenchmarkNoChange updates a pod with what it is already.
func BenchmarkNoChange(b *testing.B) {
	b.ReportAllocs()
	s, pods := filled(b, 1000)
	api := s.At(start, nil)
	for i := 0; b.Loop(); i++ {
		pod := *pods[i%1000]
		_, err := api.Update(&pod)
		require.NoError(b, err)
	}
}

func BenchmarkList(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			s, _ := filled(b, n)
			view := s.View()
			for b.Loop() {
				count := 0
				for range ControlledBy[*corev1.Pod](view, "owner") {
					count++
				}
				require.Equal(b, n, count)
			}
		})
	}
}

func BenchmarkView(b *testing.B) {
	b.ReportAllocs()
	s, _ := filled(b, 10)
	for b.Loop() {
		viewed = s.View()
	}
}

// viewed keeps the compiler from leaving out what BenchmarkView measures.
var viewed *View
