package statefulset

// Gates are what the controllers of Kubernetes' versions do differently: feature gates, by Kubernetes' own names
// (pkg/features/kube_features.go), and what changed without one. The zero value has all of them off; DefaultGates is what
// Kubernetes 1.37 ships with.
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
	// ReplacesUnavailable has a rolling update under Parallel replace every old pod that is not available, whatever
	// maxUnavailable says. It is no gate, and matters only with MaxUnavailableStatefulSet: before 1.37 those pods used the
	// budget up, and kept the update from beginning (stateful_set_control.go:updateStatefulSetAfterInvariantEstablished).
	ReplacesUnavailable bool
	// CompletesOnDelete makes the update revision the current one when all pods have it, under OnDelete too. It is no gate:
	// before 1.37 only RollingUpdate did (stateful_set_utils.go:completeUpdate, once completeRollingUpdate).
	CompletesOnDelete bool
	// ChecksNextAvailability has a set looked at again when its next Ready pod becomes available. It is no gate: before 1.36
	// that was minReadySeconds after a sync that found some not available, whenever they were Ready since
	// (stateful_set.go:syncStatefulSet).
	ChecksNextAvailability bool
}

// DefaultGates returns the gates as Kubernetes 1.37 has them by default.
func DefaultGates() Gates { return GatesOf(37) }

// GatesOf returns the gates of Kubernetes 1.minor as they are by default. The versions known are 34 to 37; an older one is
// taken for the first, a newer one for the last.
func GatesOf(minor int) Gates {
	return Gates{
		MaxUnavailableStatefulSet:             minor >= 37,
		StatefulSetSemanticRevisionComparison: true,
		ReplacesUnavailable:                   minor >= 37,
		CompletesOnDelete:                     minor >= 37,
		ChecksNextAvailability:                minor >= 36,
	}
}
