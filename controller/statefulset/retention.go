package statefulset

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// owner is a pod or a set as an owner reference names it.
type owner struct {
	apiVersion, kind, name string
	uid                    types.UID
}

func ownerSet(set *appsv1.StatefulSet) owner {
	return owner{"apps/v1", setKind.Kind, set.Name, set.UID}
}

// ownerPod names a pod as an owner. A pod that is not made yet has no UID.
func ownerPod(name string, uid types.UID) owner { return owner{"v1", podKind.Kind, name, uid} }

// named tells whether a reference names the owner, of whatever UID.
func (o owner) named(ref *metav1.OwnerReference) bool {
	return ref.Kind == o.kind && ref.Name == o.name && ref.APIVersion == o.apiVersion
}

// owns tells whether the claim refers to the owner by its UID.
func (o owner) owns(claim *corev1.PersistentVolumeClaim) bool {
	for i := range claim.OwnerReferences {
		if claim.OwnerReferences[i].UID == o.uid {
			return true
		}
	}
	return false
}

// stale tells whether the claim refers to an owner of that name which is no more: only the first such reference counts
// (stateful_set_utils.go:hasStaleOwnerRef).
func (o owner) stale(claim *corev1.PersistentVolumeClaim) bool {
	for i := range claim.OwnerReferences {
		if ref := &claim.OwnerReferences[i]; o.named(ref) {
			return ref.UID != o.uid
		}
	}
	return false
}

func (o owner) reference() metav1.OwnerReference {
	yes := true
	return metav1.OwnerReference{
		APIVersion: o.apiVersion, Kind: o.kind, Name: o.name, UID: o.uid, Controller: &yes, BlockOwnerDeletion: &yes,
	}
}

// retention is who should own a pod's claims under the set's policy.
type retention struct {
	set, pod owner
	wanted
}

// wanted is what the set's policy says about the claims of a pod.
type wanted struct {
	deletes     bool // a policy other than to retain in both cases
	wantsSet    bool
	wantsPod    bool
	scaleDelete bool
}

// retentionOf applies the set's retention policy to one of its pods: inRange tells whether the pod's ordinal is wanted.
func retentionOf(set *appsv1.StatefulSet, pod owner, inRange bool) retention {
	return retention{ownerSet(set), pod, wantedBy(set, inRange)}
}

// wantedBy reads the set's retention policy. A policy of neither known value counts as Retain.
func wantedBy(set *appsv1.StatefulSet, inRange bool) (r wanted) {
	policy := set.Spec.PersistentVolumeClaimRetentionPolicy
	if policy == nil {
		return r
	}
	const retain, remove = appsv1.RetainPersistentVolumeClaimRetentionPolicyType, appsv1.DeletePersistentVolumeClaimRetentionPolicyType
	scaled, deleted := policy.WhenScaled, policy.WhenDeleted
	r.deletes = scaled != retain || deleted != retain
	r.scaleDelete = scaled != retain
	r.wantsSet = deleted == remove && (scaled == retain || scaled == remove && inRange)
	r.wantsPod = scaled == remove && (deleted == retain || deleted == remove) && !inRange
	return r
}

// contested tells whether the claim is managed by someone else: a controller that is neither the set nor the pod, or a set or
// pod of the same name but another UID (stateful_set_utils.go:hasUnexpectedController).
func (r *retention) contested(claim *corev1.PersistentVolumeClaim) bool {
	if !r.deletes {
		return false
	}
	for i := range claim.OwnerReferences {
		ref := &claim.OwnerReferences[i]
		switch {
		case r.set.named(ref):
			if ref.UID != r.set.uid {
				return true
			}
		case r.pod.named(ref):
			if ref.UID != r.pod.uid {
				return true
			}
		case ref.Controller != nil && *ref.Controller:
			return true
		}
	}
	return false
}

// settled tells whether the claim's owners are as the policy wants them, or are to be left alone
// (stateful_set_utils.go:isClaimOwnerUpToDate).
func (r *retention) settled(claim *corev1.PersistentVolumeClaim) bool {
	if len(claim.OwnerReferences) == 0 {
		return !r.wantsSet && !r.wantsPod
	}
	if r.set.stale(claim) || r.pod.stale(claim) {
		return true
	}
	bySet, byPod := r.set.owns(claim), r.pod.owns(claim)
	if r.contested(claim) {
		return !bySet && !byPod
	}
	return !r.ownedWithoutControl(claim) && bySet == r.wantsSet && byPod == r.wantsPod
}

// ownedWithoutControl tells whether the set or the pod owns the claim without being its controller
// (stateful_set_utils.go:hasNonControllerOwner).
func (r *retention) ownedWithoutControl(claim *corev1.PersistentVolumeClaim) bool {
	for i := range claim.OwnerReferences {
		ref := &claim.OwnerReferences[i]
		if (ref.UID == r.set.uid || ref.UID == r.pod.uid) && (ref.Controller == nil || !*ref.Controller) {
			return true
		}
	}
	return false
}

// settle returns the claim with the owners that the policy wants
// (stateful_set_utils.go:updateClaimOwnerRefForSetAndPod).
func (r *retention) settle(claim *corev1.PersistentVolumeClaim) *corev1.PersistentVolumeClaim {
	settled := *claim
	settled.OwnerReferences = make([]metav1.OwnerReference, 0, len(claim.OwnerReferences)+1)
	for i := range claim.OwnerReferences {
		if ref := &claim.OwnerReferences[i]; !r.set.named(ref) && !r.pod.named(ref) {
			settled.OwnerReferences = append(settled.OwnerReferences, *ref)
		}
	}
	if r.contested(claim) {
		return &settled
	}
	if r.wantsPod && !r.pod.owns(&settled) {
		settled.OwnerReferences = append(settled.OwnerReferences, r.pod.reference())
	}
	if r.wantsSet && !r.set.owns(&settled) {
		settled.OwnerReferences = append(settled.OwnerReferences, r.set.reference())
	}
	return &settled
}
