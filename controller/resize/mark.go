package resize

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/volumebinding/pv"
)

// markInProgress records the size that the storage is asked for. An attempt at the same size as before leaves the recorded
// progress, and what is said of it, as they are (resize_status.go:markControllerResizeInProgress).
func (s *sync) markInProgress(size resource.Quantity, same bool) error {
	if metav1.HasAnnotation(s.claim.ObjectMeta, pv.NodeExpansionNotRequired) {
		next := s.claim.DeepCopy()
		delete(next.Annotations, pv.NodeExpansionNotRequired)
		if err := s.write(next, false); err != nil {
			return err
		}
	}
	next := s.claim.DeepCopy()
	s.condition(next, corev1.PersistentVolumeClaimResizing, "", same)
	if !same {
		condition.SetResizeStatus(&next.Status, corev1.PersistentVolumeClaimControllerResizeInProgress)
	}
	if next.Status.AllocatedResources == nil {
		next.Status.AllocatedResources = corev1.ResourceList{}
	}
	next.Status.AllocatedResources[corev1.ResourceStorage] = size
	return s.write(next, true)
}

// markFailed records that the storage refused; what it can never do is infeasible, and the claim may then ask for less
// (resize_status.go:markControllerExpansionInfeasible, markControllerExpansionFailedCondition).
func (s *sync) markFailed(refusal *pv.Refusal, infeasible bool) error {
	next := s.claim.DeepCopy()
	s.condition(next, corev1.PersistentVolumeClaimControllerResizeError, "failed to expand pvc with "+refusal.Error(), true)
	if infeasible {
		condition.SetResizeStatus(&next.Status, corev1.PersistentVolumeClaimControllerResizeInfeasible)
	}
	return s.write(next, true)
}

// markPendingOnNode leaves the rest to the kubelet (resize_status.go:markForPendingNodeExpansion).
func (s *sync) markPendingOnNode() error {
	next := s.claim.DeepCopy()
	s.condition(next, corev1.PersistentVolumeClaimFileSystemResizePending,
		"Waiting for user to (re-)start a pod to finish file system resize of volume on node.", true)
	condition.SetResizeStatus(&next.Status, corev1.PersistentVolumeClaimNodeResizePending)
	if err := s.write(next, true); err != nil {
		return err
	}
	s.tell(corev1.EventTypeNormal, "FileSystemResizeRequired", "Require file system resize of volume on node")
	return nil
}

// markFinished ends the growth of a volume that needs nothing from its node (resize_status.go:markOverallExpansionAsFinished).
func (s *sync) markFinished(size resource.Quantity) error {
	next := s.claim.DeepCopy()
	next.Status.Capacity[corev1.ResourceStorage] = size
	next.Status.Conditions = condition.Grown(next.Status.Conditions)
	condition.SetResizeStatus(&next.Status, "")
	if err := s.write(next, true); err != nil {
		return err
	}
	next = s.claim.DeepCopy()
	metav1.SetMetaDataAnnotation(&next.ObjectMeta, pv.NodeExpansionNotRequired, "true")
	if err := s.write(next, false); err != nil {
		return err
	}
	s.tell(corev1.EventTypeNormal, "VolumeResizeSuccessful", "Resize volume succeeded")
	return nil
}

// condition sets one of the claim's conditions about its growth to true.
func (s *sync) condition(claim *corev1.PersistentVolumeClaim, kind corev1.PersistentVolumeClaimConditionType, message string, keep bool) {
	claim.Status.Conditions = condition.Growing(claim.Status.Conditions, corev1.PersistentVolumeClaimCondition{
		Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(s.api.Now), Message: message,
	}, keep)
}

// write stores the claim's status, or all else of it, and goes on with what the server has.
func (s *sync) write(claim *corev1.PersistentVolumeClaim, status bool) error {
	update := s.api.Update
	if status {
		update = s.api.UpdateStatus
	}
	written, err := update(claim)
	if err == nil {
		s.claim = written.(*corev1.PersistentVolumeClaim)
	}
	return err
}
