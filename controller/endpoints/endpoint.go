package endpoints

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// selects tells whether a Service's selector matches labels. A Service without a selector matches nothing.
func selects(svc *corev1.Service, labels map[string]string) bool {
	if svc.Spec.Selector == nil {
		return false
	}
	for key, value := range svc.Spec.Selector {
		if got, ok := labels[key]; !ok || got != value {
			return false
		}
	}
	return true
}

// membershipChanged tells whether a pod may belong to other Services, or to the same ones by another name.
func membershipChanged(before, after *corev1.Pod) bool {
	return before.Spec.Hostname != after.Spec.Hostname || before.Spec.Subdomain != after.Spec.Subdomain ||
		!maps.Equal(before.Labels, after.Labels)
}

// endpointChanged tells whether something changed that a pod's endpoint shows
// (endpointslice util/controller_utils.go:podEndpointsChanged). The phase is not looked at: a pod that ended keeps its
// endpoint until something else changes.
func endpointChanged(before, after *corev1.Pod) bool {
	return (before.DeletionTimestamp == nil) != (after.DeletionTimestamp == nil) ||
		condition.PodReady(before) != condition.PodReady(after) ||
		!slices.Equal(podIPs(before), podIPs(after))
}

// podIPs returns a pod's addresses: status.podIPs, or status.podIP where only that is filled in.
func podIPs(pod *corev1.Pod) []corev1.PodIP {
	if len(pod.Status.PodIPs) == 0 && pod.Status.PodIP != "" {
		return []corev1.PodIP{{IP: pod.Status.PodIP}}
	}
	return pod.Status.PodIPs
}

// belongs tells whether a pod has an endpoint: it has an address and has not ended; a terminating pod has one
// (endpointslice util/controller_utils.go:ShouldPodBeInEndpoints).
func belongs(pod *corev1.Pod) bool { return !condition.PodTerminal(pod) && len(podIPs(pod)) > 0 }

