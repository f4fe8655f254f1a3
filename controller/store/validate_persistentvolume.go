package store

import (
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var volumeReclaimPolicies = []corev1.PersistentVolumeReclaimPolicy{
	corev1.PersistentVolumeReclaimDelete, corev1.PersistentVolumeReclaimRecycle, corev1.PersistentVolumeReclaimRetain,
}

// Source: pkg/apis/core/validation/validation.go:ValidatePersistentVolumeSpec.
func validatePersistentVolume(spec *corev1.PersistentVolumeSpec, fieldPath *field.Path) field.ErrorList {
	errs := validateVolumeModes(spec.AccessModes, fieldPath.Child("accessModes"))
	errs = append(errs, validateCapacity(spec.Capacity, fieldPath.Child("capacity"))...)
	if policy := spec.PersistentVolumeReclaimPolicy; policy != "" {
		errs = append(errs, oneOf(policy, fieldPath.Child("persistentVolumeReclaimPolicy"), volumeReclaimPolicies)...)
	}
	if affinity := spec.NodeAffinity; affinity != nil {
		if affinity.Required == nil {
			errs = append(errs, field.Required(fieldPath.Child("nodeAffinity", "required"), "must specify required node constraints"))
		} else {
			errs = append(errs, validateNodeSelector(affinity.Required, fieldPath.Child("nodeAffinity", "required"))...)
		}
	}
	errs = append(errs, validatePersistentSource(spec, fieldPath)...)
	if spec.HostPath != nil && path.Clean(spec.HostPath.Path) == "/" && spec.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimRecycle {
		errs = append(errs, field.Forbidden(fieldPath.Child("persistentVolumeReclaimPolicy"), "may not be 'recycle' for a hostPath mount of '/'"))
	}
	if class := spec.StorageClassName; class != "" {
		errs = append(errs, messages(fieldPath.Child("storageClassName"), class, apivalidation.NameIsDNSSubdomain(class, false))...)
	}
	if spec.VolumeMode != nil {
		errs = append(errs, oneOf(*spec.VolumeMode, fieldPath.Child("volumeMode"), volumeModes)...)
	}
	return errs
}

func validateVolumeModes(modes []corev1.PersistentVolumeAccessMode, path *field.Path) field.ErrorList {
	if len(modes) == 0 {
		return field.ErrorList{field.Required(path, "")}
	}
	return validateAccessModes(modes, path)
}

func validateCapacity(capacity corev1.ResourceList, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if len(capacity) == 0 {
		errs = append(errs, field.Required(path, ""))
	}
	if _, ok := capacity[corev1.ResourceStorage]; !ok || len(capacity) > 1 {
		errs = append(errs, field.NotSupported(path, capacity, []string{storageRequested}))
	}
	for _, name := range sortedKeys(capacity) {
		if size := capacity[name]; size.Sign() <= 0 {
			errs = append(errs, field.Invalid(path.Key(string(name)), size.String(), "must be greater than zero"))
		}
	}
	return errs
}

// validatePersistentSource checks the sources that the model reads; any other one is let through unread.
func validatePersistentSource(spec *corev1.PersistentVolumeSpec, path *field.Path) field.ErrorList {
	if spec.PersistentVolumeSource == (corev1.PersistentVolumeSource{}) {
		return field.ErrorList{field.Required(path, "must specify a volume type")}
	}
	var errs field.ErrorList
	chosen := false
	source := func(name string, set bool, check func(*field.Path) field.ErrorList) {
		switch {
		case !set:
		case chosen:
			errs = append(errs, field.Forbidden(path.Child(name), "may not specify more than 1 volume type"))
		default:
			chosen = true
			errs = append(errs, check(path.Child(name))...)
		}
	}
	source("hostPath", spec.HostPath != nil, func(p *field.Path) field.ErrorList { return validateLocalPath(spec.HostPath.Path, p.Child("path")) })
	source("nfs", spec.NFS != nil, func(p *field.Path) field.ErrorList { return validateNFS(spec.NFS, p) })
	source("local", spec.Local != nil, func(p *field.Path) field.ErrorList {
		errs := validateLocalPath(spec.Local.Path, p.Child("path"))
		if spec.NodeAffinity == nil {
			errs = append(errs, field.Required(path.Child("nodeAffinity"), "Local volume requires node affinity"))
		}
		return errs
	})
	source("csi", spec.CSI != nil, func(p *field.Path) field.ErrorList { return validateCSI(spec.CSI, p) })
	return errs
}

func validateLocalPath(target string, path *field.Path) field.ErrorList {
	if target == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	for part := range strings.SplitSeq(target, "/") {
		if part == ".." {
			return field.ErrorList{field.Invalid(path, target, "must not contain '..'")}
		}
	}
	return nil
}

func validateNFS(nfs *corev1.NFSVolumeSource, fieldPath *field.Path) field.ErrorList {
	var errs field.ErrorList
	if nfs.Server == "" {
		errs = append(errs, field.Required(fieldPath.Child("server"), ""))
	}
	if nfs.Path == "" {
		errs = append(errs, field.Required(fieldPath.Child("path"), ""))
	}
	if !path.IsAbs(nfs.Path) {
		errs = append(errs, field.Invalid(fieldPath.Child("path"), nfs.Path, "must be an absolute path"))
	}
	return errs
}

func validateCSI(csi *corev1.CSIPersistentVolumeSource, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	switch {
	case csi.Driver == "":
		errs = append(errs, field.Required(path.Child("driver"), ""))
	default:
		if len(csi.Driver) > 63 {
			errs = append(errs, field.TooLong(path.Child("driver"), "", 63))
		}
		errs = append(errs, messages(path.Child("driver"), csi.Driver, validation.IsDNS1123Subdomain(strings.ToLower(csi.Driver)))...)
	}
	if csi.VolumeHandle == "" {
		errs = append(errs, field.Required(path.Child("volumeHandle"), ""))
	}
	return errs
}

// validatePersistentVolumeUpdate keeps where a volume is and how it is used; its size, its claim, its class and what becomes of
// it may change, and a place can be given to one that has none.
// Source: pkg/apis/core/validation/validation.go:ValidatePersistentVolumeUpdate.
func validatePersistentVolumeUpdate(spec, old *corev1.PersistentVolumeSpec) field.ErrorList {
	var errs field.ErrorList
	if !equal(&spec.PersistentVolumeSource, &old.PersistentVolumeSource) {
		errs = append(errs, field.Forbidden(field.NewPath("spec", "persistentvolumesource"), "spec.persistentvolumesource is immutable after creation"))
	}
	errs = append(errs, apivalidation.ValidateImmutableField(spec.VolumeMode, old.VolumeMode, field.NewPath("volumeMode"))...)
	if old.NodeAffinity != nil && !equal(spec.NodeAffinity, old.NodeAffinity) {
		errs = append(errs, field.Invalid(field.NewPath("nodeAffinity"), spec.NodeAffinity, "field is immutable, except for updating from beta label to GA"))
	}
	return errs
}
