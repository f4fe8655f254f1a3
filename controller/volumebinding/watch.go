package volumebinding

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// Keys takes a change into the binder's indexes and returns the claims and volumes that it concerns: both sides of a
// binding, and, when a class comes or changes, the claims that wait for it.
func (b *Binder) Keys(change store.Change, cache *store.View) []store.Key {
	if !b.listed {
		return b.list(cache)
	}
	b.written.Forget(change)
	switch obj := change.Object().(type) {
	case *corev1.PersistentVolumeClaim:
		return claimKeys(obj)
	case *corev1.PersistentVolume:
		b.indexVolume(change)
		return b.volumeKeys(obj, cache)
	case *storagev1.StorageClass:
		return unbound(cache, func(claim *corev1.PersistentVolumeClaim) bool {
			return pv.ClassOf(claim) == obj.Name || pv.ClassOf(claim) == ""
		})
	case *corev1.Pod:
		b.indexPod(change)
	}
	return nil
}

// list takes in all that a cache holds, once, and returns the keys of all claims and volumes.
func (b *Binder) list(cache *store.View) []store.Key {
	if b.listed {
		return nil
	}
	b.listed = true
	var keys []store.Key
	for volume := range store.All[*corev1.PersistentVolume](cache) {
		b.indexVolume(store.Change{Kind: store.PersistentVolume, New: volume})
		keys = append(keys, store.KeyOf(volume))
	}
	for claim := range store.All[*corev1.PersistentVolumeClaim](cache) {
		keys = append(keys, store.KeyOf(claim))
	}
	for pod := range store.All[*corev1.Pod](cache) {
		b.indexPod(store.Change{Kind: store.Pod, New: pod})
	}
	return keys
}

// claimKeys are the claim and the volume that it names.
func claimKeys(claim *corev1.PersistentVolumeClaim) []store.Key {
	keys := []store.Key{store.KeyOf(claim)}
	if claim.Spec.VolumeName != "" {
		keys = append(keys, store.Key{Kind: store.PersistentVolume, Name: claim.Spec.VolumeName})
	}
	return keys
}

// volumeKeys are the volume and its claim, or, if it is there for anyone, the claims that look for one like it.
func (b *Binder) volumeKeys(volume *corev1.PersistentVolume, cache *store.View) []store.Key {
	keys := []store.Key{store.KeyOf(volume)}
	if ref := volume.Spec.ClaimRef; ref != nil {
		return append(keys, keyOfClaim(ref.Namespace, ref.Name))
	}
	if volume.Status.Phase == corev1.VolumeAvailable {
		keys = append(keys, unbound(cache, func(claim *corev1.PersistentVolumeClaim) bool {
			return pv.Unsuitable(volume, claim) == "" && !pv.Delayed(cache, pv.ClassOf(claim))
		})...)
	}
	return keys
}

// unbound returns the claims that are not bound and of which that holds.
func unbound(cache *store.View, holds func(*corev1.PersistentVolumeClaim) bool) []store.Key {
	var keys []store.Key
	for claim := range store.All[*corev1.PersistentVolumeClaim](cache) {
		if !pv.FullyBound(claim) && holds(claim) {
			keys = append(keys, store.KeyOf(claim))
		}
	}
	return keys
}

// index is sorted names by the claim that they have to do with.
type index map[store.Key][]string

func (x index) add(claim store.Key, name string) {
	if i, found := slices.BinarySearch(x[claim], name); !found {
		x[claim] = slices.Insert(x[claim], i, name)
	}
}

func (x index) remove(claim store.Key, name string) {
	names := x[claim]
	if i, found := slices.BinarySearch(names, name); found {
		names = slices.Delete(names, i, i+1)
	}
	if x[claim] = names; len(names) == 0 {
		delete(x, claim)
	}
}

// indexVolume keeps the volumes that are bound to nothing yet.
func (b *Binder) indexVolume(change store.Change) {
	if old, ok := change.Old.(*corev1.PersistentVolume); ok {
		b.unused.remove(keeper(old), old.Name)
	}
	switch volume, ok := change.New.(*corev1.PersistentVolume); {
	case !ok:
		delete(b.disposal, change.Object().GetName())
	case pv.Unused(volume):
		b.unused.add(keeper(volume), volume.Name)
	}
}

// keeper is the claim that a volume is kept for, the zero key if it is there for anyone.
func keeper(volume *corev1.PersistentVolume) store.Key {
	if ref := volume.Spec.ClaimRef; ref != nil {
		return keyOfClaim(ref.Namespace, ref.Name)
	}
	return store.Key{}
}

func keyOfClaim(namespace, name string) store.Key {
	return store.Key{Kind: store.PersistentVolumeClaim, Namespace: namespace, Name: name}
}

// indexPod keeps, for each claim, the pods without a node that mount it.
func (b *Binder) indexPod(change store.Change) {
	if old, ok := change.Old.(*corev1.Pod); ok && old.Spec.NodeName == "" {
		eachClaim(old, b.pending.remove)
	}
	if pod, ok := change.New.(*corev1.Pod); ok && pod.Spec.NodeName == "" {
		eachClaim(pod, b.pending.add)
	}
}

func eachClaim(pod *corev1.Pod, do func(claim store.Key, pod string)) {
	for i := range pod.Spec.Volumes {
		if source := pod.Spec.Volumes[i].PersistentVolumeClaim; source != nil {
			do(keyOfClaim(pod.Namespace, source.ClaimName), pod.Name)
		}
	}
}
