package statefulset

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// State is all that the sync of one StatefulSet reads, kept up to date change by change. Each pod is looked at once for
// each of its versions, and a sync only at the pods that need something. Objects handed in are read and never changed; the
// caller must not change them either.
//
// A State belongs to one set of one UID. What is not the set's business (a pod of another owner, a claim of another set, a
// revision that the selector doesn't match) may be handed in: it is ignored, or forgotten if it was the set's before.
type State struct {
	// Defaults fills in what the API server would fill in. A stored revision may be of a time that knew fewer defaults: its
	// template is compared with them. nil leaves it as it is stored.
	Defaults func(*appsv1.StatefulSet)

	gates    Gates
	set      *appsv1.StatefulSet
	selector labels.Selector
	now      time.Time // the time of the last sync

	pods      map[string]*member                       // by pod name
	claims    map[string]*corev1.PersistentVolumeClaim // by name
	revisions []*appsv1.ControllerRevision             // the set's and nobody's, in upstream's order

	replicas  []*member // by ordinal above the first; nil where a pod is missing
	condemned []*member // by ascending ordinal
	strangers []*member // pods to adopt or to release, by name
	stray     []*member // pods of the set that have no place, by name

	busy     bitset  // replicas whose turn would do something or hold others up, the missing included
	fit      bitset  // replicas that are available and not terminating
	outdated bitset  // replicas not of the revision in outdatedTo, and not terminating
	tallies  []tally // by revision
	counts   counts
	doomed   int // condemned that are not terminating yet
	owed     int // condemned whose claims don't have the owners they should have
	waiting  dueQueue

	outdatedTo string // the revision that outdated was worked out for
	history    history
}

// counts are the numbers of the status that are sums over pods.
type counts struct{ replicas, ready, available int32 }

// tally counts the pods that are labelled with one revision.
type tally struct {
	revision    string
	all, active int32 // active: created and not terminating
}

// NewState returns the state of a set of which nothing is known but the set itself, under the given feature gates.
func NewState(set *appsv1.StatefulSet, gates Gates) *State { return newState(set, gates, 0, 0) }

// newState makes room for so many pods and claims.
func newState(set *appsv1.StatefulSet, gates Gates, pods, claims int) *State {
	s := &State{
		gates: gates, set: set, selector: selectorOf(set),
		pods:   make(map[string]*member, pods),
		claims: make(map[string]*corev1.PersistentVolumeClaim, claims),
	}
	s.arrange()
	return s
}

// selectorOf compiles the set's selector; nil if that can't be done.
func selectorOf(set *appsv1.StatefulSet) labels.Selector {
	selector, err := metav1.LabelSelectorAsSelector(set.Spec.Selector)
	if err != nil {
		return nil
	}
	return selector
}

// Set returns the set as it was last handed in.
func (s *State) Set() *appsv1.StatefulSet { return s.set }

// PutSet takes in a new version of the set. Its spec is looked at only if the generation differs.
func (s *State) PutSet(set *appsv1.StatefulSet) {
	old := s.set
	s.set = set
	if set.Generation != old.Generation {
		s.history = history{}
		s.arrange()
	}
}

// PutPod takes in a pod of any owner, new or changed, and tells whether it is or was the set's business, so that a sync
// should look at it.
func (s *State) PutPod(pod *corev1.Pod) bool {
	place, ordinal, ok := s.standing(pod)
	m := s.pods[pod.Name]
	if ok && m != nil && m.place < release && place < release {
		s.change(m, pod)
		return true
	}
	s.RemovePod(pod.Name)
	if ok {
		s.enter(&member{pod: pod, ordinal: ordinal, place: place})
	}
	return ok || m != nil
}

// enter takes in a pod that was not known.
func (s *State) enter(m *member) {
	s.pods[m.pod.Name] = m
	s.add(m)
}

// RemovePod forgets the pod of that name, and tells whether it was the set's business.
func (s *State) RemovePod(name string) bool {
	m := s.pods[name]
	if m == nil {
		return false
	}
	delete(s.pods, name)
	s.remove(m)
	return true
}

// standing tells whether the pod is the set's business, and if so whether it is a member (then as a replica, until it is
// given its place), to be released or to be adopted (pkg/controller/controller_ref_manager.go:ClaimObject).
func (s *State) standing(pod *corev1.Pod) (place place, ordinal int, ok bool) {
	owner := metav1.GetControllerOfNoCopy(pod)
	if owner != nil && owner.UID != s.set.UID {
		return 0, 0, false
	}
	parent, ordinal := ParentAndOrdinal(pod.Name)
	matches := parent == s.set.Name && pod.Namespace == s.set.Namespace &&
		s.selector != nil && s.selector.Matches(labels.Set(pod.Labels))
	switch {
	case owner != nil && matches:
		return replica, ordinal, true
	case owner != nil:
		return release, ordinal, true
	}
	return adopt, ordinal, matches && pod.DeletionTimestamp == nil
}

// PutClaim takes in a claim of any set, new or changed.
func (s *State) PutClaim(claim *corev1.PersistentVolumeClaim) {
	if ordinal, ok := s.ordinalOf(claim); ok {
		s.claims[claim.Name] = claim
		s.refresh(ordinal)
	}
}

// RemoveClaim forgets a claim.
func (s *State) RemoveClaim(claim *corev1.PersistentVolumeClaim) {
	if ordinal, ok := s.ordinalOf(claim); ok {
		delete(s.claims, claim.Name)
		s.refresh(ordinal)
	}
}

// ordinalOf returns the ordinal whose claim this is, if it is named as one of the set's.
func (s *State) ordinalOf(claim *corev1.PersistentVolumeClaim) (int, bool) {
	base, ordinal := ParentAndOrdinal(claim.Name)
	if ordinal < 0 || claim.Namespace != s.set.Namespace {
		return 0, false
	}
	for i := range s.set.Spec.VolumeClaimTemplates {
		template := s.set.Spec.VolumeClaimTemplates[i].Name
		if len(base) == len(template)+1+len(s.set.Name) && base[:len(template)] == template &&
			base[len(template)] == '-' && base[len(template)+1:] == s.set.Name {
			return ordinal, true
		}
	}
	return 0, false
}
