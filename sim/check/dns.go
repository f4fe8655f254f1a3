package check

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

var identityInDNS = Invariant{
	Name: "identity-in-dns",
	Why: "A pod's DNS name is its identity for its peers and its clients: an address that is another pod's, or two addresses of " +
		"one pod's name, send them to a member that they do not mean.",
	New: func() Judge {
		j := identities{pods: map[types.UID]*dnsIdentity{}}
		return j.judge
	},
}

// identities judges what the EndpointSlice controller writes of pods, which DNS answers with.
//
// Slices follow the pods after a while, so an endpoint may tell of a pod that is gone, or is no longer ready. But it tells of
// a pod that was, by that one's name, hostname and some address that it had; and as no two pods of one name are at once, one
// slice has one endpoint for each. During the write of several slices an endpoint may stand in two of them.
type identities struct{ pods map[types.UID]*dnsIdentity }

// dnsIdentity is what a pod's endpoints can say of it.
type dnsIdentity struct {
	namespace, name     string
	hostname, subdomain string
	addresses           []string // all that it ever had
}

func (j *identities) judge(step *Step) (breaches []string) {
	for _, change := range step.Changes {
		switch change.Kind {
		case store.Pod:
			if pod, ok := change.New.(*corev1.Pod); ok {
				j.learn(pod)
			}
		case store.EndpointSlice:
			if slice, ok := change.New.(*discoveryv1.EndpointSlice); ok && step.Actor == EndpointSliceController {
				before, _ := change.Old.(*discoveryv1.EndpointSlice)
				breaches = append(breaches, j.written(before, slice)...)
			}
		}
	}
	return breaches
}

func (j *identities) learn(pod *corev1.Pod) {
	known := j.pods[pod.UID]
	if known == nil {
		known = &dnsIdentity{namespace: pod.Namespace, name: pod.Name, hostname: pod.Spec.Hostname, subdomain: pod.Spec.Subdomain}
		j.pods[pod.UID] = known
	}
	known.had(pod.Status.PodIP)
	for i := range pod.Status.PodIPs {
		known.had(pod.Status.PodIPs[i].IP)
	}
}

func (d *dnsIdentity) had(address string) {
	if address != "" && !slices.Contains(d.addresses, address) {
		d.addresses = append(d.addresses, address)
	}
}

// written judges those endpoints of a slice that it did not have before. Both are in one order, as the controller writes them.
func (j *identities) written(before, slice *discoveryv1.EndpointSlice) (breaches []string) {
	var old []discoveryv1.Endpoint
	if before != nil {
		old = before.Endpoints
	}
	service := slice.Labels[discoveryv1.LabelServiceName]
	var twice map[string]bool
	for i := range slice.Endpoints {
		endpoint := &slice.Endpoints[i]
		for len(old) > 0 && order(&old[0], endpoint) < 0 {
			old = old[1:]
		}
		if len(old) > 0 && sameClaim(&old[0], endpoint) || endpoint.TargetRef == nil {
			continue
		}
		if why := j.wrong(endpoint, service); why != "" {
			breaches = append(breaches, fmt.Sprintf("the endpoints of Service %s/%s say that pod %s %s", slice.Namespace, service, endpoint.TargetRef.Name, why))
		}
		if twice == nil {
			twice = namesTwice(slice.Endpoints)
		}
		if twice[endpoint.TargetRef.Name] {
			breaches = append(breaches, fmt.Sprintf("the endpoints of Service %s/%s have pod %s twice", slice.Namespace, service, endpoint.TargetRef.Name))
			twice[endpoint.TargetRef.Name] = false
		}
	}
	return breaches
}

// wrong tells what an endpoint says of its pod that never was so.
func (j *identities) wrong(endpoint *discoveryv1.Endpoint, service string) (why string) {
	ref := endpoint.TargetRef
	pod := j.pods[ref.UID]
	if pod == nil || pod.namespace != ref.Namespace || pod.name != ref.Name {
		return fmt.Sprintf("has UID %q, which no pod of that name ever had", ref.UID)
	}
	hostname := ""
	if pod.subdomain == service {
		hostname = pod.hostname
	}
	if said := hostnameOf(endpoint); said != hostname {
		return fmt.Sprintf("has hostname %q, not %q", said, hostname)
	}
	for _, address := range endpoint.Addresses {
		if !slices.Contains(pod.addresses, address) {
			return "has the address " + address + ", which it never had"
		}
	}
	return ""
}

func hostnameOf(endpoint *discoveryv1.Endpoint) string {
	if endpoint.Hostname == nil {
		return ""
	}
	return *endpoint.Hostname
}

// order compares endpoints as the controller orders them in a slice: by hostname, and then by the pod's name.
func order(a, b *discoveryv1.Endpoint) int {
	if c := strings.Compare(hostnameOf(a), hostnameOf(b)); c != 0 || a.TargetRef == nil || b.TargetRef == nil {
		return c
	}
	return strings.Compare(a.TargetRef.Name, b.TargetRef.Name)
}

// sameClaim tells whether two endpoints say the same of a pod's identity. The slices of addresses are shared by versions of a
// slice more often than not.
func sameClaim(a, b *discoveryv1.Endpoint) bool {
	return a.TargetRef != nil && b.TargetRef != nil && a.TargetRef.UID == b.TargetRef.UID && a.TargetRef.Name == b.TargetRef.Name &&
		hostnameOf(a) == hostnameOf(b) && slices.Equal(a.Addresses, b.Addresses)
}

// namesTwice returns the pods that more than one of the endpoints stands for.
func namesTwice(endpoints []discoveryv1.Endpoint) map[string]bool {
	seen, twice := map[string]bool{}, map[string]bool{}
	for i := range endpoints {
		ref := endpoints[i].TargetRef
		if ref == nil {
			continue
		}
		if seen[ref.Name] {
			twice[ref.Name] = true
		}
		seen[ref.Name] = true
	}
	return twice
}
