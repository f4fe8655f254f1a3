package store

import (
	"fmt"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var retentionPolicies = []appsv1.PersistentVolumeClaimRetentionPolicyType{
	appsv1.RetainPersistentVolumeClaimRetentionPolicyType, appsv1.DeletePersistentVolumeClaimRetentionPolicyType,
}

// validateStatefulSet checks a set; of one that takes the place of another, the claim templates and the Service's name may
// not change and are not looked at again.
// Source: pkg/apis/apps/validation/validation.go:ValidateStatefulSetSpec.
func (g Gates) validateStatefulSet(set *appsv1.StatefulSet, old Object, path *field.Path) field.ErrorList {
	spec := &set.Spec
	var errs field.ErrorList
	switch spec.PodManagementPolicy {
	case appsv1.OrderedReadyPodManagement, appsv1.ParallelPodManagement:
	default:
		errs = append(errs, field.Invalid(path.Child("podManagementPolicy"), spec.PodManagementPolicy,
			fmt.Sprintf("must be '%s' or '%s'", appsv1.OrderedReadyPodManagement, appsv1.ParallelPodManagement)))
	}
	errs = append(errs, validateUpdateStrategy(&spec.UpdateStrategy, g.allowsRecreate(old), path.Child("updateStrategy"))...)
	if policy := spec.PersistentVolumeClaimRetentionPolicy; policy != nil {
		policyPath := path.Child("persistentVolumeClaimRetentionPolicy")
		errs = append(errs, oneOf(policy.WhenDeleted, policyPath.Child("whenDeleted"), retentionPolicies)...)
		errs = append(errs, oneOf(policy.WhenScaled, policyPath.Child("whenScaled"), retentionPolicies)...)
	}
	for i := range spec.VolumeClaimTemplates {
		if old != nil {
			break
		}
		errs = append(errs, validateClaim(&spec.VolumeClaimTemplates[i].Spec, path.Child("volumeClaimTemplates").Index(i).Child("spec"))...)
	}
	errs = append(errs, nonnegativePointer(spec.Replicas, path.Child("replicas"))...)
	errs = append(errs, nonnegative(spec.MinReadySeconds, path.Child("minReadySeconds"))...)
	if spec.Ordinals != nil {
		errs = append(errs, nonnegative(spec.Ordinals.Start, path.Child("ordinals.start"))...)
	}
	if old == nil && spec.ServiceName != "" {
		errs = append(errs, messages(path.Child("serviceName"), spec.ServiceName, validation.IsDNS1123Label(spec.ServiceName))...)
	}
	errs = append(errs, validateSetSelector(spec, path)...)
	return append(errs, validateSetTemplate(spec, path.Child("template"))...)
}

// allowsRecreate tells whether a set may have the strategy Recreate: one that has it already may keep it whatever the gate.
func (g Gates) allowsRecreate(old Object) bool {
	was, ok := old.(*appsv1.StatefulSet)
	return g.StatefulSetRecreateStrategy || ok && was.Spec.UpdateStrategy.Type == appsv1.RecreateStatefulSetStrategyType
}

func validateUpdateStrategy(strategy *appsv1.StatefulSetUpdateStrategy, recreate bool, path *field.Path) field.ErrorList {
	rolling := strategy.RollingUpdate
	other := strategy.Type == appsv1.OnDeleteStatefulSetStrategyType || recreate && strategy.Type == appsv1.RecreateStatefulSetStrategyType
	switch {
	case strategy.Type == appsv1.RollingUpdateStatefulSetStrategyType && rolling != nil:
		return validateRollingUpdate(rolling, path.Child("rollingUpdate"))
	case other && rolling != nil:
		return field.ErrorList{field.Invalid(path.Child("rollingUpdate"), printRollingUpdate(rolling),
			fmt.Sprintf("only allowed for updateStrategy '%s'", appsv1.RollingUpdateStatefulSetStrategyType))}
	case other, strategy.Type == appsv1.RollingUpdateStatefulSetStrategyType:
		return nil
	}
	choices := "must be 'RollingUpdate' or 'OnDelete'"
	if recreate {
		choices = "must be 'RollingUpdate', 'OnDelete', or 'Recreate'"
	}
	return field.ErrorList{field.Invalid(path, printStrategy(strategy), choices)}
}

func validateRollingUpdate(rolling *appsv1.RollingUpdateStatefulSetStrategy, path *field.Path) field.ErrorList {
	errs := nonnegativePointer(rolling.Partition, path.Child("partition"))
	if rolling.MaxUnavailable == nil {
		return errs
	}
	most, mostPath := *rolling.MaxUnavailable, path.Child("maxUnavailable")
	errs = append(errs, validateIntOrPercent(most, mostPath)...)
	percent, isPercent := percentOf(most)
	if isPercent && percent == 0 || !isPercent && most.IntValue() == 0 {
		errs = append(errs, field.Invalid(mostPath, most, "cannot be 0"))
	}
	return append(errs, atMost100Percent(most, mostPath)...)
}

// validateIntOrPercent checks the form; what is above 100 % is looked for by atMost100Percent.
func validateIntOrPercent(value intstr.IntOrString, path *field.Path) field.ErrorList {
	if value.Type == intstr.String {
		return messages(path, value, validation.IsValidPercent(value.StrVal))
	}
	return nonnegative(value.IntVal, path)
}

func atMost100Percent(value intstr.IntOrString, path *field.Path) field.ErrorList {
	if percent, ok := percentOf(value); ok && percent > 100 {
		return field.ErrorList{field.Invalid(path, value, "must not be greater than 100%")}
	}
	return nil
}

func percentOf(value intstr.IntOrString) (percent int, ok bool) {
	if value.Type != intstr.String || len(validation.IsValidPercent(value.StrVal)) > 0 {
		return 0, false
	}
	percent, err := strconv.Atoi(value.StrVal[:len(value.StrVal)-1])
	return percent, err == nil
}

// validateSetSelector checks the selector for itself; whether the template matches it is looked at with the template.
func validateSetSelector(spec *appsv1.StatefulSetSpec, path *field.Path) field.ErrorList {
	path = path.Child("selector")
	if spec.Selector == nil {
		return field.ErrorList{field.Required(path, "")}
	}
	errs := byField(metavalidation.ValidateLabelSelector(spec.Selector, metavalidation.LabelSelectorValidationOptions{}, path))
	if len(spec.Selector.MatchLabels)+len(spec.Selector.MatchExpressions) == 0 {
		errs = append(errs, field.Invalid(path, spec.Selector, "empty selector is invalid for statefulset"))
	}
	return errs
}

// validateSetTemplate checks the pods that the set is going to make: their hostname and subdomain are the controller's, and
// the claim templates take the place of volumes of the same name.
func validateSetTemplate(spec *appsv1.StatefulSetSpec, path *field.Path) field.ErrorList {
	template := &spec.Template
	var errs field.ErrorList
	if selector, err := metav1.LabelSelectorAsSelector(spec.Selector); err == nil && !selector.Empty() && !selector.Matches(labels.Set(template.Labels)) {
		errs = append(errs, field.Invalid(path.Child("metadata", "labels"), template.Labels, "`selector` does not match template `labels`"))
	}
	pod := template.Spec
	pod.Hostname, pod.Subdomain = "", ""
	pod.Volumes = claimVolumes(spec)
	errs = append(errs, byField(metavalidation.ValidateLabels(template.Labels, path.Child("labels")))...)
	errs = append(errs, byField(apivalidation.ValidateAnnotations(template.Annotations, path.Child("annotations")))...)
	errs = append(errs, validatePodSpec(&pod, path.Child("spec"))...)
	if policy := pod.RestartPolicy; policy != corev1.RestartPolicyAlways {
		errs = append(errs, field.NotSupported(path.Child("spec", "restartPolicy"), policy, []corev1.RestartPolicy{corev1.RestartPolicyAlways}))
	}
	if pod.ActiveDeadlineSeconds != nil {
		errs = append(errs, field.Forbidden(path.Child("spec", "activeDeadlineSeconds"), "activeDeadlineSeconds in StatefulSet is not Supported"))
	}
	return errs
}

func claimVolumes(spec *appsv1.StatefulSetSpec) []corev1.Volume {
	if len(spec.VolumeClaimTemplates) == 0 {
		return spec.Template.Spec.Volumes
	}
	replaced := make(map[string]bool, len(spec.VolumeClaimTemplates))
	var claims, rest []corev1.Volume
	for i := range spec.VolumeClaimTemplates {
		name := spec.VolumeClaimTemplates[i].Name
		replaced[name] = true
		claims = append(claims, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: name},
		}})
	}
	for _, volume := range spec.Template.Spec.Volumes {
		if !replaced[volume.Name] {
			rest = append(rest, volume)
		}
	}
	return append(claims, rest...)
}

