package store

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var (
	serviceTypes      = []corev1.ServiceType{corev1.ServiceTypeClusterIP, corev1.ServiceTypeExternalName, corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeNodePort}
	trafficPolicies   = []corev1.ServiceInternalTrafficPolicy{corev1.ServiceInternalTrafficPolicyCluster, corev1.ServiceInternalTrafficPolicyLocal}
	ipFamilies        = []corev1.IPFamily{corev1.IPv4Protocol, corev1.IPv6Protocol}
	sessionAffinities = []corev1.ServiceAffinity{corev1.ServiceAffinityClientIP, corev1.ServiceAffinityNone}
)

// Source: pkg/apis/core/validation/validation.go:validateService.
func validateService(spec *corev1.ServiceSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	headless := spec.ClusterIP == corev1.ClusterIPNone
	if len(spec.Ports) == 0 && !headless && spec.Type != corev1.ServiceTypeExternalName {
		errs = append(errs, field.Required(path.Child("ports"), ""))
	}
	errs = append(errs, validateServiceType(spec, headless, path)...)
	errs = append(errs, validateServicePorts(spec, path.Child("ports"))...)
	if spec.Selector != nil {
		errs = append(errs, byField(metavalidation.ValidateLabels(spec.Selector, path.Child("selector")))...)
	}
	errs = append(errs, oneOf(spec.SessionAffinity, path.Child("sessionAffinity"), sessionAffinities)...)
	if spec.SessionAffinity == corev1.ServiceAffinityClientIP {
		seconds := *spec.SessionAffinityConfig.ClientIP.TimeoutSeconds
		if seconds <= 0 || seconds > maxSessionSeconds {
			errs = append(errs, field.Invalid(path.Child("sessionAffinityConfig", "clientIP", "timeoutSeconds"), seconds,
				fmt.Sprintf("must be greater than 0 and less than %d", maxSessionSeconds)))
		}
	}
	errs = append(errs, oneOf(spec.Type, path.Child("type"), serviceTypes)...)
	if policy := spec.InternalTrafficPolicy; policy != nil && !slices.Contains(trafficPolicies, *policy) {
		errs = append(errs, field.NotSupported(path.Child("internalTrafficPolicy"), *policy, trafficPolicies))
	}
	for i, family := range spec.IPFamilies {
		if !slices.Contains(ipFamilies, family) {
			errs = append(errs, field.NotSupported(path.Child("ipFamilies").Index(i), family, ipFamilies))
		}
	}
	return errs
}

// maxSessionSeconds is the longest that a Service keeps a client at one pod: a day.
const maxSessionSeconds = 86400

func validateServiceType(spec *corev1.ServiceSpec, headless bool, path *field.Path) field.ErrorList {
	switch {
	case headless && (spec.Type == corev1.ServiceTypeLoadBalancer || spec.Type == corev1.ServiceTypeNodePort):
		return field.ErrorList{field.Invalid(path.Child("clusterIPs").Index(0), corev1.ClusterIPNone,
			fmt.Sprintf("may not be set to 'None' for %s services", spec.Type))}
	case spec.Type == corev1.ServiceTypeExternalName && len(spec.ClusterIPs) > 0:
		return field.ErrorList{field.Forbidden(path.Child("clusterIPs"), "may not be set for ExternalName services")}
	case spec.Type == corev1.ServiceTypeExternalName && spec.ExternalName == "":
		return field.ErrorList{field.Required(path.Child("externalName"), "")}
	case spec.ClusterIP != "" && len(spec.ClusterIPs) > 0 && spec.ClusterIPs[0] != spec.ClusterIP:
		return field.ErrorList{field.Invalid(path.Child("clusterIPs"), spec.ClusterIPs, "first value must match `clusterIP`")}
	case spec.ClusterIP != "" && !headless:
		return validation.IsValidIP(path.Child("clusterIPs").Index(0), spec.ClusterIP)
	}
	return nil
}

// Source: pkg/apis/core/validation/validation.go:validateServicePort.
func validateServicePorts(spec *corev1.ServiceSpec, path *field.Path) field.ErrorList {
	type endpoint struct {
		protocol corev1.Protocol
		port     int32
	}
	names, taken := map[string]bool{}, map[endpoint]bool{}
	var errs field.ErrorList
	for i, port := range spec.Ports {
		portPath := path.Index(i)
		if port.Name != "" {
			errs = append(errs, messages(portPath.Child("name"), port.Name, validation.IsDNS1123Label(port.Name))...)
			if names[port.Name] {
				errs = append(errs, field.Duplicate(portPath.Child("name"), port.Name))
			}
			names[port.Name] = true
		} else if len(spec.Ports) > 1 {
			errs = append(errs, field.Required(portPath.Child("name"), ""))
		}
		errs = append(errs, messages(portPath.Child("port"), port.Port, validation.IsValidPortNum(int(port.Port)))...)
		errs = append(errs, oneOf(port.Protocol, portPath.Child("protocol"), protocols)...)
		errs = append(errs, validatePort(port.TargetPort, portPath.Child("targetPort"))...)
		key := endpoint{port.Protocol, port.Port}
		if taken[key] {
			errs = append(errs, field.Duplicate(portPath, printedServicePort{Protocol: port.Protocol, Port: port.Port}))
		}
		taken[key] = true
	}
	return errs
}

// Source: pkg/apis/core/validation/validation.go:validateUpgradeDowngradeClusterIPs.
func validateServiceUpdate(spec, old *corev1.ServiceSpec, path *field.Path) field.ErrorList {
	if spec.Type == corev1.ServiceTypeExternalName || old.Type == corev1.ServiceTypeExternalName {
		return nil
	}
	if old.ClusterIP != "" && spec.ClusterIP != old.ClusterIP {
		return field.ErrorList{field.Invalid(path.Child("clusterIPs").Index(0), spec.ClusterIPs, "may not change once set")}
	}
	return nil
}
