package pv

import (
	"strconv"

	"statefulsim/controller/store"
)

// Written is what a component wrote and its cache has not delivered yet, so that it does not decide twice on the same
// old state (pkg/scheduler/util/assumecache; the PV controller's own caches serve the same end). Make it with make.
type Written map[store.Key]store.Object

// Keep remembers the object that a writing call returned.
func (w Written) Keep(obj store.Object) { w[store.KeyOf(obj)] = obj }

// Forget takes in what the cache delivered.
func (w Written) Forget(change store.Change) {
	key := change.Key()
	if own, ok := w[key]; ok && (change.New == nil || version(change.New) >= version(own)) {
		delete(w, key)
	}
}

// Latest returns the object with that name as the component knows it: what the cache has, unless its own write is newer.
func Latest[T store.Object](w Written, cache *store.View, namespace, name string) (T, bool) {
	cached, ok := store.Get[T](cache, namespace, name)
	var zero T
	own, written := w[store.Key{Kind: store.KindOf(zero), Namespace: namespace, Name: name}]
	if written && (!ok || version(own) > version(cached)) {
		return own.(T), true
	}
	return cached, ok
}

// version reads a resource version as the number that the store makes it from.
func version(obj store.Object) int64 {
	n, _ := strconv.ParseInt(obj.GetResourceVersion(), 10, 64)
	return n
}
