package endpoints

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

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

// kube-proxy goes to ready endpoints, or, without any, to those that terminate and serve still; never to the others.
func TestRoutes(t *testing.T) {
	r, set := newWorld(t)
	svc := headless("web", false)
	svc.Spec.ClusterIP = ""
	r.Create(t, svc)
	routes := func() []string {
		r.Advance(time.Second)
		svc, _ := store.Get[*corev1.Service](r.API().View(), "default", "web")
		return Routes(r.API().View(), svc)
	}
	remove := func(name string, seconds *int64) {
		require.NoError(t, r.API().Delete(store.Key{Kind: store.Pod, Namespace: "default", Name: name}, store.DeleteOptions{GracePeriodSeconds: seconds}))
	}
	require.Empty(t, routes())
	r.Create(t, peer(set, 0, "a", true))
	r.Create(t, peer(set, 1, "b", true))
	r.Create(t, peer(set, 2, "b", false))
	require.Equal(t, []string{"10.0.0.1", "10.0.0.2"}, routes())
	remove("web-0", nil)
	require.Equal(t, []string{"10.0.0.2"}, routes(), "web-0 terminates")
	remove("web-1", nil)
	require.Equal(t, []string{"10.0.0.1", "10.0.0.2"}, routes(), "none is ready")
	rig.Change(t, r, "default", "web-0", func(pod *corev1.Pod) { rig.SetReady(pod, false) })
	require.Equal(t, []string{"10.0.0.2"}, routes(), "web-0 does not serve any more")
	remove("web-1", new(int64))
	require.Empty(t, routes(), "web-2 never was ready")
}
