package endpoints

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"pgregory.net/rapid"

	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
)

func headless(name string, publishNotReady bool) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: map[string]string{"team": "db"}},
		Spec: corev1.ServiceSpec{
			ClusterIP: corev1.ClusterIPNone, Selector: map[string]string{"app": "web"}, PublishNotReadyAddresses: publishNotReady,
			Ports: []corev1.ServicePort{{Name: "mysql", Port: 3306, Protocol: corev1.ProtocolTCP, TargetPort: intstr.FromInt32(3306)}},
		},
	}
}

func peer(set *appsv1.StatefulSet, i int, node string, ready bool) *corev1.Pod {
	pod := rig.Owned(rig.Pod(fmt.Sprintf("web-%d", i), node), set)
	pod.Status.PodIP = fmt.Sprintf("10.0.%d.%d", i/250, i%250+1)
	pod.Status.PodIPs = []corev1.PodIP{{IP: pod.Status.PodIP}}
	rig.SetReady(pod, ready)
	return pod
}

func show(slice *discoveryv1.EndpointSlice) string {
	var parts []string
	for i := range slice.Endpoints {
		e := &slice.Endpoints[i]
		flags := ""
		for _, f := range []struct {
			letter string
			is     *bool
		}{{"r", e.Conditions.Ready}, {"s", e.Conditions.Serving}, {"t", e.Conditions.Terminating}} {
			if *f.is {
				flags += f.letter
			}
		}
		parts = append(parts, fmt.Sprintf("%s@%s/%s %s host=%s [%s]", e.TargetRef.Name, deref(e.NodeName), deref(e.Zone), strings.Join(e.Addresses, ","), deref(e.Hostname), flags))
	}
	return fmt.Sprintf("%s ports=%d team=%s tier=%s: %s", slice.Name, len(slice.Ports), slice.Labels["team"], slice.Labels["tier"], strings.Join(parts, "; "))
}

func newWorld(t *testing.T) (*rig.Rig, *appsv1.StatefulSet) {
	r := rig.New(New())
	for _, name := range []string{"a", "b"} {
		r.Create(t, rig.Node(name, "zone-"+name))
	}
	return r, r.Create(t, rig.Set("web", 3)).(*appsv1.StatefulSet)
}

func logSlices(r *rig.Rig) {
	r.Watch = func(change store.Change) string {
		slice, ok := change.Object().(*discoveryv1.EndpointSlice)
		switch {
		case !ok:
			return ""
		case change.New == nil:
			return slice.Name + " is gone"
		}
		return show(slice)
	}
}

func TestTranscript(t *testing.T) {
	r, set := newWorld(t)
	logSlices(r)
	r.Note("the Service comes: a placeholder")
	r.Create(t, headless("web", false))
	r.Advance(time.Second)
	r.Note("a pod without an address is no endpoint; with one it is, ready or not")
	pod := peer(set, 0, "a", false)
	ip := pod.Status.PodIP
	pod.Status.PodIP, pod.Status.PodIPs = "", nil
	r.Create(t, pod)
	r.Advance(time.Second)
	rig.Change(t, r, "default", "web-0", func(pod *corev1.Pod) {
		pod.Status.PodIP, pod.Status.PodIPs = ip, []corev1.PodIP{{IP: ip}}
	})
	r.Advance(time.Second)
	r.Note("it becomes Ready; another comes that is labelled later")
	rig.Change(t, r, "default", "web-0", func(pod *corev1.Pod) { rig.SetReady(pod, true) })
	other := peer(set, 1, "b", true)
	other.Labels = nil
	r.Create(t, other)
	r.Advance(time.Second)
	rig.Change(t, r, "default", "web-1", func(pod *corev1.Pod) { pod.Labels = map[string]string{"app": "web"} })
	r.Advance(time.Second)
	r.Note("something changes that no endpoint shows")
	rig.Change(t, r, "default", "web-1", func(pod *corev1.Pod) { pod.Annotations = map[string]string{"x": "y"} })
	r.Advance(time.Second)
	r.Note("web-0 terminates, and is gone")
	key := store.Key{Kind: store.Pod, Namespace: "default", Name: "web-0"}
	require.NoError(t, r.API().Delete(key, store.DeleteOptions{}))
	r.Advance(time.Second)
	require.NoError(t, r.API().Delete(key, store.DeleteOptions{GracePeriodSeconds: new(int64)}))
	r.Advance(time.Second)
	r.Note("a pod on a node that is not known yet is left out, and tried again after 1 s, 2 s, 4 s")
	r.Create(t, peer(set, 2, "c", true))
	r.Advance(5 * time.Second)
	r.Create(t, rig.Node("c", "zone-c"))
	r.Advance(5 * time.Second)
	r.Note("somebody empties the slice; it is mended a second later")
	for slice := range store.All[*discoveryv1.EndpointSlice](r.API().View()) {
		rig.Change(t, r, "default", slice.Name, func(s *discoveryv1.EndpointSlice) { s.Endpoints = nil })
	}
	r.Advance(5 * time.Second)
	r.Note("the Service gets another port and another label")
	rig.Change(t, r, "default", "web", func(svc *corev1.Service) {
		svc.Labels["tier"] = "x"
		svc.Spec.Ports = append(svc.Spec.Ports, corev1.ServicePort{Name: "xtra", Port: 33060, Protocol: corev1.ProtocolTCP, TargetPort: intstr.FromInt32(33060)})
	})
	r.Advance(time.Second)
	r.Note("the selector matches nothing any more: a placeholder again")
	rig.Change(t, r, "default", "web", func(svc *corev1.Service) { svc.Spec.Selector = map[string]string{"app": "nothing"} })
	r.Advance(time.Second)
	rig.Golden(t, "endpoints", r.Transcript())
}

