package statefulset

import (
	"cmp"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// arrange looks at everything anew: after a change of the spec, or when pods contend for a place.
func (s *State) arrange() {
	known := slices.Concat(s.replicas, s.condemned, s.stray, s.strangers)
	n := replicaCount(s.set)
	s.replicas = make([]*member, n)
	s.arrangeClaims()
	s.busy, s.fit, s.outdated = newBitset(n), newBitset(n), newBitset(n)
	for i := range n {
		s.busy.put(i, true)
	}
	s.condemned, s.strangers, s.stray, s.waiting = nil, nil, nil, nil
	s.tallies, s.counts, s.doomed, s.owed = nil, counts{}, 0, 0
	for _, m := range known {
		if m != nil {
			s.add(m)
		}
	}
}

// index returns where the ordinal stands among the replicas, and whether it is one of them.
func (s *State) index(ordinal int) (int, bool) {
	i := ordinal - startOrdinal(s.set)
	return i, i >= 0 && i < len(s.replicas)
}

// add gives a pod its place and counts it.
func (s *State) add(m *member) {
	if m.place >= release {
		s.strangers = insert(s.strangers, m, byPodName)
		return
	}
	i, wanted := s.index(m.ordinal)
	switch {
	case m.ordinal < 0:
		m.place = nowhere
	case !wanted:
		m.place = condemned
	case s.replicas[i] == nil:
		m.place = replica
	case s.replicas[i].pod.Name < m.pod.Name:
		s.displace(s.replicas[i])
		m.place = replica
	default:
		m.place = nowhere
	}
	switch m.place {
	case replica:
		s.replicas[i] = m
	case condemned:
		s.condemned = insert(s.condemned, m, byOrdinal)
	case nowhere:
		s.stray = insert(s.stray, m, byPodName)
	}
	s.look(m)
	s.count(m)
}

// displace takes a pod's place away: of two names for one ordinal (web-1 and web-01) the one that sorts later stands.
func (s *State) displace(m *member) {
	s.uncount(m)
	m.place = nowhere
	s.stray = insert(s.stray, m, byPodName)
	s.count(m)
}

// remove takes a pod from its place.
func (s *State) remove(m *member) {
	m.due = time.Time{}
	switch m.place {
	case replica:
		s.uncount(m)
		i, _ := s.index(m.ordinal)
		s.replicas[i] = nil
		s.busy.put(i, true)
		s.fit.put(i, false)
		s.outdated.put(i, false)
		if len(s.stray) > 0 {
			s.arrange()
		}
	case condemned:
		s.uncount(m)
		s.condemned = without(s.condemned, m, byOrdinal)
	case nowhere:
		s.uncount(m)
		s.stray = without(s.stray, m, byPodName)
	default:
		s.strangers = without(s.strangers, m, byPodName)
	}
}

// change replaces a pod by a later version of it.
func (s *State) change(m *member, pod *corev1.Pod) {
	s.uncount(m)
	m.pod = pod
	s.look(m)
	s.count(m)
}

// refresh looks anew at the pods of an ordinal, one of whose claims has changed.
func (s *State) refresh(ordinal int) {
	if i, wanted := s.index(ordinal); wanted {
		if m := s.replicas[i]; m != nil {
			s.change(m, m.pod)
		}
		return
	}
	for _, m := range s.condemnedOf(ordinal) {
		s.change(m, m.pod)
	}
}

// look establishes the facts about a pod.
func (s *State) look(m *member) {
	pod := m.pod
	m.due = time.Time{}
	m.revision = pod.Labels[revisionLabel]
	m.is = podFacts(pod)
	if m.is.has(ready) {
		var is facts
		if is, m.due = availability(pod, s.set.Spec.MinReadySeconds, s.now); !m.due.IsZero() {
			s.waiting.add(m)
		}
		m.is |= is
	}
	if hasIdentity(s.set, pod, m.ordinal) {
		m.is |= identified
	}
	m.is |= s.claimFacts(m)
}

// claimFacts answers what can be seen of a pod's claims and of whether it mounts them.
func (s *State) claimFacts(m *member) facts {
	templates := s.set.Spec.VolumeClaimTemplates
	is := furnished | claimed | settled
	if len(templates) == 0 {
		return is
	}
	wanted := wantedBy(s.set, m.place == replica)
	var buffer [128]byte
	for i := range templates {
		name := appendClaimName(buffer[:0], templates[i].Name, s.set.Name, m.ordinal)
		if source := mounted(m.pod, templates[i].Name); source == nil || source.ClaimName != string(name) {
			is &^= furnished
		}
		claim := s.claimAt(claimKey{i, m.ordinal})
		if claim == nil || claim.DeletionTimestamp != nil {
			is &^= claimed
		}
		if claim != nil {
			is = s.ownerFacts(m.pod, claim, wanted, is)
		}
	}
	return is
}

// ownerFacts adds to what is known of a pod's claims what the owners of one of them tell.
func (s *State) ownerFacts(pod *corev1.Pod, claim *corev1.PersistentVolumeClaim, wanted wanted, is facts) facts {
	if len(claim.OwnerReferences) == 0 && !wanted.wantsSet && !wanted.wantsPod {
		return is // This is how it is with most claims, and by far the quickest to say.
	}
	keep := retention{ownerSet(s.set), ownerPod(pod.Name, pod.UID), wanted}
	if !keep.settled(claim) {
		is &^= settled
	}
	if keep.contested(claim) {
		is |= contested
	}
	return is
}

// count enters what is known of a pod into the sums.
func (s *State) count(m *member) {
	s.sum(m, 1)
	if m.place != replica {
		return
	}
	i, _ := s.index(m.ordinal)
	s.busy.put(i, !m.is.idle(s.set.Spec.PodManagementPolicy))
	s.fit.put(i, m.is.has(available) && !m.is.has(terminating))
	s.outdated.put(i, m.revision != s.outdatedTo && !m.is.has(terminating))
}

// uncount takes a pod out of the sums.
func (s *State) uncount(m *member) { s.sum(m, -1) }

func (s *State) sum(m *member, one int32) {
	t := s.tallyOf(m.revision)
	t.all += one
	if m.place == nowhere {
		return
	}
	if m.is.has(created) {
		s.counts.replicas += one
		if !m.is.has(terminating) {
			t.active += one
		}
	}
	if m.is.has(healthy) {
		s.counts.ready += one
		if m.is.has(available) {
			s.counts.available += one
		}
	}
	if m.place != condemned {
		return
	}
	if !m.is.has(terminating) {
		s.doomed += int(one)
	}
	if !m.is.has(settled) {
		s.owed += int(one)
	}
}

// tallyOf returns the tally of a revision.
func (s *State) tallyOf(revision string) *tally {
	for i := range s.tallies {
		if s.tallies[i].revision == revision {
			return &s.tallies[i]
		}
	}
	s.tallies = append(s.tallies, tally{revision: revision})
	return &s.tallies[len(s.tallies)-1]
}

// advance moves the time, and so makes pods available.
func (s *State) advance(now time.Time) {
	if now.Before(s.now) {
		s.now = now
		s.arrange()
		return
	}
	s.now = now
	for m := s.waiting.head(); m != nil && !m.due.After(now); m = s.waiting.head() {
		s.change(m, m.pod)
	}
}

// markOutdated works out which replicas are not of the given revision.
func (s *State) markOutdated(revision string) {
	if s.outdatedTo == revision {
		return
	}
	s.outdatedTo = revision
	for i, m := range s.replicas {
		s.outdated.put(i, m != nil && m.revision != revision && !m.is.has(terminating))
	}
}

func byPodName(a, b *member) int { return cmp.Compare(a.pod.Name, b.pod.Name) }

func byOrdinal(a, b *member) int {
	if c := cmp.Compare(a.ordinal, b.ordinal); c != 0 {
		return c
	}
	return byPodName(a, b)
}

func insert(list []*member, m *member, by func(a, b *member) int) []*member {
	at, _ := slices.BinarySearchFunc(list, m, by)
	return slices.Insert(list, at, m)
}

func without(list []*member, m *member, by func(a, b *member) int) []*member {
	if at, ok := slices.BinarySearchFunc(list, m, by); ok {
		return slices.Delete(list, at, at+1)
	}
	return list
}
