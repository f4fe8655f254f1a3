package store

import (
	"errors"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
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
	errs = append(errs, validateAccessModes(spec.AccessModes, path.Child("accessModes"))...)
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

// validateAccessModes checks each mode, and that the mode for one pod stands alone.
func validateAccessModes(modes []corev1.PersistentVolumeAccessMode, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	single, shared := false, false
	for _, mode := range modes {
		if !slices.Contains(accessModes, mode) {
			errs = append(errs, field.NotSupported(path, mode, accessModes))
		}
		single = single || mode == corev1.ReadWriteOncePod
		shared = shared || mode != corev1.ReadWriteOncePod && slices.Contains(accessModes, mode)
	}
	if single && shared {
		errs = append(errs, field.Forbidden(path, "may not use ReadWriteOncePod with other access modes"))
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
	if givesClass(claim, old) {
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
	return append(errs, apivalidation.ValidateImmutableField(claim.Spec.VolumeMode, old.Spec.VolumeMode, field.NewPath("volumeMode"))...)
}

// givesClass tells whether a claim that named no class may have the one that it names now: any one, or else the one that its
// older annotation names
// (pkg/apis/core/validation/validation.go:validateStorageClassUpgradeFromNil, validateStorageClassUpgradeFromAnnotation).
func givesClass(claim, old *corev1.PersistentVolumeClaim) bool {
	if claim.Spec.StorageClassName == nil || old.Spec.StorageClassName != nil {
		return false
	}
	annotated, ok := old.Annotations[corev1.BetaStorageClassAnnotation]
	return !ok || *claim.Spec.StorageClassName == annotated
}

// checkExpansion refuses to let a claim grow whose class does not say that its volumes may. A claim that is not bound yet has
// been refused before.
// Source: plugin/pkg/admission/storage/persistentvolume/resize/admission.go.
func (s *Store) checkExpansion(obj, old Object) error {
	claim, ok := obj.(*corev1.PersistentVolumeClaim)
	if !ok {
		return nil
	}
	before := old.(*corev1.PersistentVolumeClaim)
	if claim.Spec.Resources.Requests.Storage().Cmp(*before.Spec.Resources.Requests.Storage()) <= 0 {
		return nil
	}
	if name := classOf(claim); name == classOf(before) {
		class, ok := Get[*storagev1.StorageClass](s.view, "", name)
		if ok && class.AllowVolumeExpansion != nil && *class.AllowVolumeExpansion {
			return nil
		}
	}
	return apierrors.NewForbidden(PersistentVolumeClaim.GroupResource(), claim.Name, errNotExpandable)
}

var errNotExpandable = errors.New("only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize")

// classOf returns the name of a claim's class, "" for none.
// Source: pkg/apis/core/helper/helpers.go:GetPersistentVolumeClaimClass.
func classOf(claim *corev1.PersistentVolumeClaim) string {
	if class, ok := claim.Annotations[corev1.BetaStorageClassAnnotation]; ok {
		return class
	}
	if claim.Spec.StorageClassName != nil {
		return *claim.Spec.StorageClassName
	}
	return ""
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
		errs = append(errs, field.Required(field.NewPath("volumeBindingMode"), ""))
	} else {
		errs = append(errs, oneOf(*class.VolumeBindingMode, field.NewPath("volumeBindingMode"), bindingModes)...)
	}
	for i := range class.AllowedTopologies {
		errs = append(errs, validateTopology(&class.AllowedTopologies[i], field.NewPath("allowedTopologies").Index(i))...)
	}
	return errs
}

// Source: pkg/apis/core/validation/validation.go:ValidateTopologySelectorTerm.
func validateTopology(term *corev1.TopologySelectorTerm, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i, r := range term.MatchLabelExpressions {
		requirement := path.Child("matchLabelExpressions").Index(i)
		if len(r.Values) == 0 {
			errs = append(errs, field.Required(requirement.Child("values"), ""))
		}
		for j, value := range r.Values {
			if slices.Contains(r.Values[:j], value) {
				errs = append(errs, field.Duplicate(requirement.Child("values").Index(j), value))
			}
		}
		errs = append(errs, metavalidation.ValidateLabelName(r.Key, requirement.Child("key"))...)
		if slices.ContainsFunc(term.MatchLabelExpressions[:i], func(o corev1.TopologySelectorLabelRequirement) bool { return o.Key == r.Key }) {
			errs = append(errs, field.Duplicate(requirement.Child("key"), r.Key))
		}
	}
	return errs
}

// Source: pkg/apis/storage/validation/validation.go:ValidateStorageClassUpdate.
func validateStorageClassUpdate(class, old *storagev1.StorageClass) field.ErrorList {
	errs := apivalidation.ValidateImmutableField(class.Parameters, old.Parameters, field.NewPath("parameters"))
	errs = append(errs, apivalidation.ValidateImmutableField(class.Provisioner, old.Provisioner, field.NewPath("provisioner"))...)
	errs = append(errs, apivalidation.ValidateImmutableField(class.ReclaimPolicy, old.ReclaimPolicy, field.NewPath("reclaimPolicy"))...)
	return append(errs, apivalidation.ValidateImmutableField(class.VolumeBindingMode, old.VolumeBindingMode, field.NewPath("volumeBindingMode"))...)
}