// endpointOf returns a pod's endpoint of a Service (endpointslice utils.go:podToEndpoint); ok is false if it has no
// address of the Service's family. The node may be nil.
func endpointOf(pod *corev1.Pod, node *corev1.Node, svc *corev1.Service) (endpoint discoveryv1.Endpoint, ok bool) {
	serving, terminating := condition.PodReady(pod), pod.DeletionTimestamp != nil
	ready := svc.Spec.PublishNotReadyAddresses || serving && !terminating
	endpoint = discoveryv1.Endpoint{
		Addresses:  addresses(pod, addressType(svc)),
		Conditions: discoveryv1.EndpointConditions{Ready: &ready, Serving: &serving, Terminating: &terminating},
		TargetRef:  &corev1.ObjectReference{Kind: "Pod", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
	}
	if pod.Spec.NodeName != "" {
		endpoint.NodeName = &pod.Spec.NodeName
	}
	if node != nil && node.Labels[corev1.LabelTopologyZone] != "" {
		zone := node.Labels[corev1.LabelTopologyZone]
		endpoint.Zone = &zone
	}
	if pod.Spec.Hostname != "" && pod.Spec.Subdomain == svc.Name {
		endpoint.Hostname = &pod.Spec.Hostname
	}
	return endpoint, len(endpoint.Addresses) > 0
}

// addressType is the family of a Service's endpoints: the first of its IP families. Dual-stack Services have one here.
func addressType(svc *corev1.Service) discoveryv1.AddressType {
	if len(svc.Spec.IPFamilies) > 0 && svc.Spec.IPFamilies[0] == corev1.IPv6Protocol ||
		len(svc.Spec.IPFamilies) == 0 && strings.Contains(svc.Spec.ClusterIP, ":") {
		return discoveryv1.AddressTypeIPv6
	}
	return discoveryv1.AddressTypeIPv4
}

func addresses(pod *corev1.Pod, family discoveryv1.AddressType) []string {
	var found []string
	for _, podIP := range podIPs(pod) {
		ip, err := netip.ParseAddr(podIP.IP)
		if err == nil && ip.Is4() == (family == discoveryv1.AddressTypeIPv4) {
			found = append(found, ip.String())
		}
	}
	return found
}

// nodeOf returns the node of a pod. A pod whose node is unknown has no endpoint, and that is an error to be tried again,
// unless the Service publishes pods whatever their state (endpointslice reconciler.go:reconcileByAddressType).
func nodeOf(pod *corev1.Pod, svc *corev1.Service, cache *store.View) (*corev1.Node, error) {
	node, ok := store.Get[*corev1.Node](cache, "", pod.Spec.NodeName)
	if !ok && !svc.Spec.PublishNotReadyAddresses {
		return nil, fmt.Errorf("skipping Pod %s for Service %s/%s: Node %s Not Found", pod.Name, svc.Namespace, svc.Name, pod.Spec.NodeName)
	}
	return node, nil
}

// ports returns the ports of a Service as a pod serves them; a named target port that the pod does not have is left out
// (endpointslice utils.go:getEndpointPorts, FindPort).
func ports(svc *corev1.Service, pod *corev1.Pod) []discoveryv1.EndpointPort {
	found := []discoveryv1.EndpointPort{}
	for i := range svc.Spec.Ports {
		port := &svc.Spec.Ports[i]
		if number, ok := targetPort(port, pod); ok {
			found = append(found, discoveryv1.EndpointPort{
				Name: &port.Name, Port: &number, Protocol: &port.Protocol, AppProtocol: port.AppProtocol,
			})
		}
	}
	return found
}

func targetPort(port *corev1.ServicePort, pod *corev1.Pod) (int32, bool) {
	if port.TargetPort.Type == intstr.Int {
		return port.TargetPort.IntVal, true
	}
	named := func(containers []corev1.Container, sidecars bool) (int32, bool) {
		for i := range containers {
			policy := containers[i].RestartPolicy
			if sidecars && (policy == nil || *policy != corev1.ContainerRestartPolicyAlways) {
				continue
			}
			for _, p := range containers[i].Ports {
				if p.Name == port.TargetPort.StrVal && p.Protocol == port.Protocol {
					return p.ContainerPort, true
				}
			}
		}
		return 0, false
	}
	if number, ok := named(pod.Spec.Containers, false); ok {
		return number, true
	}
	return named(pod.Spec.InitContainers, true)
}

// portsKey tells lists of ports apart: pods that serve a Service on different ports are in different slices.
func portsKey(ports []discoveryv1.EndpointPort) string {
	lines := make([]string, len(ports))
	for i, p := range ports {
		number := strconv.Itoa(int(deref(p.Port)))
		lines[i] = deref(p.Name) + " " + number + " " + string(deref(p.Protocol)) + " " + deref(p.AppProtocol)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// sameIdentity tells whether two endpoints are the same one in the slices: address and hostname are its identity, and an
// endpoint that changes them is another (endpointslice util/endpointset.go:hashEndpoint).
func sameIdentity(a, b *discoveryv1.Endpoint) bool {
	return deref(a.Hostname) == deref(b.Hostname) && slices.Equal(a.Addresses, b.Addresses)
}

// sameEndpoint tells whether two endpoints of one identity show the same
// (endpointslice util/controller_utils.go:EndpointsEqualBeyondHash).
func sameEndpoint(a, b *discoveryv1.Endpoint) bool {
	return deref(a.NodeName) == deref(b.NodeName) && deref(a.Zone) == deref(b.Zone) &&
		deref(a.Conditions.Ready) == deref(b.Conditions.Ready) &&
		deref(a.Conditions.Serving) == deref(b.Conditions.Serving) &&
		deref(a.Conditions.Terminating) == deref(b.Conditions.Terminating) &&
		a.TargetRef.UID == b.TargetRef.UID
}

// compareEndpoints orders endpoints by hostname and then by the pod's name. Within the Service that governs a StatefulSet
// both are the same; the order lets DNS find a hostname without looking at every endpoint.
func compareEndpoints(a, b discoveryv1.Endpoint) int {
	if c := strings.Compare(deref(a.Hostname), deref(b.Hostname)); c != 0 {
		return c
	}
	return strings.Compare(targetName(&a), targetName(&b))
}

func targetName(endpoint *discoveryv1.Endpoint) string {
	if endpoint.TargetRef == nil {
		return ""
	}
	return endpoint.TargetRef.Name
}
