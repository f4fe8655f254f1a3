package sim

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
	"statefulsim/sim/check"
)

var networkBugs = []Bug{
	{"agent-labels-once", "The agent beside the database labels its pod once, and does not change the label that is there.",
		"recovers", plantLastingLabel},
	{"denials-cached-for-ever", "A resolver that was told once that a name does not exist never asks for it again.",
		"recovers", plantLastingDenials},
	{"endpoints-keep-first-address", "The EndpointSlice controller keeps the address that the first pod of a name had.",
		"identity-in-dns", plantFirstAddresses},
	{"dns-watch-dies", "CoreDNS's watch of EndpointSlices ends after half a minute, and nobody notices.",
		"recovers", plantDeadWatch},
}

func plantLastingLabel(w *world) {
	w.seams.write = func(api *store.Client, write *store.Write) {
		pod, ok := write.Object.(*corev1.Pod)
		if !ok || write.Verb != "update" || !strings.HasPrefix(w.actor, "agent/") {
			return
		}
		if live, known := store.Get[*corev1.Pod](api.View(), pod.Namespace, pod.Name); known && live.Labels[roleLabel] != "" {
			pod.Labels[roleLabel] = live.Labels[roleLabel]
		}
	}
}

func plantLastingDenials(w *world) {
	s := *w.scenario
	s.Cluster.DNS.Negative = 1000 * time.Hour // longer than any run
	w.scenario = &s
}

func plantFirstAddresses(w *world) {
	first := map[types.NamespacedName]corev1.PodStatus{}
	w.wrap(check.EndpointSliceController, func(_ *component, r reconciler) reconciler { return nostalgic{r, first} })
}

// nostalgic is a controller that sees pods with the addresses that the first of their names had.
type nostalgic struct {
	reconciler
	first map[types.NamespacedName]corev1.PodStatus
}

func (n nostalgic) Reconcile(key store.Key, cache *store.View, api *store.Client) (time.Duration, error) {
	for pod := range store.In[*corev1.Pod](cache, key.Namespace) {
		name := types.NamespacedName{Namespace: pod.Namespace, Name: pod.Name}
		known, ok := n.first[name]
		switch {
		case pod.Status.PodIP == "":
		case !ok:
			n.first[name] = pod.Status
		case known.PodIP != pod.Status.PodIP:
			seen := *pod
			seen.Status.PodIP, seen.Status.PodIPs = known.PodIP, known.PodIPs
			cache = cache.With(&seen)
		}
	}
	return n.reconciler.Reconcile(key, cache, api)
}

func plantDeadWatch(w *world) {
	w.loop.Push(30*time.Second, func() { w.dns.unwatched[store.EndpointSlice] = true })
}
