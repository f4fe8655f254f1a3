package store

import (
	appsv1 "k8s.io/api/apps/v1"
)

// Gates are what the API servers of Kubernetes' versions do differently: feature gates, by their own names, and what changed
// without one. A gate that is off is what the API server does without it.
// Source: pkg/features/kube_features.go.
type Gates struct {
	// MaxUnavailableStatefulSet keeps and defaults a set's rollingUpdate.maxUnavailable; without it the field is dropped.
	MaxUnavailableStatefulSet bool
	// StatefulSetRecreateStrategy accepts the update strategy Recreate.
	StatefulSetRecreateStrategy bool
	// PodTopologyLabelsAdmission gives a pod the zone and the region of the node that it is assigned to, as labels.
	PodTopologyLabelsAdmission bool
	// NamesImmutableFields tells of each field of a set that may not change by itself. It is no gate: before 1.37 there was
	// one message for all of them (pkg/apis/apps/validation/validation.go:ValidateStatefulSetUpdate).
	NamesImmutableFields bool
}

// GatesOf returns the gates of Kubernetes 1.minor as they are by default. The versions known are 34 to 37; an older one is
// taken for the first, a newer one for the last.
func GatesOf(minor int) Gates {
	return Gates{
		MaxUnavailableStatefulSet:  minor >= 37,
		PodTopologyLabelsAdmission: minor >= 35,
		NamesImmutableFields:       minor >= 37,
	}
}

// latest are the gates of a store that is told nothing else.
var latest = GatesOf(37)

// Default is [Default] with these gates.
func (g Gates) Default(obj Object) {
	defaulted(obj)
	if set, ok := obj.(*appsv1.StatefulSet); ok && g.MaxUnavailableStatefulSet {
		defaultMaxUnavailable(&set.Spec.UpdateStrategy)
	}
}

// drop takes out of a set what is behind a gate that is off, unless the set that it replaces has it already: old is nil for
// a new one.
// Source: pkg/registry/apps/statefulset/strategy.go:dropStatefulSetDisabledFields.
func (g Gates) drop(obj, old Object) {
	set, ok := obj.(*appsv1.StatefulSet)
	if !ok || g.MaxUnavailableStatefulSet || set.Spec.UpdateStrategy.RollingUpdate == nil {
		return
	}
	if old == nil || !usesMaxUnavailable(old.(*appsv1.StatefulSet)) {
		set.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable = nil
	}
}

func usesMaxUnavailable(set *appsv1.StatefulSet) bool {
	rolling := set.Spec.UpdateStrategy.RollingUpdate
	return rolling != nil && rolling.MaxUnavailable != nil
}
