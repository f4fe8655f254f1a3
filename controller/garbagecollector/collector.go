// Package garbagecollector is the controller that lets objects go with their owners: in the background, once none of an
// object's owners lives; in the foreground, before the owner that waits for them; or not at all, when the owner is deleted
// with its dependents orphaned.
//
// Source: pkg/controller/garbagecollector. Upstream keeps a graph of owners and dependents; here the cache's index is one.
package garbagecollector

import (
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

// Collector is the garbage collector. It watches every kind, and keeps nothing between calls.
type Collector struct{}

// New returns a garbage collector.
func New() Collector { return Collector{} }

// Keys names the objects that a change may let go: those that lost an owner or whose owner now waits for them, and owners
// that have one dependent less to wait for. The cache has taken the change in.
// Source: pkg/controller/garbagecollector/graph_builder.go:processGraphChanges.
func (Collector) Keys(change store.Change, cache *store.View) []store.Key {
	obj := change.Object()
	var keys []store.Key
	switch {
	case change.New == nil:
		keys = dependentKeys(cache, obj.GetUID())
	case startsWaiting(change, metav1.FinalizerDeleteDependents):
		keys = append(dependentKeys(cache, obj.GetUID()), change.Key())
	case startsWaiting(change, metav1.FinalizerOrphanDependents), gainsOwner(change):
		keys = []store.Key{change.Key()}
	}
	if change.Old == nil {
		return keys
	}
	for _, ref := range change.Old.GetOwnerReferences() {
		if change.New != nil && blocks(change.New, ref.UID) {
			continue
		}
		if owner, ok := find(cache, change.Old, ref); ok && waits(owner, metav1.FinalizerDeleteDependents) {
			keys = append(keys, store.KeyOf(owner))
		}
	}
	return keys
}

func dependentKeys(cache *store.View, owner types.UID) []store.Key {
	var keys []store.Key
	for dependent := range store.Dependents(cache, owner) {
		keys = append(keys, store.KeyOf(dependent))
	}
	return keys
}

// waits tells whether an object is being deleted and stays because of that finalizer.
func waits(obj store.Object, finalizer string) bool {
	return obj.GetDeletionTimestamp() != nil && slices.Contains(obj.GetFinalizers(), finalizer)
}

func startsWaiting(change store.Change, finalizer string) bool {
	return waits(change.New, finalizer) && (change.Old == nil || !waits(change.Old, finalizer))
}

// gainsOwner tells whether an object names an owner that it did not name before: that one may be gone already.
func gainsOwner(change store.Change) bool {
	for _, ref := range change.New.GetOwnerReferences() {
		if change.Old == nil || !refersTo(change.Old, ref.UID) {
			return true
		}
	}
	return false
}

func refersTo(obj store.Object, owner types.UID) bool {
	return slices.ContainsFunc(obj.GetOwnerReferences(), func(ref metav1.OwnerReference) bool { return ref.UID == owner })
}

// blocks tells whether an owner that is deleted in the foreground has to wait for the object.
func blocks(obj store.Object, owner types.UID) bool {
	return slices.ContainsFunc(obj.GetOwnerReferences(), func(ref metav1.OwnerReference) bool {
		return ref.UID == owner && ref.BlockOwnerDeletion != nil && *ref.BlockOwnerDeletion
	})
}

// find returns the owner that a reference means: the object of that name, if it is still the same one.
func find(view *store.View, dependent store.Object, ref metav1.OwnerReference) (store.Object, bool) {
	kind, ok := store.KindFor(ref.APIVersion, ref.Kind)
	if !ok {
		return nil, false
	}
	key := store.Key{Kind: kind, Name: ref.Name}
	if kind.Namespaced() {
		key.Namespace = dependent.GetNamespace()
	}
	owner, ok := view.Object(key)
	return owner, ok && owner.GetUID() == ref.UID
}

// Reconcile lets one object go if nothing keeps it, or brings it nearer to that. It reads the object and its owners from the
// server and, as upstream does, the dependents from the cache. It never asks for another call.
// Source: pkg/controller/garbagecollector/garbagecollector.go:attemptToDeleteItem, attemptToOrphanWorker.
func (Collector) Reconcile(key store.Key, cache *store.View, api *store.Client) (again time.Duration, err error) {
	obj, ok := api.View().Object(key)
	switch {
	case !ok:
		return 0, nil
	case waits(obj, metav1.FinalizerOrphanDependents):
		return 0, orphanDependents(obj, cache, api)
	case waits(obj, metav1.FinalizerDeleteDependents):
		return 0, releaseWhenAlone(obj, cache, api)
	case obj.GetDeletionTimestamp() != nil || len(obj.GetOwnerReferences()) == 0:
		return 0, nil
	}
	return 0, collect(obj, cache, api)
}

// orphanDependents takes the owner out of all its dependents and then lets it go.
func orphanDependents(owner store.Object, cache *store.View, api *store.Client) error {
	for dependent := range store.Dependents(cache, owner.GetUID()) {
		live, ok := api.View().Object(store.KeyOf(dependent))
		if !ok || live.GetUID() != dependent.GetUID() {
			continue
		}
		if err := removeOwners(live, api, []types.UID{owner.GetUID()}); err != nil {
			return err
		}
	}
	return removeFinalizer(owner, metav1.FinalizerOrphanDependents, api)
}

// releaseWhenAlone lets an owner go that waited for its dependents, once none is left that blocks it.
func releaseWhenAlone(owner store.Object, cache *store.View, api *store.Client) error {
	for dependent := range store.Dependents(cache, owner.GetUID()) {
		if blocks(dependent, owner.GetUID()) {
			return nil
		}
	}
	return removeFinalizer(owner, metav1.FinalizerDeleteDependents, api)
}

func removeFinalizer(obj store.Object, finalizer string, api *store.Client) error {
	obj = obj.DeepCopyObject().(store.Object)
	obj.SetFinalizers(slices.DeleteFunc(obj.GetFinalizers(), func(f string) bool { return f == finalizer }))
	_, err := api.Update(obj)
	return ignoreNotFound(err)
}

func removeOwners(obj store.Object, api *store.Client, owners []types.UID) error {
	obj = obj.DeepCopyObject().(store.Object)
	obj.SetOwnerReferences(slices.DeleteFunc(obj.GetOwnerReferences(), func(ref metav1.OwnerReference) bool {
		return slices.Contains(owners, ref.UID)
	}))
	_, err := api.Update(obj)
	return ignoreNotFound(err)
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
