package check

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

// addressed creates a pod with a DNS name and an address.
func (w *world) addressed(ordinal int, ip string) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		pod := newPod(ordinal, "")
		pod.Spec.Hostname, pod.Spec.Subdomain = pod.Name, "web"
		w.create(pod)(api)
		w.moved(pod.Name, ip)(api)
	}
}

// moved gives a pod an address.
func (w *world) moved(pod, ip string) func(*store.Client) {
	return func(api *store.Client) {
		w.Helper()
		p := stored[*corev1.Pod](w, pod).DeepCopy()
		p.Status.Phase, p.Status.PodIP, p.Status.PodIPs = corev1.PodRunning, ip, []corev1.PodIP{{IP: ip}}
		_, err := api.UpdateStatus(p)
		require.NoError(w, err)
	}
}

func endpoint(pod *corev1.Pod, ip string) discoveryv1.Endpoint {
	return discoveryv1.Endpoint{Addresses: []string{ip}, Hostname: &pod.Spec.Hostname,
		TargetRef: &corev1.ObjectReference{Kind: "Pod", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID}}
}

// published writes the Service's slice.
func (w *world) published(actor string, endpoints ...discoveryv1.Endpoint) []string {
	w.Helper()
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: "default", Name: "web-1", Labels: map[string]string{discoveryv1.LabelServiceName: "web"}},
		AddressType: discoveryv1.AddressTypeIPv4, Endpoints: endpoints,
	}
	return w.step(actor, func(api *store.Client) {
		old, ok := store.Get[*discoveryv1.EndpointSlice](api.View(), "default", "web-1")
		if !ok {
			w.create(slice)(api)
			return
		}
		slice.ObjectMeta = old.ObjectMeta
		_, err := api.Update(slice)
		require.NoError(w, err)
	})
}

func TestIdentityInDNS(t *testing.T) {
	start := func(t *testing.T) (w *world, zero, one *corev1.Pod) {
		w = newWorld(t, identityInDNS)
		w.legal("kubelet/a", w.addressed(0, "10.0.0.1"))
		w.legal("kubelet/a", w.addressed(1, "10.0.0.2"))
		return w, stored[*corev1.Pod](w, "web-0"), stored[*corev1.Pod](w, "web-1")
	}
	t.Run("as it is, and as it was", func(t *testing.T) {
		w, zero, one := start(t)
		require.Empty(t, w.published(EndpointSliceController, endpoint(zero, "10.0.0.1"), endpoint(one, "10.0.0.2")))
		w.legal("kubelet/a", w.moved("web-0", "10.0.0.7"))
		w.legal(user, w.remove("web-1"))
		require.Empty(t, w.published(EndpointSliceController, endpoint(zero, "10.0.0.7"), endpoint(one, "10.0.0.2")))
		w.legal("kubelet/a", w.addressed(1, "10.0.0.2"))
		require.Empty(t, w.published(EndpointSliceController, endpoint(zero, "10.0.0.1"), endpoint(stored[*corev1.Pod](w, "web-1"), "10.0.0.2")))
	})
	t.Run("another pod's address", func(t *testing.T) {
		w, zero, one := start(t)
		require.Equal(t, []string{"the endpoints of Service default/web say that pod web-0 has the address 10.0.0.2, which it never had"},
			w.published(EndpointSliceController, endpoint(zero, "10.0.0.2"), endpoint(one, "10.0.0.2")))
		require.Empty(t, w.published(EndpointSliceController, endpoint(zero, "10.0.0.2"), endpoint(one, "10.0.0.2")), "told once")
	})
	t.Run("another hostname, or none", func(t *testing.T) {
		w, zero, one := start(t)
		wrong := endpoint(zero, "10.0.0.1")
		wrong.Hostname = &one.Spec.Hostname
		require.Equal(t, []string{`the endpoints of Service default/web say that pod web-0 has hostname "web-1", not "web-0"`},
			w.published(EndpointSliceController, wrong))
		wrong.Hostname = nil
		require.Len(t, w.published(EndpointSliceController, wrong), 1)
	})
	t.Run("a pod that never was", func(t *testing.T) {
		w, zero, _ := start(t)
		wrong := endpoint(zero, "10.0.0.1")
		wrong.TargetRef.UID = "nobody's"
		require.Equal(t, []string{`the endpoints of Service default/web say that pod web-0 has UID "nobody's", which no pod of that name ever had`},
			w.published(EndpointSliceController, wrong))
	})
	t.Run("one name twice", func(t *testing.T) {
		w, zero, _ := start(t)
		w.legal(user, w.remove("web-0"))
		w.legal("kubelet/a", w.addressed(0, "10.0.0.3"))
		require.Equal(t, []string{"the endpoints of Service default/web have pod web-0 twice"},
			w.published(EndpointSliceController, endpoint(zero, "10.0.0.1"), endpoint(stored[*corev1.Pod](w, "web-0"), "10.0.0.3")))
	})
	t.Run("what others write", func(t *testing.T) {
		w, zero, _ := start(t)
		require.Empty(t, w.published(user, endpoint(zero, "10.0.0.9")))
	})
	t.Run("another Service gives no hostname", func(t *testing.T) {
		w := newWorld(t, identityInDNS)
		w.legal(user, w.create(newSet(appsv1.OrderedReadyPodManagement)))
		w.legal(StatefulSetController, w.pod(0))
		w.legal("kubelet/a", w.moved("web-0", "10.0.0.1"))
		plain := endpoint(stored[*corev1.Pod](w, "web-0"), "10.0.0.1")
		plain.Hostname = nil
		require.Empty(t, w.published(EndpointSliceController, plain))
	})
}
