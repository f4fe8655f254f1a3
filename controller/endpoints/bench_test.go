package endpoints

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
)

// One pod of a Service with many becomes Ready: the cost of the change alone.
func BenchmarkPodChange(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c, s := New(), store.New()
			var changes []store.Change
			s.OnChange = func(change store.Change) { changes = append(changes, change) }
			api := s.At(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), nil)
			create := func(obj store.Object) {
				_, err := api.Create(obj)
				require.NoError(b, err)
			}
			create(rig.Node("a", "zone-a"))
			create(headless("web", false))
			set := rig.Set("web", int32(n))
			set.UID = "1"
			var pods []*corev1.Pod
			for i := range n {
				pod := peer(set, i, "a", i%2 == 0)
				status := pod.Status
				created, err := api.Create(pod)
				require.NoError(b, err)
				running := *created.(*corev1.Pod)
				running.Status = status
				updated, err := api.UpdateStatus(&running)
				require.NoError(b, err)
				pods = append(pods, updated.(*corev1.Pod))
			}
			follow := func() {
				for len(changes) > 0 {
					change := changes[0]
					changes = changes[1:]
					for _, key := range c.Keys(change, change.After) {
						if _, err := c.Reconcile(key, s.View(), api); err != nil {
							b.Fatal(err)
						}
					}
				}
			}
			create(headless("other", false)) // one sync of everything, not one for each pod
			changes = nil
			svc, _ := store.Get[*corev1.Service](s.View(), "default", "web")
			changes = append(changes, store.Change{Kind: store.Service, New: svc, After: s.View()})
			follow()
			b.ResetTimer()
			for i := range b.N {
				next := *pods[i%n]
				next.ResourceVersion = ""
				ready := i/n%2 == 0 == (i%n%2 == 1)
				rig.SetReady(&next, ready)
				updated, err := api.UpdateStatus(&next)
				require.NoError(b, err)
				pods[i%n] = updated.(*corev1.Pod)
				follow()
			}
		})
	}
}

func BenchmarkRecords(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := store.New()
			api := s.At(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), nil)
			created, err := api.Create(headless("web", false))
			require.NoError(b, err)
			_, err = api.Create(rig.Node("a", "zone-a"))
			require.NoError(b, err)
			svc := created.(*corev1.Service)
			state, set := newService(), rig.Set("web", int32(n))
			p := newPlan(svc, nil)
			for i := range n {
				endpoint, _ := endpointOf(peer(set, i, "a", true), nil, svc)
				p.put(endpoint, ports(svc, peer(set, i, "a", true)), "")
			}
			p.spread()
			require.NoError(b, p.write(state, api))
			view := s.View()
			require.NotNil(b, Records(view, "web-7.web.default.svc.cluster.local"))
			b.ResetTimer()
			for i := range b.N {
				Records(view, fmt.Sprintf("web-%d.web.default.svc.cluster.local", i%n))
			}
		})
	}
}
