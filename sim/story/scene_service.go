package story

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/controller/store"
)

// findServices finds the Services, and the pods that they send traffic to.
func (now *instant) findServices() {
	now.senders = make(map[store.Key][]string, now.view.Len(store.Pod))
	for svc := range store.All[*corev1.Service](now.view) {
		s := Service{
			Namespace: svc.Namespace, Name: svc.Name, Headless: svc.Spec.ClusterIP == corev1.ClusterIPNone,
			Selector: labels.Set(svc.Spec.Selector).String(), Reaches: now.reached(svc),
		}
		for _, pod := range s.Reaches {
			key := store.Key{Kind: store.Pod, Namespace: svc.Namespace, Name: pod}
			now.senders[key] = append(now.senders[key], svc.Name)
		}
		now.scene.Services = append(now.scene.Services, s)
	}
}

// reached are the pods that a Service sends traffic to: those of the ready endpoints or, if there are none, of those that terminate and
// serve still (pkg/proxy/topology.go:CategorizeEndpoints). Of a headless Service they are those whose addresses DNS gives: of the ready
// endpoints only.
func (now *instant) reached(svc *corev1.Service) []string {
	var ready, ending []string
	for slice := range store.ControlledBy[*discoveryv1.EndpointSlice](now.view, svc.UID) {
		for i := range slice.Endpoints {
			e := &slice.Endpoints[i]
			switch {
			case e.TargetRef == nil:
			case e.Conditions.Ready == nil || *e.Conditions.Ready:
				ready = append(ready, e.TargetRef.Name)
			case isTrue(e.Conditions.Serving) && isTrue(e.Conditions.Terminating):
				ending = append(ending, e.TargetRef.Name)
			}
		}
	}
	if len(ready) == 0 && svc.Spec.ClusterIP != corev1.ClusterIPNone {
		ready = ending
	}
	slices.SortFunc(ready, compareNames)
	return slices.Compact(ready)
}

func isTrue(p *bool) bool { return p != nil && *p }
