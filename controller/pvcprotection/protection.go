// Package pvcprotection keeps a deleted PersistentVolumeClaim for as long as a pod uses it, and a deleted PersistentVolume for
// as long as a claim is bound to it.
//
// Source: pkg/controller/volume/pvcprotection/pvc_protection_controller.go, pkg/controller/volume/pvprotection. The finalizers
// are set by the API server when the objects are made.
package pvcprotection

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"statefulsim/controller/store"
)

// Protection is both controllers. It watches claims, volumes and pods, and keeps nothing between calls.
type Protection struct{}

// New returns the controllers.
func New() Protection { return Protection{} }

// Keys names the claims and volumes that may be free to go: one that is being deleted, or those that a pod has let go of.
func (Protection) Keys(change store.Change, cache *store.View) []store.Key {
	switch change.Kind {
	case store.PersistentVolumeClaim:
		if claim, ok := change.New.(*corev1.PersistentVolumeClaim); ok && protected(claim) {
			return []store.Key{change.Key()}
		}
	case store.PersistentVolume:
		if volume, ok := change.New.(*corev1.PersistentVolume); ok && protectedVolume(volume) {
			return []store.Key{change.Key()}
		}
	case store.Pod:
		if change.New == nil {
			return deletedClaims(change.Old.(*corev1.Pod), cache)
		}
	}
	return nil
}

// protected tells whether a claim is being deleted and stays because of this controller.
func protected(claim *corev1.PersistentVolumeClaim) bool {
	return claim.DeletionTimestamp != nil && slices.Contains(claim.Finalizers, store.PVCProtectionFinalizer)
}

func deletedClaims(pod *corev1.Pod, cache *store.View) []store.Key {
	var keys []store.Key
	for i := range pod.Spec.Volumes {
		source := pod.Spec.Volumes[i].PersistentVolumeClaim
		if source == nil {
			continue
		}
		if claim, ok := store.Get[*corev1.PersistentVolumeClaim](cache, pod.Namespace, source.ClaimName); ok && protected(claim) {
			keys = append(keys, store.KeyOf(claim))
		}
	}
	return keys
}

// Reconcile lets a volume go that is being deleted and that is not bound, or a claim that is being deleted and that no pod on a
// node mounts, be it running or not; pods that wait for a node do not count. For a claim it looks at the pods in its cache first,
// then at the server's. It never asks for another call.
func (Protection) Reconcile(key store.Key, cache *store.View, api *store.Client) (again time.Duration, err error) {
	if key.Kind == store.PersistentVolume {
		return 0, freeVolume(key.Name, api)
	}
	claim, ok := store.Get[*corev1.PersistentVolumeClaim](api.View(), key.Namespace, key.Name)
	if !ok || !protected(claim) || used(claim, cache) || used(claim, api.View()) {
		return 0, nil
	}
	claim = claim.DeepCopy()
	claim.Finalizers = slices.DeleteFunc(claim.Finalizers, func(f string) bool { return f == store.PVCProtectionFinalizer })
	if _, err := api.Update(claim); !apierrors.IsNotFound(err) {
		return 0, err
	}
	return 0, nil
}

func used(claim *corev1.PersistentVolumeClaim, view *store.View) bool {
	for pod := range store.In[*corev1.Pod](view, claim.Namespace) {
		if pod.Spec.NodeName != "" && mounts(pod, claim.Name) {
			return true
		}
	}
	return false
}

func mounts(pod *corev1.Pod, claim string) bool {
	for i := range pod.Spec.Volumes {
		if source := pod.Spec.Volumes[i].PersistentVolumeClaim; source != nil && source.ClaimName == claim {
			return true
		}
	}
	return false
}
