package statefulset

import corev1 "k8s.io/api/core/v1"

// claimTable holds the claims of a set: those of the wanted ordinals by their place, all others by what they are called.
type claimTable struct {
	wanted []*corev1.PersistentVolumeClaim // by ordinal above the first, then by template; nil where a claim is missing
	others map[claimKey]*corev1.PersistentVolumeClaim
}

// claimKey is the number of a claim template, and the ordinal of a pod.
type claimKey struct{ template, ordinal int }

// claimAt returns the claim of an ordinal for a template, or nil.
func (s *State) claimAt(key claimKey) *corev1.PersistentVolumeClaim {
	if i, wanted := s.index(key.ordinal); wanted {
		return s.claims.wanted[i*len(s.set.Spec.VolumeClaimTemplates)+key.template]
	}
	return s.claims.others[key]
}

// setClaim makes a claim, or nil, the one of an ordinal for a template.
func (s *State) setClaim(key claimKey, claim *corev1.PersistentVolumeClaim) {
	i, wanted := s.index(key.ordinal)
	switch {
	case wanted:
		s.claims.wanted[i*len(s.set.Spec.VolumeClaimTemplates)+key.template] = claim
	case claim == nil:
		delete(s.claims.others, key)
	default:
		if s.claims.others == nil {
			s.claims.others = make(map[claimKey]*corev1.PersistentVolumeClaim)
		}
		s.claims.others[key] = claim
	}
}

// arrangeClaims gives each claim its place anew.
func (s *State) arrangeClaims() {
	old := s.claims
	s.claims = claimTable{wanted: make([]*corev1.PersistentVolumeClaim, len(s.replicas)*len(s.set.Spec.VolumeClaimTemplates))}
	for _, claim := range old.wanted {
		if claim != nil {
			s.keep(claim)
		}
	}
	for _, claim := range old.others {
		s.keep(claim)
	}
}

// keep gives a claim its place, if the set has one for it.
func (s *State) keep(claim *corev1.PersistentVolumeClaim) {
	if key, ok := s.claimKeyOf(claim); ok {
		s.setClaim(key, claim)
	}
}

// claimKeyOf tells which claim this is, if it is named as one of the set's.
func (s *State) claimKeyOf(claim *corev1.PersistentVolumeClaim) (claimKey, bool) {
	base, ordinal := ParentAndOrdinal(claim.Name)
	if ordinal < 0 || claim.Namespace != s.set.Namespace {
		return claimKey{}, false
	}
	if digits := claim.Name[len(base)+1:]; len(digits) > 1 && digits[0] == '0' {
		return claimKey{}, false // No pod's claim has leading zeros.
	}
	for i := range s.set.Spec.VolumeClaimTemplates {
		template := s.set.Spec.VolumeClaimTemplates[i].Name
		if len(base) == len(template)+1+len(s.set.Name) && base[:len(template)] == template &&
			base[len(template)] == '-' && base[len(template)+1:] == s.set.Name {
			return claimKey{i, ordinal}, true
		}
	}
	return claimKey{}, false
}
