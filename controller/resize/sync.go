package resize

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/internal/csi"
	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// sync is one call of Reconcile for a claim with its volume.
type sync struct {
	*Resizer
	*growth
	key    store.Key
	claim  *corev1.PersistentVolumeClaim
	volume *corev1.PersistentVolume
	api    *store.Client
}

// begin asks the storage for the next size, if the claim wants to grow (controller.go:syncPVC; expand_and_recover.go).
func (s *sync) begin() (again time.Duration, err error) {
	if err := s.forgetFormerCapacity(); err != nil {
		return 0, err
	}
	if !wants(s.claim, s.volume) {
		delete(s.growths, s.key)
		return 0, nil
	}
	s.growths[s.key] = s.growth
	size, ok := next(s.claim, s.volume, s.final)
	if !ok {
		return 0, nil
	}
	refused := s.api.Now.Before(s.slow)
	if condition.ResizeStatus(&s.claim.Status) == corev1.PersistentVolumeClaimControllerResizeInfeasible && !refused {
		s.slow = s.api.Now.Add(csi.MaxBackOff)
	}
	allocated, recorded := s.claim.Status.AllocatedResources[corev1.ResourceStorage]
	same := recorded && allocated.Cmp(size) == 0
	if same && refused {
		return s.slow.Sub(s.api.Now), nil
	}
	if err := s.markInProgress(size, same); err != nil {
		return 0, err
	}
	if s.inUse && s.used() {
		s.tell(corev1.EventTypeWarning, "VolumeResizeFailed", "Unable to expand "+s.claim.Namespace+"/"+s.claim.Name+" because CSI driver "+
			s.volume.Spec.CSI.Driver+" only supports offline expansion and volume is currently in-use")
		return s.Next(), nil
	}
	s.tell(corev1.EventTypeNormal, "Resizing", "External resizer is resizing volume "+s.volume.Name)
	s.inUse, s.asked, s.size = false, true, size
	s.due = s.api.Now.Add(s.latency("resize", s.key.String()))
	if wait := s.due.Sub(s.api.Now); wait > 0 {
		return wait, nil
	}
	s.asked = false
	return s.answer()
}

// answer is what the storage says at the end of an attempt (expand_and_recover.go:callResizeOnPlugin).
func (s *sync) answer() (again time.Duration, err error) {
	if s.volume.Spec.CSI == nil {
		return 0, nil
	}
	refusal := s.refusal()
	if refusal == nil {
		s.final, s.slow, s.BackOff = false, time.Time{}, csi.BackOff{}
		return 0, s.grow()
	}
	s.final, s.inUse = true, refusal.Code == "FailedPrecondition"
	infeasible := refusal.Code == "InvalidArgument" || refusal.Code == "OutOfRange"
	if !infeasible {
		s.slow = time.Time{}
	}
	if err := s.markFailed(refusal, infeasible); err != nil {
		return 0, err
	}
	s.tell(corev1.EventTypeWarning, "VolumeResizeFailed",
		`resize volume "`+s.volume.Name+`" by resizer "`+s.volume.Spec.CSI.Driver+`" failed: `+refusal.Error())
	return s.Next(), nil
}

// refusal says why the storage does not let the volume grow, by what its class said of it.
func (s *sync) refusal() *pv.Refusal {
	if offline(s.volume) {
		for attachment := range store.All[*storagev1.VolumeAttachment](s.api.View()) {
			if name := attachment.Spec.Source.PersistentVolumeName; name != nil && *name == s.volume.Name {
				return &pv.Refusal{Code: "FailedPrecondition", Message: "volume is attached to node " + attachment.Spec.NodeName}
			}
		}
	}
	return pv.Fits(s.volume.Spec.CSI.VolumeAttributes, s.size)
}

// used tells whether a pod that has not ended mounts the claim, be it on a node or not (inuse_pvc_store.go:checkForUse).
func (s *sync) used() bool {
	for pod := range store.In[*corev1.Pod](s.api.View(), s.claim.Namespace) {
		if condition.PodTerminal(pod) {
			continue
		}
		if slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool {
			return v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == s.claim.Name
		}) {
			return true
		}
	}
	return false
}

// grow notes that the volume has grown, and what is left to do (controller.go:updatePVCapacity).
func (s *sync) grow() error {
	onNode := s.volume.Spec.CSI.VolumeAttributes[pv.NodeExpansion] != "false"
	next := s.volume.DeepCopy()
	size := *resource.NewQuantity(s.size.Value(), resource.BinarySI)
	next.Spec.Capacity[corev1.ResourceStorage] = size
	if onNode && !metav1.HasAnnotation(next.ObjectMeta, pv.PreResizeCapacity) {
		metav1.SetMetaDataAnnotation(&next.ObjectMeta, pv.PreResizeCapacity, has(s.claim).String())
	}
	if _, err := s.api.Update(next); err != nil {
		return err
	}
	if onNode {
		return s.markPendingOnNode()
	}
	return s.markFinished(size)
}

// forgetFormerCapacity ends the note on a volume of what its file system had, once that has grown too.
func (s *sync) forgetFormerCapacity() error {
	if !metav1.HasAnnotation(s.volume.ObjectMeta, pv.PreResizeCapacity) || has(s.claim).Cmp(*capacity(s.volume)) < 0 {
		return nil
	}
	next := s.volume.DeepCopy()
	delete(next.Annotations, pv.PreResizeCapacity)
	_, err := s.api.Update(next)
	return err
}

func (s *sync) tell(eventtype, reason, message string) {
	s.api.Event(s.claim, eventtype, reason, message)
}