// A write of its own that the cache has not seen yet makes the controller wait, rather than write from what it sees.
func TestStaleCache(t *testing.T) {
	r, set := newWorld(t)
	r.Create(t, headless("web", false))
	r.Advance(time.Second)
	logSlices(r)
	r.Lag = 50 * time.Millisecond
	r.Create(t, peer(set, 0, "a", true))
	r.Advance(20 * time.Millisecond)
	r.Create(t, peer(set, 1, "a", true)) // reaches the cache after the controller wrote web-0's endpoint, and before that write
	r.Advance(3 * time.Second)
	rig.Golden(t, "stale", r.Transcript())
}

// A slice that the controller deleted is not filled again because the cache still has it.
func TestStaleDeletion(t *testing.T) {
	r, set := newWorld(t)
	r.Create(t, headless("web", false))
	for i := range maxEndpoints + 1 {
		r.Create(t, peer(set, i, "a", true))
	}
	r.Advance(time.Second)
	r.Lag = 50 * time.Millisecond
	for slice := range store.All[*discoveryv1.EndpointSlice](r.API().View()) {
		if len(slice.Endpoints) == 1 {
			key := store.Key{Kind: store.Pod, Namespace: "default", Name: slice.Endpoints[0].TargetRef.Name}
			require.NoError(t, r.API().Delete(key, store.DeleteOptions{GracePeriodSeconds: new(int64)}))
		}
	}
	r.Advance(20 * time.Millisecond)
	r.Create(t, peer(set, 200, "a", true))
	r.Advance(10 * time.Second)
	require.NotContains(t, r.Transcript(), "FailedToUpdateEndpointSlices")
	require.Equal(t, 2, r.API().View().Len(store.EndpointSlice))
}

func TestRecords(t *testing.T) {
	r, set := newWorld(t)
	r.Create(t, headless("web", false))
	r.Create(t, headless("web-all", true))
	primary := headless("web-primary", false)
	primary.Spec.ClusterIP = ""
	ip := r.Create(t, primary).(*corev1.Service).Spec.ClusterIP
	r.Create(t, peer(set, 0, "a", true))
	r.Create(t, peer(set, 1, "b", false))
	r.Create(t, peer(set, 2, "b", true))
	r.Advance(time.Second)
	view := r.API().View()
	const domain = ".default.svc.cluster.local"
	for name, want := range map[string][]string{
		"web" + domain:                {"10.0.0.1", "10.0.0.3"},
		"web" + domain + ".":          {"10.0.0.1", "10.0.0.3"},
		"web-all" + domain:            {"10.0.0.1", "10.0.0.2", "10.0.0.3"},
		"web-primary" + domain:        {ip},
		"web-0.web" + domain:          {"10.0.0.1"},
		"web-1.web" + domain:          nil, // not Ready
		"web-0.web-all" + domain:      nil, // another Service's subdomain
		"web-9.web" + domain:          nil,
		"x.web-0.web" + domain:        nil,
		"nothing" + domain:            nil,
		"web.other.svc.cluster.local": nil,
		"web":                         nil,
		"example.com":                 nil,
		domain:                        nil,
	} {
		require.Equal(t, want, Records(view, name), name)
	}
	require.NotEmpty(t, ip)
}

func TestLabels(t *testing.T) {
	svc := headless("web", false)
	want := map[string]string{
		"team": "db", corev1.IsHeadlessService: "",
		discoveryv1.LabelServiceName: "web", discoveryv1.LabelManagedBy: ControllerName,
	}
	require.Equal(t, want, sliceLabels(svc))
	svc.Spec.ClusterIP = "10.96.0.7"
	svc.Labels[corev1.IsHeadlessService] = "not the user's to set"
	delete(want, corev1.IsHeadlessService)
	require.Equal(t, want, sliceLabels(svc))
}

func TestNamedPorts(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	pod := rig.Pod("p", "a")
	pod.Spec.Containers[0].Ports = []corev1.ContainerPort{{Name: "mysql", ContainerPort: 3306, Protocol: corev1.ProtocolTCP}}
	pod.Spec.InitContainers = []corev1.Container{
		{Name: "init", Ports: []corev1.ContainerPort{{Name: "once", ContainerPort: 1, Protocol: corev1.ProtocolTCP}}},
		{Name: "sidecar", RestartPolicy: &always, Ports: []corev1.ContainerPort{{Name: "metrics", ContainerPort: 9104, Protocol: corev1.ProtocolTCP}}},
	}
	var got []int32
	svc := headless("web", false)
	svc.Spec.Ports = nil
	for _, name := range []string{"mysql", "once", "metrics"} {
		svc.Spec.Ports = append(svc.Spec.Ports, corev1.ServicePort{Name: name, Port: 80, Protocol: corev1.ProtocolTCP, TargetPort: intstr.FromString(name)})
	}
	for _, p := range ports(svc, pod) {
		got = append(got, *p.Port)
	}
	require.Equal(t, []int32{3306, 9104}, got)
}

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
