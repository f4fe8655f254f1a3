package story

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/store"

	"statefulsim/sim"
)

// attachments knows which VolumeAttachments are about which claim, as far as they were heard of.
type attachments struct {
	claims map[string]string   // by the name of the attachment: the claim whose volume it is about
	of     map[string][]string // by the claim
}

// attachment takes in an event about a VolumeAttachment. One that is gone was its claim's.
func (l *loom) attachment(name string) {
	claim := l.attachments.claims[name]
	if a, ok := store.Get[*storagev1.VolumeAttachment](l.view, "", name); ok && claim == "" && a.Spec.Source.PersistentVolumeName != nil {
		if claim = l.claimOfVolume(*a.Spec.Source.PersistentVolumeName); claim != "" {
			l.attachments.claims[name] = claim
			l.attachments.of[claim] = append(l.attachments.of[claim], name)
		}
	}
	if claim != "" {
		l.claim(claim)
	}
}

// volume takes in an event about a PersistentVolume.
func (l *loom) volume(name string) {
	if claim := l.claimOfVolume(name); claim != "" {
		l.claim(claim)
	}
}

// claimOfVolume names the claim that a PersistentVolume belongs to, or is "".
func (l *loom) claimOfVolume(name string) string {
	pv, ok := store.Get[*corev1.PersistentVolume](l.view, "", name)
	if !ok || pv.Spec.ClaimRef == nil {
		return ""
	}
	return sim.DisplayName(pv.Spec.ClaimRef.Namespace, pv.Spec.ClaimRef.Name)
}

// claim looks at a claim and where its volume is attached.
func (l *loom) claim(name string) {
	namespace, plain := splitName(name)
	claim, ok := store.Get[*corev1.PersistentVolumeClaim](l.view, namespace, plain)
	if !ok {
		l.end(l.claims, name)
		return
	}
	state, text := claimState(claim, l.attachmentsOf(claim, name))
	l.become(l.claims, name, state, text)
}

// attachmentsOf lists the attachments of a claim's volume that are there, and forgets those that are gone.
func (l *loom) attachmentsOf(claim *corev1.PersistentVolumeClaim, name string) (there []*storagev1.VolumeAttachment) {
	known := l.attachments.of[name]
	l.attachments.of[name] = slices.DeleteFunc(known, func(attachment string) bool {
		a, ok := store.Get[*storagev1.VolumeAttachment](l.view, "", attachment)
		if !ok {
			delete(l.attachments.claims, attachment)
			return true
		}
		if volume := a.Spec.Source.PersistentVolumeName; volume != nil && *volume == claim.Spec.VolumeName {
			there = append(there, a)
		}
		return false
	})
	return there
}

// claimState sorts a claim.
func claimState(claim *corev1.PersistentVolumeClaim, attachments []*storagev1.VolumeAttachment) (state State, text string) {
	switch phase := claim.Status.Phase; {
	case phase == corev1.ClaimLost:
		state, text = Failed, "its volume is lost"
	case phase != corev1.ClaimBound:
		state, text = Waiting, "not bound"
	default:
		state, text = attachedState(attachments)
	}
	if claim.DeletionTimestamp != nil {
		state, text = Ending, "being deleted, "+text
	}
	return state, text
}

// attachedState tells where the volume of a bound claim is attached, and where it soon will be, or no longer.
func attachedState(attachments []*storagev1.VolumeAttachment) (state State, text string) {
	state = Apart
	var words []string
	for _, a := range attachments {
		switch {
		case a.Status.Attached:
			state = Serving
			words = append(words, "attached to "+a.Spec.NodeName+leaving(a))
		case a.DeletionTimestamp == nil:
			words = append(words, "attaching to "+a.Spec.NodeName)
		}
	}
	if words == nil {
		return state, "attached nowhere"
	}
	return state, strings.Join(words, ", ")
}

// leaving says of an attachment that is still there whether it is to go.
func leaving(a *storagev1.VolumeAttachment) string {
	if a.DeletionTimestamp != nil {
		return " and being detached"
	}
	return ""
}