// otherSetFields is how Kubernetes before 1.37 lists what an update may change in a set's spec.
const otherSetFields = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
	"'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"

// Source: pkg/apis/apps/validation/validation.go:ValidateStatefulSetUpdate.
func (g Gates) validateStatefulSetUpdate(spec, old *appsv1.StatefulSetSpec, path *field.Path) field.ErrorList {
	if !g.NamesImmutableFields {
		if equal(spec.Selector, old.Selector) && equal(spec.VolumeClaimTemplates, old.VolumeClaimTemplates) &&
			spec.ServiceName == old.ServiceName && spec.PodManagementPolicy == old.PodManagementPolicy {
			return nil
		}
		return field.ErrorList{field.Forbidden(path, otherSetFields)}
	}
	errs := apivalidation.ValidateImmutableField(spec.Selector, old.Selector, path.Child("selector"))
	if !equal(spec.VolumeClaimTemplates, old.VolumeClaimTemplates) {
		errs = append(errs, field.Invalid(path.Child("volumeClaimTemplates"), printClaims(spec.VolumeClaimTemplates), apivalidation.FieldImmutableErrorMsg))
	}
	errs = append(errs, apivalidation.ValidateImmutableField(spec.ServiceName, old.ServiceName, path.Child("serviceName"))...)
	return append(errs, apivalidation.ValidateImmutableField(spec.PodManagementPolicy, old.PodManagementPolicy, path.Child("podManagementPolicy"))...)
}

