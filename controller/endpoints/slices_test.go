package endpoints

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"pgregory.net/rapid"

	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
)

// How new endpoints are spread over slices, by how many endpoints these have.
func TestPacking(t *testing.T) {
	for _, test := range []struct {
		have    []int
		changed int // the index of a slice that changes anyway; -1 for none
		adds    int
		want    []int
	}{
		{nil, -1, 0, []int{0}},
		{nil, -1, 250, []int{100, 100, 50}},
		{[]int{60, 90, 20}, -1, 10, []int{60, 100, 20}}, // the one that this fills most
		{[]int{60, 90}, -1, 50, []int{60, 90, 50}},      // none has room for all of it
		{[]int{60, 90}, 0, 50, []int{100, 100}},         // what changes is filled first, the rest fits
		{[]int{100, 100}, -1, 100, []int{100, 100, 100}},
	} {
		svc := headless("web", false)
		key := portsKey(ports(svc, rig.Pod("p", "a")))
		p := newPlan(svc, nil)
		for i, n := range test.have {
			p.drafts = append(p.drafts, &draft{
				name: fmt.Sprint("s", i), base: &discoveryv1.EndpointSlice{}, key: key,
				endpoints: make([]discoveryv1.Endpoint, n), changed: i == test.changed,
			})
		}
		for i := range test.adds {
			endpoint := discoveryv1.Endpoint{TargetRef: &corev1.ObjectReference{Name: fmt.Sprint("p", i)}}
			p.put(endpoint, ports(svc, rig.Pod("p", "a")), "")
		}
		p.spread()
		var got []int
		for _, d := range p.drafts {
			got = append(got, len(d.endpoints))
		}
		require.Equal(t, test.want, got, test)
	}
}

// Whatever happens to pods, the slices show exactly those that belong there, in order, at most a hundred each.
func TestSlicesAreTheEndpoints(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r, set := newWorld(t)
		r.Create(t, headless("web", false))
		r.Lag = time.Duration(rapid.IntRange(0, 20).Draw(rt, "lag")) * time.Millisecond
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			from := rapid.IntRange(0, 250).Draw(rt, "from")
			for i := from; i < min(260, from+rapid.IntRange(1, 150).Draw(rt, "many")); i++ {
				change(rt, t, r, set, i)
			}
			r.Advance(time.Duration(rapid.IntRange(0, 50).Draw(rt, "ms")) * time.Millisecond)
		}
		r.Advance(time.Minute)
		require.Equal(rt, wanted(r), found(rt, r))
		require.NotContains(rt, r.Transcript(), "FailedToUpdateEndpointSlices")
	})
}

func change(rt *rapid.T, t *testing.T, r *rig.Rig, set *appsv1.StatefulSet, i int) {
	name := fmt.Sprintf("web-%d", i)
	pod, ok := store.Get[*corev1.Pod](r.API().View(), "default", name)
	switch {
	case !ok:
		r.Create(t, peer(set, i, "a", i%3 > 0))
	case i%2 == 0:
		require.NoError(rt, r.API().Delete(store.KeyOf(pod), store.DeleteOptions{GracePeriodSeconds: new(int64)}))
	default:
		rig.Change(t, r, "default", name, func(pod *corev1.Pod) { rig.SetReady(pod, pod.Status.Conditions[0].Status != corev1.ConditionTrue) })
	}
}

func wanted(r *rig.Rig) []string {
	var names []string
	for pod := range store.All[*corev1.Pod](r.API().View()) {
		names = append(names, fmt.Sprint(pod.Name, pod.Status.PodIP, pod.Status.Conditions[0].Status == corev1.ConditionTrue))
	}
	slices.Sort(names)
	return names
}

func found(rt *rapid.T, r *rig.Rig) []string {
	var names []string
	for slice := range store.All[*discoveryv1.EndpointSlice](r.API().View()) {
		require.LessOrEqual(rt, len(slice.Endpoints), maxEndpoints)
		require.True(rt, slices.IsSortedFunc(slice.Endpoints, compareEndpoints))
		for _, e := range slice.Endpoints {
			names = append(names, fmt.Sprint(e.TargetRef.Name, e.Addresses[0], *e.Conditions.Ready))
		}
	}
	slices.Sort(names)
	return names
}
