package store

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var (
	accessModes      = []corev1.PersistentVolumeAccessMode{corev1.ReadOnlyMany, corev1.ReadWriteMany, corev1.ReadWriteOnce, corev1.ReadWriteOncePod}
	volumeModes      = []corev1.PersistentVolumeMode{corev1.PersistentVolumeBlock, corev1.PersistentVolumeFilesystem}
	reclaimPolicies  = []corev1.PersistentVolumeReclaimPolicy{corev1.PersistentVolumeReclaimDelete, corev1.PersistentVolumeReclaimRetain}
	bindingModes     = []storagev1.VolumeBindingMode{storagev1.VolumeBindingImmediate, storagev1.VolumeBindingWaitForFirstConsumer}
	storageRequested = string(corev1.ResourceStorage)
)

// Source: pkg/apis/core/validation/validation.go:ValidatePersistentVolumeClaimSpec.
func validateClaim(spec *corev1.PersistentVolumeClaimSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if len(spec.AccessModes) == 0 {
		errs = append(errs, field.Required(path.Child("accessModes"), "at least 1 access mode is required"))
	}
	if spec.Selector != nil {
		errs = append(errs, validateSelector(spec.Selector, path.Child("selector"))...)
	}
	for _, mode := range spec.AccessModes {
		errs = append(errs, oneOf(mode, path.Child("accessModes"), accessModes)...)
	}
	if len(spec.AccessModes) > 1 && slices.Contains(spec.AccessModes, corev1.ReadWriteOncePod) {
		errs = append(errs, field.Forbidden(path.Child("accessModes"), "may not use ReadWriteOncePod with other access modes"))
	}
	requestPath := path.Child("resources").Key(storageRequested)
	if size, ok := spec.Resources.Requests[corev1.ResourceStorage]; !ok {
		errs = append(errs, field.Required(requestPath, ""))
	} else if size.Sign() <= 0 {
		errs = append(errs, field.Invalid(requestPath, size.String(), "must be greater than zero"))
	}
	if class := spec.StorageClassName; class != nil && *class != "" {
		errs = append(errs, messages(path.Child("storageClassName"), *class, apivalidation.NameIsDNSSubdomain(*class, false))...)
	}
	if spec.VolumeMode != nil {
		errs = append(errs, oneOf(*spec.VolumeMode, path.Child("volumeMode"), volumeModes)...)
	}
	return errs
}

// validateClaimUpdate lets a bound claim grow, and shrink back as long as it stays above what it has; a volume can be bound
// to a claim that has none, and a class be given to one that names none.
// Source: pkg/apis/core/validation/validation.go:ValidatePersistentVolumeClaimUpdate.
func validateClaimUpdate(claim, old *corev1.PersistentVolumeClaim, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	rest := claim.Spec
	if old.Spec.VolumeName == "" {
		rest.VolumeName = ""
	}
	if old.Spec.StorageClassName == nil {
		rest.StorageClassName = nil
	}
	if claim.Status.Phase == corev1.ClaimBound {
		rest.Resources.Requests = withSize(rest.Resources.Requests, old.Spec.Resources.Requests)
		rest.VolumeAttributesClassName = old.Spec.VolumeAttributesClassName
	}
	if !equal(&rest, &old.Spec) {
		errs = append(errs, field.Forbidden(path, "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"))
	}
	size, was, has := claim.Spec.Resources.Requests.Storage(), old.Spec.Resources.Requests.Storage(), old.Status.Capacity.Storage()
	if size.Cmp(*was) < 0 && size.Cmp(*has) <= 0 {
		errs = append(errs, field.Forbidden(path.Child("resources", "requests", "storage"), "field can not be less than status.capacity"))
	}
	return errs
}

// withSize returns requests with the storage of others.
func withSize(requests, others corev1.ResourceList) corev1.ResourceList {
	result := requests.DeepCopy()
	if size, ok := others[corev1.ResourceStorage]; ok && result != nil {
		result[corev1.ResourceStorage] = size
	}
	return result
}

// Source: pkg/apis/storage/validation/validation.go:ValidateStorageClass.
func validateStorageClass(class *storagev1.StorageClass) field.ErrorList {
	var errs field.ErrorList
	provisioner := field.NewPath("provisioner")
	if class.Provisioner == "" {
		errs = append(errs, field.Required(provisioner, ""))
	} else {
		errs = append(errs, messages(provisioner, class.Provisioner, validation.IsQualifiedName(strings.ToLower(class.Provisioner)))...)
	}
	if _, ok := class.Parameters[""]; ok {
		errs = append(errs, field.Invalid(field.NewPath("parameters"), "", "field can not be empty."))
	}
	if policy := class.ReclaimPolicy; policy != nil && *policy != "" {
		errs = append(errs, oneOf(*policy, field.NewPath("reclaimPolicy"), reclaimPolicies)...)
	}
	if class.VolumeBindingMode == nil {
		return append(errs, field.Required(field.NewPath("volumeBindingMode"), ""))
	}
	return append(errs, oneOf(*class.VolumeBindingMode, field.NewPath("volumeBindingMode"), bindingModes)...)
}

// Source: pkg/apis/storage/validation/validation.go:ValidateStorageClassUpdate.
func validateStorageClassUpdate(class, old *storagev1.StorageClass) field.ErrorList {
	errs := apivalidation.ValidateImmutableField(class.Parameters, old.Parameters, field.NewPath("parameters"))
	errs = append(errs, apivalidation.ValidateImmutableField(class.Provisioner, old.Provisioner, field.NewPath("provisioner"))...)
	errs = append(errs, apivalidation.ValidateImmutableField(class.ReclaimPolicy, old.ReclaimPolicy, field.NewPath("reclaimPolicy"))...)
	return append(errs, apivalidation.ValidateImmutableField(class.VolumeBindingMode, old.VolumeBindingMode, field.NewPath("volumeBindingMode"))...)
}