// Source: pkg/apis/apps/validation/validation.go:ValidateStatefulSetStatusUpdate.
func validateStatefulSetStatus(status, old *appsv1.StatefulSetStatus, path *field.Path) field.ErrorList {
	errs := nonnegative(status.Replicas, path.Child("replicas"))
	errs = append(errs, nonnegative(status.ReadyReplicas, path.Child("readyReplicas"))...)
	errs = append(errs, nonnegative(status.CurrentReplicas, path.Child("currentReplicas"))...)
	errs = append(errs, nonnegative(status.UpdatedReplicas, path.Child("updatedReplicas"))...)
	errs = append(errs, nonnegative(status.AvailableReplicas, path.Child("availableReplicas"))...)
	errs = append(errs, nonnegative(status.ObservedGeneration, path.Child("observedGeneration"))...)
	errs = append(errs, nonnegativePointer(status.CollisionCount, path.Child("collisionCount"))...)
	for _, count := range []struct {
		name  string
		value int32
	}{
		{"readyReplicas", status.ReadyReplicas}, {"currentReplicas", status.CurrentReplicas},
		{"updatedReplicas", status.UpdatedReplicas}, {"availableReplicas", status.AvailableReplicas},
	} {
		if count.value > status.Replicas {
			errs = append(errs, field.Invalid(path.Child(count.name), count.value, "cannot be greater than status.replicas"))
		}
	}
	if status.AvailableReplicas > status.ReadyReplicas {
		errs = append(errs, field.Invalid(path.Child("availableReplicas"), status.AvailableReplicas, "cannot be greater than status.readyReplicas"))
	}
	if old.CollisionCount != nil && (status.CollisionCount == nil || *status.CollisionCount < *old.CollisionCount) {
		value := int32(0)
		if status.CollisionCount != nil {
			value = *status.CollisionCount
		}
		errs = append(errs, field.Invalid(path.Child("collisionCount"), value, "cannot be decremented"))
	}
	return errs
}
