package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/validate/content"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Validate returns what the API server finds wrong with a defaulted object, in its own words and with the paths of the
// fields: as a new object, or as the successor of old if that is not nil. What the model reads is checked as Kubernetes
// checks it; fields that nothing reads (security contexts, the sources of cloud volumes, node ports) are let through, and
// messages end where Kubernetes goes on to print a difference. The status is not looked at. The gates are those of
// Kubernetes 1.37; see [Gates.Validate] for others.
// Source: pkg/apis/{core,apps,batch,policy,storage}/validation/validation.go.
func Validate(obj, old Object) field.ErrorList { return latest.Validate(obj, old) }

// Validate is [Validate] with these gates.
func (g Gates) Validate(obj, old Object) field.ErrorList {
	if old != nil {
		return g.validateUpdate(obj, old, !sameSpec(obj, old))
	}
	errs := validateMetadata(obj)
	return append(errs, g.validateSpec(obj, nil)...)
}

// validateUpdate is Validate for an update of which it is known already whether the spec is another one. What did not change
// was valid when it was stored.
func (g Gates) validateUpdate(obj, old Object, respecified bool) field.ErrorList {
	var errs field.ErrorList
	if meta, oldMeta := metaOf(obj), metaOf(old); !sameMetadata(meta, oldMeta) {
		errs = byField(apivalidation.ValidateObjectMetaUpdate(meta, oldMeta, field.NewPath("metadata")))
		errs = append(errs, apivalidation.ValidateFinalizers(meta.Finalizers, field.NewPath("metadata", "finalizers"))...)
		errs = append(errs, validateFinalizerNames(meta.Finalizers)...)
	}
	if !respecified {
		return errs
	}
	errs = append(errs, g.validateSpec(obj, old)...)
	return append(errs, g.validateSpecUpdate(obj, old)...)
}

// validateSpec checks a spec for itself. Of what an update may not change, and so keeps, less is asked; old is nil for a new
// object.
func (g Gates) validateSpec(obj, old Object) field.ErrorList {
	spec := field.NewPath("spec")
	switch o := obj.(type) {
	case *appsv1.StatefulSet:
		return g.validateStatefulSet(o, old, spec)
	case *batchv1.CronJob:
		return validateCronJob(o, old, spec)
	case *batchv1.Job:
		return validateJob(o, spec)
	case *corev1.Pod:
		return validatePod(o, spec)
	case *corev1.PersistentVolumeClaim:
		return validateClaim(&o.Spec, spec)
	case *corev1.PersistentVolume:
		return validatePersistentVolume(&o.Spec, spec)
	case *corev1.Service:
		return validateService(&o.Spec, spec)
	case *corev1.Node:
		return validateNode(o)
	case *corev1.ConfigMap:
		return validateConfigMap(o)
	case *corev1.Secret:
		return validateSecret(o)
	case *policyv1.PodDisruptionBudget:
		return validateBudget(&o.Spec, spec)
	case *storagev1.StorageClass:
		return validateStorageClass(o)
	}
	return nil
}

func (g Gates) validateSpecUpdate(obj, old Object) field.ErrorList {
	spec := field.NewPath("spec")
	switch o := obj.(type) {
	case *appsv1.StatefulSet:
		return g.validateStatefulSetUpdate(&o.Spec, &old.(*appsv1.StatefulSet).Spec, spec)
	case *corev1.Pod:
		return validatePodUpdate(&o.Spec, &old.(*corev1.Pod).Spec, spec)
	case *batchv1.Job:
		return validateJobUpdate(&o.Spec, &old.(*batchv1.Job).Spec, spec)
	case *corev1.PersistentVolumeClaim:
		return validateClaimUpdate(o, old.(*corev1.PersistentVolumeClaim), spec)
	case *corev1.PersistentVolume:
		return validatePersistentVolumeUpdate(&o.Spec, &old.(*corev1.PersistentVolume).Spec)
	case *corev1.Service:
		return validateServiceUpdate(&o.Spec, &old.(*corev1.Service).Spec, spec)
	case *corev1.ConfigMap:
		return validateConfigMapUpdate(o, old.(*corev1.ConfigMap))
	case *corev1.Secret:
		return validateSecretUpdate(o, old.(*corev1.Secret))
	case *storagev1.StorageClass:
		return validateStorageClassUpdate(o, old.(*storagev1.StorageClass))
	case *storagev1.VolumeAttachment:
		return apivalidation.ValidateImmutableField(o.Spec, old.(*storagev1.VolumeAttachment).Spec, spec)
	case *appsv1.ControllerRevision:
		return validateRevisionUpdate(o, old.(*appsv1.ControllerRevision))
	}
	return nil
}

