package volumebinding

import (
	"cmp"
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
		return append(keys, store.Key{Kind: store.PersistentVolumeClaim, Namespace: ref.Namespace, Name: ref.Name})
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

// indexVolume keeps the sorted list of the volumes that are bound to nothing yet.
func (b *Binder) indexVolume(change store.Change) {
	name := change.Object().GetName()
	i, listed := slices.BinarySearchFunc(b.unused, name, cmp.Compare[string])
	volume, _ := change.New.(*corev1.PersistentVolume)
	unused := volume != nil && pv.Unused(volume)
	switch {
	case unused && !listed:
		b.unused = slices.Insert(b.unused, i, name)
	case !unused && listed:
		b.unused = slices.Delete(b.unused, i, i+1)
	}
	if volume == nil {
		delete(b.disposal, name)
	}
}

// indexPod keeps, for each claim, the pods without a node that mount it.
func (b *Binder) indexPod(change store.Change) {
	if old, ok := change.Old.(*corev1.Pod); ok && old.Spec.NodeName == "" {
		b.eachClaim(old, func(names []string, i int, found bool) []string {
			if found {
				return slices.Delete(names, i, i+1)
			}
			return names
		})
	}
	if pod, ok := change.New.(*corev1.Pod); ok && pod.Spec.NodeName == "" {
		b.eachClaim(pod, func(names []string, i int, found bool) []string {
			if found {
				return names
			}
			return slices.Insert(names, i, pod.Name)
		})
	}
}

func (b *Binder) eachClaim(pod *corev1.Pod, change func(names []string, i int, found bool) []string) {
	for i := range pod.Spec.Volumes {
		source := pod.Spec.Volumes[i].PersistentVolumeClaim
		if source == nil {
			continue
		}
		key := store.Key{Kind: store.PersistentVolumeClaim, Namespace: pod.Namespace, Name: source.ClaimName}
		at, found := slices.BinarySearch(b.pending[key], pod.Name)
		if names := change(b.pending[key], at, found); len(names) > 0 {
			b.pending[key] = names
		} else {
			delete(b.pending, key)
		}
	}
}
