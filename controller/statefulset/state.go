package statefulset

import (
	"cmp"
	"slices"
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
	check    time.Time // when the set is looked at again: see lookAgain

	claims    claimTable
	revisions []*appsv1.ControllerRevision // the set's and nobody's, in upstream's order

	spare     []member  // made beforehand for pods that are to come
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
func NewState(set *appsv1.StatefulSet, gates Gates) *State { return newState(set, gates, 0) }

// newState makes room for so many pods.
func newState(set *appsv1.StatefulSet, gates Gates, pods int) *State {
	s := &State{gates: gates, set: set, selector: selectorOf(set), spare: make([]member, pods)}
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
	parent, ordinal := ParentAndOrdinal(pod.Name)
	place, ok := s.standing(pod, parent)
	m := s.find(pod.Name, ordinal)
	if ok && m != nil && m.place < release && place < release {
		s.change(m, pod)
		return true
	}
	if m != nil {
		s.remove(m)
	}
	if ok {
		s.enter(pod, ordinal, place)
	}
	return ok || m != nil
}

// enter takes in a pod that is not known.
func (s *State) enter(pod *corev1.Pod, ordinal int, place place) {
	if len(s.spare) == 0 {
		s.spare = make([]member, 1)
	}
	m := &s.spare[0]
	s.spare = s.spare[1:]
	m.pod, m.ordinal, m.place = pod, ordinal, place
	s.add(m)
}

// RemovePod forgets the pod of that name, and tells whether it was the set's business.
func (s *State) RemovePod(name string) bool {
	_, ordinal := ParentAndOrdinal(name)
	m := s.find(name, ordinal)
	if m == nil {
		return false
	}
	s.remove(m)
	return true
}

// find returns the pod of that name, which stands for that ordinal; nil if it is not known.
func (s *State) find(name string, ordinal int) *member {
	if i, wanted := s.index(ordinal); wanted && s.replicas[i] != nil && s.replicas[i].pod.Name == name {
		return s.replicas[i]
	}
	for _, m := range s.condemnedOf(ordinal) {
		if m.pod.Name == name {
			return m
		}
	}
	for _, list := range [...][]*member{s.stray, s.strangers} {
		if at, ok := slices.BinarySearchFunc(list, name, func(m *member, name string) int { return cmp.Compare(m.pod.Name, name) }); ok {
			return list[at]
		}
	}
	return nil
}

// condemnedOf returns the condemned pods of an ordinal. There are several only if some have leading zeros in their names.
func (s *State) condemnedOf(ordinal int) []*member {
	from, _ := slices.BinarySearchFunc(s.condemned, ordinal, func(m *member, ordinal int) int { return cmp.Compare(m.ordinal, ordinal) })
	to := from
	for to < len(s.condemned) && s.condemned[to].ordinal == ordinal {
		to++
	}
	return s.condemned[from:to]
}

// standing tells whether the pod, whose name gives it that parent, is the set's business, and if so whether it is a member
// (then as a replica, until it is given its place), to be released or to be adopted
// (pkg/controller/controller_ref_manager.go:ClaimObject).
func (s *State) standing(pod *corev1.Pod, parent string) (place place, ok bool) {
	owner := metav1.GetControllerOfNoCopy(pod)
	if owner != nil && owner.UID != s.set.UID {
		return 0, false
	}
	matches := parent == s.set.Name && pod.Namespace == s.set.Namespace &&
		s.selector != nil && s.selector.Matches(labels.Set(pod.Labels))
	switch {
	case owner != nil && matches:
		return replica, true
	case owner != nil:
		return release, true
	}
	return adopt, matches && pod.DeletionTimestamp == nil
}

// PutClaim takes in a claim of any set, new or changed.
func (s *State) PutClaim(claim *corev1.PersistentVolumeClaim) {
	if key, ok := s.claimKeyOf(claim); ok {
		s.setClaim(key, claim)
		s.refresh(key.ordinal)
	}
}

// RemoveClaim forgets the claim of that name.
func (s *State) RemoveClaim(claim *corev1.PersistentVolumeClaim) {
	if key, ok := s.claimKeyOf(claim); ok {
		s.setClaim(key, nil)
		s.refresh(key.ordinal)
	}
}
