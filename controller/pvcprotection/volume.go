package pvcprotection

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"statefulsim/controller/store"
)

// protectedVolume tells whether a volume is being deleted and stays because of this controller.
func protectedVolume(volume *corev1.PersistentVolume) bool {
	return volume.DeletionTimestamp != nil && slices.Contains(volume.Finalizers, store.PVProtectionFinalizer)
}

// freeVolume lets a volume go that is being deleted and that no claim is bound to.
// Source: pkg/controller/volume/pvprotection/pv_protection_controller.go:isBeingUsed.
func freeVolume(name string, api *store.Client) error {
	volume, ok := store.Get[*corev1.PersistentVolume](api.View(), "", name)
	if !ok || !protectedVolume(volume) || volume.Status.Phase == corev1.VolumeBound {
		return nil
	}
	volume = volume.DeepCopy()
	volume.Finalizers = slices.DeleteFunc(volume.Finalizers, func(f string) bool { return f == store.PVProtectionFinalizer })
	if _, err := api.Update(volume); !apierrors.IsNotFound(err) {
		return err
	}
	return nil
}
