package statefulset

// Gates are the feature gates of Kubernetes that change what the controller decides, by Kubernetes' own names
// (pkg/features/kube_features.go). The zero value has all of them off; DefaultGates is what Kubernetes 1.37 ships with.
type Gates struct {
	// MaxUnavailableStatefulSet lets a rolling update have several pods unavailable, as maxUnavailable says. Without it,
	// as up to Kubernetes 1.36, maxUnavailable is ignored and pods are updated one after the other.
	MaxUnavailableStatefulSet bool
	// StatefulSetSemanticRevisionComparison keeps a revision whose bytes differ from those of the set's template while its
	// meaning does not. Without it a revision is made, and pods are updated to it.
	StatefulSetSemanticRevisionComparison bool
	// StatefulSetRecreateStrategy is alpha, and lets sets use the update strategy Recreate. Without it the sync of such a set
	// fails, with an Event of reason UnknownStrategy.
	StatefulSetRecreateStrategy bool
}

// DefaultGates returns the gates as Kubernetes 1.37 has them by default.
func DefaultGates() Gates {
	return Gates{MaxUnavailableStatefulSet: true, StatefulSetSemanticRevisionComparison: true}
}
