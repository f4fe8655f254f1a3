package endpoints

import (
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"statefulsim/controller/store"
)

// Routes returns the addresses among which kube-proxy chooses for a connection to a Service's cluster IP: those of the ready
// endpoints, or, if there are none, of those that terminate and serve still. The order is that of the slices.
// Source: pkg/proxy/topology.go:CategorizeEndpoints.
func Routes(view *store.View, svc *corev1.Service) []string {
	var ready, ending []string
	for slice := range existing(svc, view) {
		for i := range slice.Endpoints {
			e := &slice.Endpoints[i]
			switch {
			case isReady(e):
				ready = append(ready, e.Addresses[0])
			case deref(e.Conditions.Serving) && deref(e.Conditions.Terminating):
				ending = append(ending, e.Addresses[0])
			}
		}
	}
	if len(ready) == 0 {
		return ending
	}
	return ready
}

// isReady takes what is not known for ready.
func isReady(e *discoveryv1.Endpoint) bool { return e.Conditions.Ready == nil || *e.Conditions.Ready }
