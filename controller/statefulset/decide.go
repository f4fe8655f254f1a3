package statefulset

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// Input is all that one sync reads, besides the answers to its writes. Nothing in it is changed.
type Input struct {
	Set *appsv1.StatefulSet
	// Live is the set as the API server has it, read just before something is adopted; nil if it is gone.
	Live      *appsv1.StatefulSet
	Pods      []*corev1.Pod                   // the set's own, orphans, and any others
	Claims    []*corev1.PersistentVolumeClaim // of any set
	Revisions []*appsv1.ControllerRevision    // of any owner
	Now       time.Time
	Gates     *Gates                    // nil: DefaultGates
	Defaults  func(*appsv1.StatefulSet) // see State.Defaults; may be nil
}

// Decide runs one sync: State.Sync for a caller who has everything at hand.
func Decide(in Input, apply Apply) Outcome {
	gates := DefaultGates()
	if in.Gates != nil {
		gates = *in.Gates
	}
	s := newState(in.Set, gates, len(in.Pods))
	s.now, s.Defaults = in.Now, in.Defaults
	for _, claim := range in.Claims {
		s.PutClaim(claim)
	}
	for _, pod := range in.Pods {
		s.PutPod(pod)
	}
	for _, revision := range in.Revisions {
		s.PutRevision(revision)
	}
	return s.Sync(in.Live, in.Now, apply)
}
