package kubectl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/controller/store"
)

var (
	serviceColumns = columns{
		store.Service, []string{"NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE", "SELECTOR"}, 1, cellsOf(serviceCells),
	}
	sliceColumns = columns{
		store.EndpointSlice, []string{"NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"}, 0, cellsOf(sliceCells),
	}
)

// serviceCells is a Service's row. The API server fills in clusterIPs from clusterIP and the other way round, so the
// first of either is shown.
// Source: pkg/printers/internalversion/printers.go:printService.
func serviceCells(service *corev1.Service, now time.Time) []string {
	ip := service.Spec.ClusterIP
	if len(service.Spec.ClusterIPs) > 0 {
		ip = service.Spec.ClusterIPs[0]
	}
	return []string{
		service.Name, string(service.Spec.Type), orNone(ip), externalIP(service), orNone(servicePorts(service.Spec.Ports)),
		age(service.CreationTimestamp, now), labels.FormatLabels(service.Spec.Selector),
	}
}

// Source: pkg/printers/internalversion/printers.go:getServiceExternalIP.
func externalIP(service *corev1.Service) string {
	external := service.Spec.ExternalIPs
	switch service.Spec.Type {
	case corev1.ServiceTypeClusterIP, corev1.ServiceTypeNodePort:
		return orNone(strings.Join(external, ","))
	case corev1.ServiceTypeLoadBalancer:
		if all := append(balancers(service), external...); len(all) > 0 {
			return strings.Join(all, ",")
		}
		return "<pending>"
	case corev1.ServiceTypeExternalName:
		return service.Spec.ExternalName
	}
	return "<unknown>"
}

// balancers are the addresses or else names of a Service's load balancers.
// Source: pkg/printers/internalversion/printers.go:loadBalancerStatusStringer; the server always asks for the wide form.
func balancers(service *corev1.Service) (shown []string) {
	for _, in := range service.Status.LoadBalancer.Ingress {
		if in.IP != "" {
			shown = append(shown, in.IP)
		} else if in.Hostname != "" {
			shown = append(shown, in.Hostname)
		}
	}
	slices.Sort(shown)
	return slices.Compact(shown)
}

// Source: pkg/printers/internalversion/printers.go:makePortString.
func servicePorts(ports []corev1.ServicePort) string {
	shown := make([]string, len(ports))
	for i, p := range ports {
		shown[i] = strconv.Itoa(int(p.Port))
		if p.NodePort > 0 {
			shown[i] += ":" + strconv.Itoa(int(p.NodePort))
		}
		shown[i] += "/" + string(p.Protocol)
	}
	return strings.Join(shown, ",")
}

// Source: pkg/printers/internalversion/printers.go:printEndpointSlice.
func sliceCells(slice *discoveryv1.EndpointSlice, now time.Time) []string {
	ports := make([]string, len(slice.Ports))
	for i, p := range slice.Ports {
		switch {
		case p.Port != nil:
			ports[i] = strconv.Itoa(int(*p.Port))
		case p.Name != nil:
			ports[i] = *p.Name
		default:
			ports[i] = "*"
		}
	}
	var addresses []string
	for _, e := range slice.Endpoints {
		addresses = append(addresses, e.Addresses...)
	}
	return []string{slice.Name, string(slice.AddressType), firstThree(ports), firstThree(addresses), age(slice.CreationTimestamp, now)}
}

// Source: pkg/printers/internalversion/printers.go:listWithMoreString.
func firstThree(list []string) string {
	const most = 3
	if len(list) > most {
		return fmt.Sprintf("%s + %d more...", strings.Join(list[:most], ","), len(list)-most)
	}
	if text := strings.Join(list, ","); text != "" {
		return text
	}
	return "<unset>"
}
