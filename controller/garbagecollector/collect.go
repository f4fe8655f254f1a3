package garbagecollector

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

// owners sorts an object's owners by whether they keep it.
type owners struct {
	solid    bool        // at least one lives on
	dangling []types.UID // those that are gone
	waiting  []types.UID // those that are being deleted and wait for their dependents
}

// classify looks the owners up on the server. An owner of a kind that the store does not hold cannot be looked up and counts
// as alive, and so does a namespaced owner of an object without a namespace, which upstream takes for an error.
// Source: pkg/controller/garbagecollector/garbagecollector.go:classifyReferences.
func classify(obj store.Object, live *store.View) owners {
	var found owners
	for _, ref := range obj.GetOwnerReferences() {
		owner, ok := find(live, obj, ref)
		kind, known := store.KindFor(ref.APIVersion, ref.Kind)
		switch {
		case !known, kind.Namespaced() && obj.GetNamespace() == "":
			found.solid = true
		case !ok:
			found.dangling = append(found.dangling, ref.UID)
		case waits(owner, metav1.FinalizerDeleteDependents):
			found.waiting = append(found.waiting, ref.UID)
		default:
			found.solid = true
		}
	}
	return found
}

// collect deletes an object that no owner keeps, and takes the owners that are no more out of one that is kept.
func collect(obj store.Object, cache *store.View, api *store.Client) error {
	found := classify(obj, api.View())
	gone := append(found.dangling, found.waiting...)
	switch {
	case found.solid && len(gone) == 0:
		return nil
	case found.solid:
		return removeOwners(obj, api, gone)
	case len(found.waiting) > 0 && hasDependents(obj, cache):
		if err := breakCycle(obj, cache, api); err != nil {
			return err
		}
		return remove(obj, metav1.DeletePropagationForeground, api)
	}
	return remove(obj, propagation(obj), api)
}

func hasDependents(obj store.Object, cache *store.View) bool {
	for range store.Dependents(cache, obj.GetUID()) {
		return true
	}
	return false
}

// breakCycle stops an object from blocking its owners if one of its own dependents waits as well: the two might wait for
// each other for ever.
func breakCycle(obj store.Object, cache *store.View, api *store.Client) error {
	for dependent := range store.Dependents(cache, obj.GetUID()) {
		if !waits(dependent, metav1.FinalizerDeleteDependents) {
			continue
		}
		unblocked := obj.DeepCopyObject().(store.Object)
		refs := unblocked.GetOwnerReferences()
		for i := range refs {
			refs[i].BlockOwnerDeletion = new(false)
		}
		_, err := api.Update(unblocked)
		return ignoreNotFound(err)
	}
	return nil
}

// propagation returns what becomes of the dependents of an object that is collected: what its finalizers say already, else
// they go in the background.
func propagation(obj store.Object) metav1.DeletionPropagation {
	for _, finalizer := range obj.GetFinalizers() {
		switch finalizer {
		case metav1.FinalizerOrphanDependents:
			return metav1.DeletePropagationOrphan
		case metav1.FinalizerDeleteDependents:
			return metav1.DeletePropagationForeground
		}
	}
	return metav1.DeletePropagationBackground
}

func remove(obj store.Object, propagation metav1.DeletionPropagation, api *store.Client) error {
	return ignoreNotFound(api.Delete(store.KeyOf(obj), store.DeleteOptions{UID: obj.GetUID(), Propagation: string(propagation)}))
}
