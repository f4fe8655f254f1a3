package reconcile

import (
	"strconv"

	"statefulsim/controller/store"
)

// versions are resource versions by kind: how far a cache has come, or what was written last. ControllerRevisions are not
// looked at, and neither are deletions: what a sync does about those on an old cache, the API server refuses or ignores.
type versions struct{ set, pod, claim int64 }

// of returns the place of a kind's version, or nil.
func (v *versions) of(kind store.Kind) *int64 {
	switch kind {
	case store.StatefulSet:
		return &v.set
	case store.Pod:
		return &v.pod
	case store.PersistentVolumeClaim:
		return &v.claim
	}
	return nil
}

// sees tells whether a cache that has come that far shows all that was written for the set
// (pkg/controller/util/consistency: ConsistencyStore).
func (t *tracked) sees(read *versions) bool {
	return t.wrote.set <= read.set && t.wrote.pod <= read.pod && t.wrote.claim <= read.claim
}

// remember notes what was written: obj is as the server answered.
func (t *tracked) remember(obj store.Object) {
	wrote := t.wrote.of(store.KindOf(obj))
	if wrote == nil {
		return
	}
	if version, err := strconv.ParseInt(obj.GetResourceVersion(), 10, 64); err == nil {
		*wrote = max(*wrote, version)
	}
}