// validateStatus checks a status that differs from the stored one.
func validateStatus(obj, old Object) field.ErrorList {
	status := field.NewPath("status")
	switch o := obj.(type) {
	case *appsv1.StatefulSet:
		return validateStatefulSetStatus(&o.Status, &old.(*appsv1.StatefulSet).Status, status)
	case *corev1.Node:
		return validateNodeResources(o)
	case *policyv1.PodDisruptionBudget:
		return validateBudgetStatus(&o.Status, status)
	}
	return nil
}

func validateMetadata(obj Object) field.ErrorList {
	kind := KindOf(obj)
	name := apivalidation.NameIsDNSSubdomain
	switch kind {
	case StatefulSet, Namespace, Service:
		name = apivalidation.NameIsDNSLabel
	case PodDisruptionBudget: // only what every name is asked for
		name = func(name string, _ bool) []string { return content.IsPathSegmentName(name) }
	}
	errs := byField(apivalidation.ValidateObjectMeta(metaOf(obj), kind.Namespaced(), name, field.NewPath("metadata")))
	return append(errs, validateFinalizerNames(obj.GetFinalizers())...)
}

// validateFinalizerNames finds finalizers without a domain that are not Kubernetes' own.
// Source: pkg/apis/core/validation/validation.go:validateKubeFinalizerName.
func validateFinalizerNames(finalizers []string) field.ErrorList {
	var errs field.ErrorList
	for i, name := range finalizers {
		switch name {
		case string(corev1.FinalizerKubernetes), metav1.FinalizerOrphanDependents, metav1.FinalizerDeleteDependents:
			continue
		}
		if !strings.Contains(name, "/") {
			errs = append(errs, field.Invalid(field.NewPath("metadata", "finalizers").Index(i), name,
				"name is neither a standard finalizer name nor is it fully qualified"))
		}
	}
	return errs
}

// byField puts the errors of one map into an order of their own: they were found in that of the map's keys, which is another
// one each time. The order of the maps, and of all else, stays.
func byField(errs field.ErrorList) field.ErrorList {
	owner := func(e *field.Error) string { path, _, _ := strings.Cut(e.Field, "["); return path }
	for start := 0; start < len(errs); {
		end := start + 1
		for end < len(errs) && owner(errs[end]) == owner(errs[start]) {
			end++
		}
		slices.SortStableFunc(errs[start:end], func(a, b *field.Error) int {
			return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(fmt.Sprint(a.BadValue), fmt.Sprint(b.BadValue)), cmp.Compare(a.Detail, b.Detail))
		})
		start = end
	}
	return errs
}

// validateRevisionUpdate keeps the data of a ControllerRevision as it is; its number may change.
func validateRevisionUpdate(revision, old *appsv1.ControllerRevision) field.ErrorList {
	errs := apivalidation.ValidateNonnegativeField(revision.Revision, field.NewPath("revision"))
	return append(errs, apivalidation.ValidateImmutableField(revision.Data, old.Data, field.NewPath("data"))...)
}

// nonnegative checks a count.
func nonnegative[T ~int32 | ~int64](value T, path *field.Path) field.ErrorList {
	if value >= 0 {
		return nil
	}
	return apivalidation.ValidateNonnegativeField(int64(value), path)
}

// nonnegativePointer checks a count that may be missing.
func nonnegativePointer[T ~int32 | ~int64](value *T, path *field.Path) field.ErrorList {
	if value == nil {
		return nil
	}
	return nonnegative(*value, path)
}

// oneOf checks a field that has to have one of a few values, given in the order in which Kubernetes lists them.
func oneOf[T ~string](value T, path *field.Path, supported []T) field.ErrorList {
	switch {
	case slices.Contains(supported, value):
		return nil
	case value == "":
		return field.ErrorList{field.Required(path, "")}
	}
	return field.ErrorList{field.NotSupported(path, value, supported)}
}

// messages makes errors of what k8s.io/apimachinery's validators of single values say.
func messages(path *field.Path, value any, texts []string) field.ErrorList {
	var errs field.ErrorList
	for _, text := range texts {
		errs = append(errs, field.Invalid(path, value, text))
	}
	return errs
}

// sortedKeys returns the keys of a map, in the order in which errors about them are told.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
