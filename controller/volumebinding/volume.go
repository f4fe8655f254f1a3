package volumebinding

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// syncVolume decides what to do with a volume (pkg/controller/volume/persistentvolume/pv_controller.go:syncVolume).
func (s sync) syncVolume(volume *corev1.PersistentVolume) (time.Duration, error) {
	volume, err := s.guard(volume)
	if err != nil {
		return 0, err
	}
	ref := volume.Spec.ClaimRef
	if ref == nil || ref.UID == "" {
		_, err := s.setPhase(volume, corev1.VolumeAvailable)
		return 0, err
	}
	claim := s.claimant(ref)
	elsewhere := claim != nil && claim.Spec.VolumeName != "" && claim.Spec.VolumeName != volume.Name
	if claim == nil || elsewhere && provisioned(volume) && volume.Spec.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimDelete {
		return s.release(volume)
	}
	delete(s.disposal, volume.Name)
	switch {
	case elsewhere:
		return 0, s.unbind(volume)
	case claim.Spec.VolumeName == "":
		return 0, s.checkMode(volume, claim) // the claim's own turn binds it
	}
	_, err = s.setPhase(volume, corev1.VolumeBound)
	return 0, err
}

// claimant returns the claim that a volume is bound to, and nil if it is gone: another one under the same name does not
// count. A claim that the cache does not know is looked for in the API server, lest a volume be given up too early.
func (s sync) claimant(ref *corev1.ObjectReference) *corev1.PersistentVolumeClaim {
	claim, ok := s.claim(ref.Namespace, ref.Name)
	if !ok || claim.UID != ref.UID {
		claim, ok = store.Get[*corev1.PersistentVolumeClaim](s.api.View(), ref.Namespace, ref.Name)
	}
	if !ok || claim.UID != ref.UID {
		return nil
	}
	return claim
}

func (s sync) checkMode(volume *corev1.PersistentVolume, claim *corev1.PersistentVolumeClaim) error {
	if pv.ModesDiffer(claim, volume) {
		s.api.Event(volume, corev1.EventTypeWarning, "VolumeMismatch",
			`Cannot bind PersistentVolume to requested PersistentVolumeClaim "`+claim.Name+`" due to incompatible volumeMode.`)
		s.api.Event(claim, corev1.EventTypeWarning, "VolumeMismatch",
			`Cannot bind PersistentVolume "`+volume.Name+`" to requested PersistentVolumeClaim due to incompatible volumeMode.`)
	}
	return nil
}

func provisioned(volume *corev1.PersistentVolume) bool {
	return metav1.HasAnnotation(volume.ObjectMeta, pv.ProvisionedBy)
}

func (s sync) fail(volume *corev1.PersistentVolume, reason, message string) error {
	if volume.Status.Phase == corev1.VolumeFailed {
		return nil
	}
	failed := *volume
	failed.Status.Phase, failed.Status.Message = corev1.VolumeFailed, message
	written, err := updateStatus(s, &failed)
	if err == nil {
		s.api.Event(written, corev1.EventTypeWarning, reason, message)
	}
	return err
}

// unbind takes back a binding to a claim that got another volume; what a user set aside stays so by its name
// (pv_controller.go:unbindVolume).
func (s sync) unbind(volume *corev1.PersistentVolume) error {
	freed := volume.DeepCopy()
	if metav1.HasAnnotation(freed.ObjectMeta, pv.BoundByController) {
		freed.Spec.ClaimRef = nil
		delete(freed.Annotations, pv.BoundByController)
	} else {
		freed.Spec.ClaimRef.UID = ""
	}
	written, err := update(s, freed)
	if err != nil {
		return err
	}
	_, err = s.setPhase(written, corev1.VolumeAvailable)
	return err
}

func (s sync) setPhase(volume *corev1.PersistentVolume, phase corev1.PersistentVolumePhase) (*corev1.PersistentVolume, error) {
	if volume.Status.Phase == phase {
		return volume, nil
	}
	next := *volume
	next.Status.Phase, next.Status.Message = phase, ""
	return updateStatus(s, &next)
}
