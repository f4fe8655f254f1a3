package volumebinding

import (
	"errors"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// syncClaim decides what to do with a claim (pkg/controller/volume/persistentvolume/pv_controller.go:syncClaim).
func (s sync) syncClaim(key store.Key, claim *corev1.PersistentVolumeClaim) (time.Duration, error) {
	if metav1.HasAnnotation(claim.ObjectMeta, pv.BindCompleted) {
		delete(s.orders, key)
		return 0, s.syncBoundClaim(claim)
	}
	if claim.Spec.VolumeName != "" {
		return 0, s.bindToNamed(claim)
	}
	delayed := pv.Delayed(s.cache, pv.ClassOf(claim))
	if volume := (pv.Choice{Claim: claim, Reserved: delayed}).Best(s.unusedVolumes(key)); volume != nil {
		return 0, s.bind(volume, claim)
	}
	return s.syncUnboundClaim(key, claim, delayed)
}

// syncUnboundClaim sees to a claim for which there is no volume (pv_controller.go:syncUnboundClaim).
func (s sync) syncUnboundClaim(key store.Key, claim *corev1.PersistentVolumeClaim, delayed bool) (time.Duration, error) {
	if class := s.defaultClass(); claim.Spec.StorageClassName == nil && pv.ClassOf(claim) == "" && class != "" {
		assigned := claim.DeepCopy()
		assigned.Spec.StorageClassName = &class
		_, err := update(s, assigned)
		return 0, err
	}
	_, selected := claim.Annotations[pv.SelectedNode]
	switch {
	case delayed && !selected:
		s.tellWaiting(key, claim)
	case pv.ClassOf(claim) != "":
		return s.provision(key, claim)
	default:
		s.api.Event(claim, corev1.EventTypeNormal, "FailedBinding",
			"no persistent volumes available for this claim and no storage class is set")
	}
	return 0, s.setClaimStatus(claim, corev1.ClaimPending, nil)
}

// tellWaiting says what a claim of a class with WaitForFirstConsumer waits for
// (pv_controller.go:emitEventForUnboundDelayBindingClaim).
func (s sync) tellWaiting(key store.Key, claim *corev1.PersistentVolumeClaim) {
	switch pods := s.pending[key]; len(pods) {
	case 0:
		s.api.Event(claim, corev1.EventTypeNormal, "WaitForFirstConsumer", "waiting for first consumer to be created before binding")
	case 1:
		s.api.Event(claim, corev1.EventTypeNormal, "WaitForPodScheduled", "waiting for pod "+pods[0]+" to be scheduled")
	default:
		s.api.Event(claim, corev1.EventTypeNormal, "WaitForPodScheduled", "waiting for pods "+strings.Join(pods, ",")+" to be scheduled")
	}
}

// bindToNamed binds a claim to the volume that its maker asked for, once it is there and free.
func (s sync) bindToNamed(claim *corev1.PersistentVolumeClaim) error {
	volume, ok := s.volume(claim.Spec.VolumeName)
	if !ok {
		return s.setClaimStatus(claim, corev1.ClaimPending, nil)
	}
	if volume.Spec.ClaimRef == nil {
		if why := pv.Unsuitable(volume, claim); why != "" {
			s.api.Event(claim, corev1.EventTypeWarning, "VolumeMismatch", `Cannot bind to requested volume "`+volume.Name+`": `+why)
			return s.setClaimStatus(claim, corev1.ClaimPending, nil)
		}
		return s.bind(volume, claim)
	}
	if pv.BoundTo(volume, claim) {
		return s.bind(volume, claim)
	}
	s.api.Event(claim, corev1.EventTypeWarning, "FailedBinding", `volume "`+volume.Name+`" already bound to a different claim.`)
	if metav1.HasAnnotation(claim.ObjectMeta, pv.BoundByController) {
		return errors.New(`invalid binding of claim "` + claim.Namespace + "/" + claim.Name + `" to volume "` + volume.Name + `"`)
	}
	return s.setClaimStatus(claim, corev1.ClaimPending, nil)
}

// syncBoundClaim sees to a claim that was bound once: it never gets another volume (pv_controller.go:syncBoundClaim).
func (s sync) syncBoundClaim(claim *corev1.PersistentVolumeClaim) error {
	if claim.Spec.VolumeName == "" {
		return s.lose(claim, "ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!")
	}
	volume, ok := s.volume(claim.Spec.VolumeName)
	if !ok {
		return s.lose(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!")
	}
	if ref := volume.Spec.ClaimRef; ref != nil && ref.UID != claim.UID {
		return s.lose(claim, "ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly")
	}
	return s.bind(volume, claim)
}

func (s sync) lose(claim *corev1.PersistentVolumeClaim, reason, message string) error {
	if claim.Status.Phase == corev1.ClaimLost {
		return nil
	}
	err := s.setClaimStatus(claim, corev1.ClaimLost, nil)
	if err == nil {
		s.api.Event(claim, corev1.EventTypeWarning, reason, message)
	}
	return err
}

// bind brings both sides of a binding in order, the volume first (pv_controller.go:bind).
func (s sync) bind(volume *corev1.PersistentVolume, claim *corev1.PersistentVolumeClaim) error {
	var err error
	if bound, changed := pv.Bind(volume, claim); changed {
		if volume, err = update(s, bound); err != nil {
			return err
		}
	}
	if volume, err = s.setPhase(volume, corev1.VolumeBound); err != nil {
		return err
	}
	if claim, err = s.bindClaim(claim, volume.Name); err != nil {
		return err
	}
	return s.setClaimStatus(claim, corev1.ClaimBound, volume)
}

func (s sync) bindClaim(claim *corev1.PersistentVolumeClaim, volume string) (*corev1.PersistentVolumeClaim, error) {
	if claim.Spec.VolumeName == volume && metav1.HasAnnotation(claim.ObjectMeta, pv.BindCompleted) {
		return claim, nil
	}
	bound := claim.DeepCopy()
	if bound.Spec.VolumeName != volume {
		bound.Spec.VolumeName = volume
		metav1.SetMetaDataAnnotation(&bound.ObjectMeta, pv.BoundByController, "yes")
	}
	metav1.SetMetaDataAnnotation(&bound.ObjectMeta, pv.BindCompleted, "yes")
	return update(s, bound)
}

// setClaimStatus writes a claim's phase with what its volume has, if that is news. The capacity of a claim that is bound
// already is left alone: its file system may be smaller than the volume (pv_controller.go:updateClaimStatus).
func (s sync) setClaimStatus(claim *corev1.PersistentVolumeClaim, phase corev1.PersistentVolumeClaimPhase, volume *corev1.PersistentVolume) error {
	status := claim.Status.DeepCopy()
	status.Phase = phase
	changed := claim.Status.Phase != phase
	switch {
	case volume == nil:
		changed = changed || status.AccessModes != nil || status.Capacity != nil
		status.AccessModes, status.Capacity = nil, nil
	default:
		if claim.Status.Phase != phase {
			status.Capacity = capacityFor(volume)
		}
		changed = changed || !slices.Equal(status.AccessModes, volume.Spec.AccessModes)
		status.AccessModes = slices.Clone(volume.Spec.AccessModes)
	}
	if !changed {
		return nil
	}
	next := *claim
	next.Status = *status
	_, err := updateStatus(s, &next)
	return err
}

// capacityFor is what a claim gets when it is bound to a volume: what the volume has, or what its file system has if that has
// not grown with it yet.
func capacityFor(volume *corev1.PersistentVolume) corev1.ResourceList {
	capacity := volume.Spec.Capacity.DeepCopy()
	if before, err := resource.ParseQuantity(volume.Annotations[pv.PreResizeCapacity]); err == nil {
		capacity[corev1.ResourceStorage] = before
	}
	return capacity
}

// unusedVolumes lists the volumes that a claim can have: those set aside for it, and those that are there for anyone.
func (s sync) unusedVolumes(claim store.Key) (found []*corev1.PersistentVolume) {
	for _, names := range [][]string{s.unused[claim], s.unused[store.Key{}]} {
		for _, name := range names {
			if volume, ok := s.volume(name); ok {
				found = append(found, volume)
			}
		}
	}
	return found
}

// defaultClass is the newest of the classes that are marked as the default, and by name the first of equally new ones
// (pkg/volume/util/storageclass.go:GetDefaultClass).
func (s sync) defaultClass() string {
	var best *storagev1.StorageClass
	for class := range store.All[*storagev1.StorageClass](s.cache) {
		if class.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" &&
			(best == nil || class.CreationTimestamp.After(best.CreationTimestamp.Time)) {
			best = class
		}
	}
	if best == nil {
		return ""
	}
	return best.Name
}
