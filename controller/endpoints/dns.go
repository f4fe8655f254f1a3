package endpoints

import (
	"slices"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"statefulsim/controller/store"
)

const serviceDomain = ".svc.cluster.local"

// Records returns the addresses that the cluster's DNS answers for a name, sorted, or nil if there are none (NXDOMAIN). It
// knows the names that CoreDNS derives from Services in the domain cluster.local:
//
//	<service>.<namespace>.svc.cluster.local             the Service's cluster IP, or all endpoints of a headless Service
//	<hostname>.<service>.<namespace>.svc.cluster.local  the endpoints with that hostname
//
// A trailing dot may be there or not. Shorter names are the resolver's business: it tries its search path, which for a pod
// is "<namespace>.svc.cluster.local", "svc.cluster.local" and "cluster.local".
//
// Only endpoints that are ready have an address; those of a Service with publishNotReadyAddresses always are. The view is
// that of the DNS server, which follows Services and EndpointSlices as any component does. The cost is that of the answer,
// and a few comparisons for each hundred endpoints.
func Records(view *store.View, name string) []string {
	name, ok := strings.CutSuffix(strings.TrimSuffix(name, "."), serviceDomain)
	if !ok {
		return nil
	}
	labels := strings.Split(name, ".")
	switch len(labels) {
	case 2:
		return serviceRecords(view, labels[1], labels[0])
	case 3:
		return hostRecords(view, labels[2], labels[1], labels[0])
	}
	return nil
}

func serviceRecords(view *store.View, namespace, name string) []string {
	svc, ok := store.Get[*corev1.Service](view, namespace, name)
	if !ok || svc.Spec.Type == corev1.ServiceTypeExternalName {
		return nil
	}
	if ip := svc.Spec.ClusterIP; ip != corev1.ClusterIPNone {
		if ip == "" {
			return nil
		}
		return []string{ip}
	}
	var found []string
	for slice := range store.ControlledBy[*discoveryv1.EndpointSlice](view, svc.UID) {
		for i := range slice.Endpoints {
			found = appendReady(found, &slice.Endpoints[i])
		}
	}
	return tidy(found)
}

func hostRecords(view *store.View, namespace, service, hostname string) []string {
	svc, ok := store.Get[*corev1.Service](view, namespace, service)
	if !ok || hostname == "" {
		return nil
	}
	var found []string
	for slice := range store.ControlledBy[*discoveryv1.EndpointSlice](view, svc.UID) {
		at := sort.Search(len(slice.Endpoints), func(i int) bool { return deref(slice.Endpoints[i].Hostname) >= hostname })
		for ; at < len(slice.Endpoints) && deref(slice.Endpoints[at].Hostname) == hostname; at++ {
			found = appendReady(found, &slice.Endpoints[at])
		}
	}
	return tidy(found)
}

func appendReady(found []string, endpoint *discoveryv1.Endpoint) []string {
	if isReady(endpoint) {
		return append(found, endpoint.Addresses...)
	}
	return found
}

// tidy sorts addresses and drops those that occur twice.
func tidy(found []string) []string {
	slices.Sort(found)
	return slices.Compact(found)
}
