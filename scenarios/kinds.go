package scenarios

import (
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/scenarios/words"
)

// simulated are the kinds that manifests can hold and that the simulation knows, by "apiVersion kind".
var simulated = map[string]func() Object{
	"apps/v1 StatefulSet":            func() Object { return new(appsv1.StatefulSet) },
	"batch/v1 CronJob":               func() Object { return new(batchv1.CronJob) },
	"batch/v1 Job":                   func() Object { return new(batchv1.Job) },
	"policy/v1 PodDisruptionBudget":  func() Object { return new(policyv1.PodDisruptionBudget) },
	"storage.k8s.io/v1 StorageClass": func() Object { return new(storagev1.StorageClass) },
	"v1 ConfigMap":                   func() Object { return new(corev1.ConfigMap) },
	"v1 Namespace":                   func() Object { return new(corev1.Namespace) },
	"v1 PersistentVolume":            func() Object { return new(corev1.PersistentVolume) },
	"v1 PersistentVolumeClaim":       func() Object { return new(corev1.PersistentVolumeClaim) },
	"v1 Pod":                         func() Object { return new(corev1.Pod) },
	"v1 Secret":                      func() Object { return new(corev1.Secret) },
	"v1 Service":                     func() Object { return new(corev1.Service) },
	"v1 ServiceAccount":              func() Object { return new(corev1.ServiceAccount) },
}

// namespaced is false for the simulated kinds that live outside all namespaces.
func namespaced(kind string) bool {
	return kind != "Namespace" && kind != "PersistentVolume" && kind != "StorageClass"
}

// unsimulated are the other kinds that Kubernetes itself serves, by group: a manifest may hold them, and they have no effect.
var unsimulated = map[string][]string{
	"":                             {"Binding", "Endpoints", "Event", "LimitRange", "Node", "PodTemplate", "ReplicationController", "ResourceQuota"},
	"admissionregistration.k8s.io": {"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration"},
	"apiextensions.k8s.io":         {"CustomResourceDefinition"},
	"apiregistration.k8s.io":       {"APIService"},
	"apps":                         {"ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet"},
	"autoscaling":                  {"HorizontalPodAutoscaler"},
	"batch":                        {},
	"certificates.k8s.io":          {"CertificateSigningRequest", "ClusterTrustBundle"},
	"coordination.k8s.io":          {"Lease"},
	"discovery.k8s.io":             {"EndpointSlice"},
	"events.k8s.io":                {"Event"},
	"flowcontrol.apiserver.k8s.io": {"FlowSchema", "PriorityLevelConfiguration"},
	"networking.k8s.io":            {"IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR"},
	"node.k8s.io":                  {"RuntimeClass"},
	"policy":                       {},
	"rbac.authorization.k8s.io":    {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"},
	"resource.k8s.io":              {"DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"},
	"scheduling.k8s.io":            {"PriorityClass"},
	"storage.k8s.io":               {"CSIDriver", "CSINode", "CSIStorageCapacity", "VolumeAttachment", "VolumeAttributesClass"},
}

// group is the API group of an apiVersion; that of "v1" is "".
func group(apiVersion string) string {
	group, _, found := strings.Cut(apiVersion, "/")
	if !found {
		return ""
	}
	return group
}

// unknownKind says what is wrong with a kind that is not simulated: "" if it is one that Kubernetes or an extension serves.
func unknownKind(apiVersion, kind string) (problem, cure string) {
	of := group(apiVersion)
	others, builtin := unsimulated[of]
	if slices.Contains(others, kind) {
		return "", ""
	}
	if !builtin && strings.Contains(of, ".") && !strings.HasSuffix(of, ".k8s.io") {
		return "", "" // a custom resource, or one of an extension
	}
	known := slices.Clone(others)
	for _, k := range sortedKeys(simulated) {
		version, name, _ := strings.Cut(k, " ")
		if name == kind {
			return "the kind " + kind + " has no apiVersion " + words.Quoted(apiVersion), "apiVersion: " + version
		}
		known = append(known, name)
	}
	for _, g := range sortedKeys(unsimulated) {
		if slices.Contains(unsimulated[g], kind) {
			return "the kind " + kind + " has no apiVersion " + words.Quoted(apiVersion), "it belongs to the group " + words.Quoted(g)
		}
	}
	if !builtin {
		return "the apiVersion " + words.Quoted(apiVersion) + " is not known", words.DidYouMean(of, sortedKeys(unsimulated))
	}
	if best := words.Nearest(kind, known); best != "" {
		return "no kind is named " + words.Quoted(kind), "did you mean " + words.Quoted(best) + "?"
	}
	return "no kind is named " + words.Quoted(kind), "a custom resource has an apiVersion with its own group, like example.com/v1"
}
