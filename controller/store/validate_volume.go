package store

import (
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// volumeSet is the volumes of a pod that containers can mount, by name.
type volumeSet map[string]*corev1.VolumeSource

const fileModeMessage = "must be a number between 0 and 0777 (octal), both inclusive"

// validateVolumes returns the volumes that are right, beside the errors of those that are not: a mount of a wrong volume is
// told of as well.
// Source: pkg/apis/core/validation/validation.go:ValidateVolumes.
func validateVolumes(volumes []corev1.Volume, path *field.Path) (volumeSet, field.ErrorList) {
	var errs field.ErrorList
	set := make(volumeSet, len(volumes))
	for i := range volumes {
		volume, volumePath := &volumes[i], path.Index(i)
		wrong := validateVolumeSource(&volume.VolumeSource, volumePath)
		if volume.Name == "" {
			wrong = append(wrong, field.Required(volumePath.Child("name"), ""))
		} else {
			wrong = append(wrong, messages(volumePath.Child("name"), volume.Name, validation.IsDNS1123Label(volume.Name))...)
		}
		if set[volume.Name] != nil {
			wrong = append(wrong, field.Duplicate(volumePath.Child("name"), volume.Name))
		}
		if len(wrong) == 0 {
			set[volume.Name] = &volume.VolumeSource
		}
		errs = append(errs, wrong...)
	}
	return set, errs
}

// validateVolumeSource checks the sources that the model reads; any other one is let through unread.
func validateVolumeSource(source *corev1.VolumeSource, path *field.Path) field.ErrorList {
	if *source == (corev1.VolumeSource{}) {
		return field.ErrorList{field.Required(path, "must specify a volume type")}
	}
	var errs field.ErrorList
	if directory := source.EmptyDir; directory != nil && directory.SizeLimit != nil && directory.SizeLimit.Sign() < 0 {
		errs = append(errs, field.Forbidden(path.Child("emptyDir", "sizeLimit"), "SizeLimit field must be a valid resource quantity"))
	}
	if secret := source.Secret; secret != nil {
		errs = append(errs, validateFiles(secret.SecretName, "secretName", secret.DefaultMode, secret.Items, path.Child("secret"))...)
	}
	if claim := source.PersistentVolumeClaim; claim != nil && claim.ClaimName == "" {
		errs = append(errs, field.Required(path.Child("persistentVolumeClaim", "claimName"), ""))
	}
	if config := source.ConfigMap; config != nil {
		errs = append(errs, validateFiles(config.Name, "name", config.DefaultMode, config.Items, path.Child("configMap"))...)
	}
	for i, name := range sourceNames(source) {
		if i > 0 {
			errs = append(errs, field.Forbidden(path.Child(name), "may not specify more than 1 volume type"))
		}
	}
	return errs
}

// sourceNames returns the names of the sources that are set, of those that the model reads.
func sourceNames(source *corev1.VolumeSource) []string {
	var names []string
	for _, s := range []struct {
		name string
		set  bool
	}{
		{"emptyDir", source.EmptyDir != nil}, {"hostPath", source.HostPath != nil}, {"secret", source.Secret != nil},
		{"persistentVolumeClaim", source.PersistentVolumeClaim != nil}, {"downwardAPI", source.DownwardAPI != nil},
		{"configMap", source.ConfigMap != nil}, {"projected", source.Projected != nil}, {"csi", source.CSI != nil},
		{"ephemeral", source.Ephemeral != nil},
	} {
		if s.set {
			names = append(names, s.name)
		}
	}
	return names
}

// validateFiles checks a volume made from an object's keys. nameField is what the reference to the object is called.
func validateFiles(name, nameField string, mode *int32, items []corev1.KeyToPath, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if name == "" {
		errs = append(errs, field.Required(path.Child(nameField), ""))
	}
	errs = append(errs, validateMode(mode, path.Child("defaultMode"))...)
	for i, item := range items {
		itemPath := path.Child("items").Index(i)
		if item.Key == "" {
			errs = append(errs, field.Required(itemPath.Child("key"), ""))
		}
		if item.Path == "" {
			errs = append(errs, field.Required(itemPath.Child("path"), ""))
		}
		errs = append(errs, validateRelativePath(item.Path, itemPath.Child("path"))...)
		if strings.HasPrefix(item.Path, "..") && !strings.HasPrefix(item.Path, "../") {
			errs = append(errs, field.Invalid(itemPath.Child("path"), item.Path, "must not start with '..'"))
		}
		errs = append(errs, validateMode(item.Mode, itemPath.Child("mode"))...)
	}
	return errs
}

func validateMode(mode *int32, path *field.Path) field.ErrorList {
	if mode != nil && (*mode < 0 || *mode > 0o777) {
		return field.ErrorList{field.Invalid(path, *mode, fileModeMessage)}
	}
	return nil
}

// validateRelativePath checks that a path stays below where it starts.
func validateRelativePath(target string, fieldPath *field.Path) field.ErrorList {
	var errs field.ErrorList
	if path.IsAbs(target) {
		errs = append(errs, field.Invalid(fieldPath, target, "must be a relative path"))
	}
	if slices.Contains(strings.Split(target, "/"), "..") {
		errs = append(errs, field.Invalid(fieldPath, target, "must not contain '..'"))
	}
	return errs
}

// Source: pkg/apis/core/validation/validation.go:ValidateVolumeMounts.
func validateVolumeMounts(container *corev1.Container, volumes volumeSet, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	mounts := container.VolumeMounts
	for i := range mounts {
		mount, mountPath := &mounts[i], path.Index(i)
		if mount.Name == "" {
			errs = append(errs, field.Required(mountPath.Child("name"), ""))
		}
		if volumes[mount.Name] == nil {
			errs = append(errs, field.NotFound(mountPath.Child("name"), mount.Name))
		}
		if mount.MountPath == "" {
			errs = append(errs, field.Required(mountPath.Child("mountPath"), ""))
		}
		if slices.ContainsFunc(mounts[:i], func(m corev1.VolumeMount) bool { return m.MountPath == mount.MountPath }) {
			errs = append(errs, field.Invalid(mountPath.Child("mountPath"), mount.MountPath, "must be unique"))
		}
		if slices.ContainsFunc(container.VolumeDevices, func(d corev1.VolumeDevice) bool { return d.Name == mount.Name }) {
			errs = append(errs, field.Invalid(mountPath.Child("name"), mount.Name, "must not already exist in volumeDevices"))
		}
		errs = append(errs, validateSubPath(mount, path, mountPath)...)
	}
	return errs
}

func validateSubPath(mount *corev1.VolumeMount, path, mountPath *field.Path) field.ErrorList {
	var errs field.ErrorList
	if mount.SubPath != "" {
		errs = append(errs, validateRelativePath(mount.SubPath, path.Child("subPath"))...)
	}
	if mount.SubPathExpr == "" {
		return errs
	}
	if mount.SubPath != "" {
		errs = append(errs, field.Invalid(mountPath.Child("subPathExpr"), mount.SubPathExpr, "subPathExpr and subPath are mutually exclusive"))
	}
	return append(errs, validateRelativePath(mount.SubPathExpr, path.Child("subPathExpr"))...)
}

// Source: pkg/apis/core/validation/validation.go:ValidateVolumeDevices.
func validateVolumeDevices(container *corev1.Container, volumes volumeSet, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i, device := range container.VolumeDevices {
		devicePath := path.Index(i)
		if device.Name == "" {
			errs = append(errs, field.Required(devicePath.Child("name"), ""))
		}
		switch source := volumes[device.Name]; {
		case source == nil:
			errs = append(errs, field.NotFound(devicePath.Child("name"), device.Name))
		case source.PersistentVolumeClaim == nil && source.Ephemeral == nil:
			errs = append(errs, field.Invalid(devicePath.Child("name"), device.Name,
				"can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"))
		}
		if device.DevicePath == "" {
			errs = append(errs, field.Required(devicePath.Child("devicePath"), ""))
		}
	}
	return errs
}
