package statefulset

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
)

// byName returns the indexes of the claim templates in the order of their names. Upstream goes through a map here, so any
// order is as true as any other; this one repeats.
func byName(templates []corev1.PersistentVolumeClaim) []int {
	order := make([]int, len(templates))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(templates[a].Name, templates[b].Name) })
	return order
}

// newClaim returns the claim of an ordinal as the set makes it from a template
// (stateful_set_utils.go:getPersistentVolumeClaims).
func (s *State) newClaim(template *corev1.PersistentVolumeClaim, ordinal int) *corev1.PersistentVolumeClaim {
	claim := template.DeepCopy()
	claim.Name = ClaimName(template.Name, s.set.Name, ordinal)
	claim.Namespace = s.set.Namespace
	if s.set.Spec.Selector == nil {
		return claim
	}
	labels := copyOf(template.Labels, len(s.set.Spec.Selector.MatchLabels))
	for k, v := range s.set.Spec.Selector.MatchLabels {
		labels[k] = v
	}
	claim.Labels = labels
	return claim
}

// claim returns a claim as it is known, this sync's own writes included.
func (r *run) claim(key claimKey) *corev1.PersistentVolumeClaim {
	if claim := r.written[key]; claim != nil {
		return claim
	}
	return r.claimAt(key)
}

func (r *run) wrote(key claimKey, claim metav1.Object) {
	if r.written == nil {
		r.written = make(map[claimKey]*corev1.PersistentVolumeClaim)
	}
	r.written[key] = claim.(*corev1.PersistentVolumeClaim)
}

// blocked tells whether a claim of the ordinal still refers to an earlier pod, and so must go before a new pod can be made.
// Only a policy that deletes claims when scaled can leave such claims (stateful_pod_control.go:PodClaimIsStale).
func (r *run) blocked(ordinal int) bool {
	pod := ownerPod(PodName(r.set.Name, ordinal), "")
	keep := retentionOf(r.set, pod, true)
	if !keep.scaleDelete {
		return false
	}
	for i := range r.set.Spec.VolumeClaimTemplates {
		claim := r.claim(claimKey{i, ordinal})
		if claim != nil && pod.stale(claim) {
			return true
		}
	}
	return false
}

// createClaims makes the claims of an ordinal that don't exist. One that is being deleted is an error. Each is tried, even
// if another failed (stateful_pod_control.go:createPersistentVolumeClaims).
func (r *run) createClaims(ordinal int) error {
	templates := r.set.Spec.VolumeClaimTemplates
	if len(templates) == 0 {
		return nil
	}
	var errs []error
	for _, i := range byName(templates) {
		key := claimKey{i, ordinal}
		if claim := r.claim(key); claim == nil {
			if err := r.createClaim(key); err != nil {
				errs = append(errs, fmt.Errorf("failed to create PVC %s: %w", ClaimName(templates[i].Name, r.set.Name, ordinal), err))
			}
		} else if claim.DeletionTimestamp != nil {
			errs = append(errs, fmt.Errorf("pvc %s is being deleted", claim.Name))
		}
	}
	return utilerrors.NewAggregate(errs)
}

func (r *run) createClaim(key claimKey) error {
	claim := r.newClaim(&r.set.Spec.VolumeClaimTemplates[key.template], key.ordinal)
	name := claim.Name
	answer, err := r.apply(Write{Create, claim})
	if err == nil {
		r.wrote(key, answer)
	}
	if !apierrors.IsAlreadyExists(err) {
		r.claimEvent(name, key.ordinal, err)
	}
	return err
}

// ownersSettled tells whether those of a pod's claims that exist have the owners that the policy wants
// (stateful_pod_control.go:ClaimsMatchRetentionPolicy).
func (r *run) ownersSettled(ordinal int, keep *retention) bool {
	for i := range r.set.Spec.VolumeClaimTemplates {
		claim := r.claim(claimKey{i, ordinal})
		if claim != nil && !keep.settled(claim) {
			return false
		}
	}
	return true
}

// settleOwners gives a pod's claims the owners that the policy wants
// (stateful_pod_control.go:UpdatePodClaimForRetentionPolicy).
func (r *run) settleOwners(ordinal int, keep *retention) error {
	for i := range r.set.Spec.VolumeClaimTemplates {
		claim := r.claim(claimKey{i, ordinal})
		if claim == nil {
			continue
		}
		if keep.contested(claim) {
			r.conflictEvent(claim.Name)
		}
		if keep.settled(claim) {
			continue
		}
		answer, err := r.apply(Write{Update, keep.settle(claim)})
		if err != nil {
			return fmt.Errorf("could not update claim %s for delete policy ownerRefs: %w", claim.Name, err)
		}
		r.wrote(claimKey{i, ordinal}, answer)
	}
	return nil
}
