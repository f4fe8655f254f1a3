package kubectl

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/store"
)

var (
	claimColumns = columns{
		store.PersistentVolumeClaim, []string{
			"NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "VOLUMEATTRIBUTESCLASS", "AGE", "VOLUMEMODE",
		}, 1, cellsOf(claimCells),
	}
	volumeColumns = columns{
		store.PersistentVolume, []string{
			"NAME", "CAPACITY", "ACCESS MODES", "RECLAIM POLICY", "STATUS", "CLAIM", "STORAGECLASS", "VOLUMEATTRIBUTESCLASS", "REASON",
			"AGE", "VOLUMEMODE",
		}, 1, cellsOf(volumeCells),
	}
	classColumns = columns{
		store.StorageClass, []string{"NAME", "PROVISIONER", "RECLAIMPOLICY", "VOLUMEBINDINGMODE", "ALLOWVOLUMEEXPANSION", "AGE"}, 0,
		cellsOf(classCells),
	}
	attachmentColumns = columns{
		store.VolumeAttachment, []string{"NAME", "ATTACHER", "PV", "NODE", "ATTACHED", "AGE"}, 0, cellsOf(attachmentCells),
	}
)

// claimCells is a claim's row: what it has shows only once a volume is named, even if that is not bound yet.
// Source: pkg/printers/internalversion/printers.go:printPersistentVolumeClaim.
func claimCells(claim *corev1.PersistentVolumeClaim, now time.Time) []string {
	phase, capacity, modes := string(claim.Status.Phase), "", ""
	if claim.DeletionTimestamp != nil {
		phase = "Terminating"
	}
	if claim.Spec.VolumeName != "" {
		modes, capacity = accessModes(claim.Status.AccessModes), size(claim.Status.Capacity)
	}
	class, annotated := claim.Annotations[corev1.BetaStorageClassAnnotation]
	if !annotated {
		class = orEmpty(claim.Spec.StorageClassName)
	}
	return []string{
		claim.Name, phase, claim.Spec.VolumeName, capacity, modes, class, orUnset(claim.Spec.VolumeAttributesClassName),
		age(claim.CreationTimestamp, now), orUnset(claim.Spec.VolumeMode),
	}
}

// Source: pkg/printers/internalversion/printers.go:printPersistentVolume.
func volumeCells(volume *corev1.PersistentVolume, now time.Time) []string {
	phase, claim := string(volume.Status.Phase), ""
	if volume.DeletionTimestamp != nil {
		phase = "Terminating"
	}
	if ref := volume.Spec.ClaimRef; ref != nil {
		claim = ref.Namespace + "/" + ref.Name
	}
	class, annotated := volume.Annotations[corev1.BetaStorageClassAnnotation]
	if !annotated {
		class = volume.Spec.StorageClassName
	}
	return []string{
		volume.Name, size(volume.Spec.Capacity), accessModes(volume.Spec.AccessModes), string(volume.Spec.PersistentVolumeReclaimPolicy),
		phase, claim, class, orUnset(volume.Spec.VolumeAttributesClassName), volume.Status.Reason,
		age(volume.CreationTimestamp, now), orUnset(volume.Spec.VolumeMode),
	}
}

// size is the storage among some resources; "0" if it is not among them.
func size(resources corev1.ResourceList) string {
	storage := resources[corev1.ResourceStorage]
	return storage.String()
}

// accessModes are written in their short forms, in Kubernetes' order.
// Source: pkg/apis/core/helper/helpers.go:GetAccessModesAsString.
func accessModes(modes []corev1.PersistentVolumeAccessMode) string {
	var short []string
	for _, m := range []struct {
		mode  corev1.PersistentVolumeAccessMode
		short string
	}{
		{corev1.ReadWriteOnce, "RWO"}, {corev1.ReadOnlyMany, "ROX"}, {corev1.ReadWriteMany, "RWX"}, {corev1.ReadWriteOncePod, "RWOP"},
	} {
		if slices.Contains(modes, m.mode) {
			short = append(short, m.short)
		}
	}
	return strings.Join(short, ",")
}

func orUnset[T ~string](s *T) string {
	if s == nil {
		return "<unset>"
	}
	return string(*s)
}

// Source: pkg/printers/internalversion/printers.go:printStorageClassInternal.
func classCells(class *storagev1.StorageClass, now time.Time) []string {
	policy, mode := string(corev1.PersistentVolumeReclaimDelete), string(storagev1.VolumeBindingImmediate)
	if class.ReclaimPolicy != nil {
		policy = string(*class.ReclaimPolicy)
	}
	if class.VolumeBindingMode != nil {
		mode = string(*class.VolumeBindingMode)
	}
	expansion := class.AllowVolumeExpansion != nil && *class.AllowVolumeExpansion
	return []string{class.Name, class.Provisioner, policy, mode, strconv.FormatBool(expansion), age(class.CreationTimestamp, now)}
}

// defaultClass is, of a list, the storage class that claims without a class get, or nil: of several the one created last, and
// of those the first by name. Only a list marks it: a class that is asked for by name, or that a watch tells of, has no mark.
// Source: pkg/printers/internalversion/printers.go:getEffectiveDefaultStorageClass.
func defaultClass(list []store.Object) store.Object {
	var chosen *storagev1.StorageClass
	for _, obj := range list {
		class, is := obj.(*storagev1.StorageClass)
		if !is {
			return nil
		}
		if saysDefault(class) && (chosen == nil || before(class, chosen)) {
			chosen = class
		}
	}
	if chosen == nil {
		return nil
	}
	return chosen
}

// before tells which of two default classes wins.
func before(a, b *storagev1.StorageClass) bool {
	return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name)) < 0
}

// Source: pkg/apis/storage/util/helpers.go:IsDefaultAnnotation.
func saysDefault(class *storagev1.StorageClass) bool {
	return class.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" ||
		class.Annotations["storageclass.beta.kubernetes.io/is-default-class"] == "true"
}

// Source: pkg/printers/internalversion/printers.go:printVolumeAttachment.
func attachmentCells(attachment *storagev1.VolumeAttachment, now time.Time) []string {
	return []string{
		attachment.Name, attachment.Spec.Attacher, orEmpty(attachment.Spec.Source.PersistentVolumeName), attachment.Spec.NodeName,
		strconv.FormatBool(attachment.Status.Attached), age(attachment.CreationTimestamp, now),
	}
}
