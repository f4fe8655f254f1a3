package store

import (
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var (
	restartPolicies = []corev1.RestartPolicy{corev1.RestartPolicyAlways, corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever}
	dnsPolicies     = []corev1.DNSPolicy{corev1.DNSClusterFirstWithHostNet, corev1.DNSClusterFirst, corev1.DNSDefault, corev1.DNSNone}
)

// validatePod checks what only a pod is asked for, and a pod template is not.
// Source: pkg/apis/core/validation/validation.go:ValidatePodCreate.
func validatePod(pod *corev1.Pod, path *field.Path) field.ErrorList {
	errs := validatePodSpec(&pod.Spec, path)
	errs = append(errs, nonnegativePointer(pod.Spec.TerminationGracePeriodSeconds, path.Child("terminationGracePeriodSeconds"))...)
	errs = append(errs, validateImages(pod.Spec.Containers, path.Child("containers"))...)
	errs = append(errs, validateImages(pod.Spec.InitContainers, path.Child("initContainers"))...)
	if len(pod.Spec.SchedulingGates) > 0 && pod.Spec.NodeName != "" {
		errs = append(errs, field.Forbidden(path.Child("nodeName"), "cannot be set until all schedulingGates have been cleared"))
	}
	return errs
}

func validateImages(containers []corev1.Container, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range containers {
		if image := containers[i].Image; strings.TrimSpace(image) != image {
			errs = append(errs, field.Invalid(path.Index(i).Child("image"), image, "must not have leading or trailing whitespace"))
		}
	}
	return errs
}

// Source: pkg/apis/core/validation/validation.go:ValidatePodSpec.
func validatePodSpec(spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	if spec.TerminationGracePeriodSeconds == nil {
		return field.ErrorList{field.Required(path.Child("terminationGracePeriodSeconds"), "")}
	}
	volumes, errs := validateVolumes(spec.Volumes, path.Child("volumes"))
	errs = append(errs, validateContainers(spec, volumes, path.Child("containers"))...)
	errs = append(errs, validateInitContainers(spec, volumes, path.Child("initContainers"))...)
	errs = append(errs, oneOf(spec.RestartPolicy, path.Child("restartPolicy"), restartPolicies)...)
	errs = append(errs, oneOf(spec.DNSPolicy, path.Child("dnsPolicy"), dnsPolicies)...)
	errs = append(errs, validatePodNames(spec, path)...)
	errs = append(errs, validatePlacement(spec, path)...)
	if deadline := spec.ActiveDeadlineSeconds; deadline != nil && (*deadline < 1 || *deadline > math.MaxInt32) {
		errs = append(errs, field.Invalid(path.Child("activeDeadlineSeconds"), *deadline, validation.InclusiveRangeError(1, math.MaxInt32)))
	}
	for i, gate := range spec.SchedulingGates {
		errs = append(errs, messages(path.Child("schedulingGates").Index(i), gate.Name, validation.IsQualifiedName(gate.Name))...)
		if slices.Contains(spec.SchedulingGates[:i], gate) {
			errs = append(errs, field.Duplicate(path.Child("schedulingGates").Index(i), gate.Name))
		}
	}
	for i, gate := range spec.ReadinessGates {
		errs = append(errs, messages(path.Child("readinessGates").Index(i).Child("conditionType"), string(gate.ConditionType),
			validation.IsQualifiedName(string(gate.ConditionType)))...)
	}
	return errs
}

// validatePodNames checks the names that a pod spec gives or refers to.
func validatePodNames(spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if spec.Hostname != "" {
		errs = append(errs, messages(path.Child("hostname"), spec.Hostname, validation.IsDNS1123Label(spec.Hostname))...)
	}
	if spec.Subdomain != "" {
		errs = append(errs, messages(path.Child("subdomain"), spec.Subdomain, validation.IsDNS1123Label(spec.Subdomain))...)
	}
	if spec.NodeName != "" {
		errs = append(errs, messages(path.Child("nodeName"), spec.NodeName, apivalidation.NameIsDNSSubdomain(spec.NodeName, false))...)
	}
	if spec.ServiceAccountName != "" {
		errs = append(errs, messages(path.Child("serviceAccountName"), spec.ServiceAccountName, apivalidation.NameIsDNSSubdomain(spec.ServiceAccountName, false))...)
	}
	if spec.PriorityClassName != "" {
		errs = append(errs, messages(path.Child("priorityClassName"), spec.PriorityClassName, apivalidation.NameIsDNSSubdomain(spec.PriorityClassName, false))...)
	}
	return errs
}

// validatePlacement checks what the scheduler reads.
func validatePlacement(spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	errs := byField(metavalidation.ValidateLabels(spec.NodeSelector, path.Child("nodeSelector")))
	errs = append(errs, validateAffinity(spec.Affinity, path.Child("affinity"))...)
	errs = append(errs, validateSpread(spec.TopologySpreadConstraints, path.Child("topologySpreadConstraints"))...)
	if len(spec.Tolerations) > 0 {
		errs = append(errs, validateTolerations(spec.Tolerations, path.Child("tolerations"))...)
	}
	return errs
}

// updatablePodFields is how Kubernetes lists what an update may change in a pod's spec.
var updatablePodFields = strings.Join([]string{
	"`spec.containers[*].image`",
	"`spec.initContainers[*].image`",
	"`spec.activeDeadlineSeconds`",
	"`spec.tolerations` (only additions to existing tolerations)",
	"`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
}, ",")

// Source: pkg/apis/core/validation/validation.go:ValidatePodUpdate.
func validatePodUpdate(spec, old *corev1.PodSpec, path *field.Path) field.ErrorList {
	switch {
	case len(spec.Containers) != len(old.Containers):
		return field.ErrorList{field.Forbidden(path.Child("containers"), "pod updates may not add or remove containers")}
	case len(spec.InitContainers) != len(old.InitContainers):
		return field.ErrorList{field.Forbidden(path.Child("initContainers"), "pod updates may not add or remove containers")}
	}
	errs := validateDeadlineUpdate(spec.ActiveDeadlineSeconds, old.ActiveDeadlineSeconds, path.Child("activeDeadlineSeconds"))
	for i, gate := range spec.SchedulingGates {
		if !slices.Contains(old.SchedulingGates, gate) {
			errs = append(errs, field.Forbidden(path.Child("schedulingGates").Index(i).Child("name"),
				"only deletion is allowed, but found new scheduling gate '"+gate.Name+"'"))
		}
	}
	errs = append(errs, validateAddedTolerations(spec.Tolerations, old.Tolerations, path.Child("tolerations"))...)
	rest := *spec
	rest.Containers = withImagesOf(spec.Containers, old.Containers)
	rest.InitContainers = withImagesOf(spec.InitContainers, old.InitContainers)
	rest.ActiveDeadlineSeconds, rest.Tolerations, rest.SchedulingGates = old.ActiveDeadlineSeconds, old.Tolerations, old.SchedulingGates
	if !equal(&rest, old) {
		errs = append(errs, field.Forbidden(path, "pod updates may not change fields other than "+updatablePodFields))
	}
	return errs
}

func validateDeadlineUpdate(deadline, old *int64, path *field.Path) field.ErrorList {
	switch {
	case old == nil:
		return nil
	case deadline == nil:
		return field.ErrorList{field.Invalid(path, deadline, "must not update from a positive integer to nil value")}
	case *deadline > *old:
		return field.ErrorList{field.Invalid(path, *deadline, "must be less than or equal to previous value")}
	}
	return nil
}

func validateAddedTolerations(tolerations, old []corev1.Toleration, path *field.Path) field.ErrorList {
	for _, was := range old {
		kept := slices.ContainsFunc(tolerations, func(t corev1.Toleration) bool {
			return t.Key == was.Key && t.Operator == was.Operator && t.Value == was.Value && t.Effect == was.Effect
		})
		if !kept {
			return field.ErrorList{field.Forbidden(path, "existing toleration can not be modified except its tolerationSeconds")}
		}
	}
	return nil
}

// withImagesOf returns the containers with the images of others, as many as they are.
func withImagesOf(containers, others []corev1.Container) []corev1.Container {
	result := slices.Clone(containers)
	for i := range result {
		result[i].Image = others[i].Image
	}
	return result
}
