package sim

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/volume"
)

// driver is the CSI driver that every cluster here has.
const driver = "disk.csi.statefulsim"

// provision makes, empties and removes the disk behind a PersistentVolume, and lets its nodes find out that it has grown: what
// the storage behind the driver does. A disk that was retained is there when a volume is made for it again.
func (w *world) provision(c store.Change) {
	if c.Kind != store.PersistentVolume {
		return
	}
	before, _ := c.Old.(*corev1.PersistentVolume)
	after, _ := c.New.(*corev1.PersistentVolume)
	var err error
	switch {
	case before == nil:
		disk := diskOf(after)
		w.volumes[disk] = after.Name
		if !w.disks.Has(disk) {
			err = w.disks.Create(disk)
		}
	case after == nil && disposed(before, corev1.PersistentVolumeReclaimDelete):
		err = w.disks.Delete(diskOf(before))
	case after == nil:
	case disposed(before, corev1.PersistentVolumeReclaimRecycle) && (after.Spec.ClaimRef == nil || after.Spec.ClaimRef.UID == ""):
		err = w.disks.Empty(diskOf(after))
	case before.Spec.Capacity.Storage().Cmp(*after.Spec.Capacity.Storage()) < 0:
		w.grown(after)
	}
	if err != nil {
		w.fail("disk of volume "+c.Object().GetName(), err)
	}
}

// disposed tells whether it was this policy that decided on a volume whose claim is gone.
func disposed(volume *corev1.PersistentVolume, policy corev1.PersistentVolumeReclaimPolicy) bool {
	return volume.Status.Phase == corev1.VolumeReleased && volume.Spec.PersistentVolumeReclaimPolicy == policy
}

// grown lets the kubelets that have a volume mounted look at it in their own time. Nothing crosses the network for that.
func (w *world) grown(volume *corev1.PersistentVolume) {
	cause := w.cause
	for _, m := range w.machines {
		w.loop.Push(w.loop.Now()+1, func() {
			w.because(cause, m.actor(), func() {
				for _, key := range m.kubelet.VolumeGrew(w.now(), volume) {
					m.sync(key)
				}
			})
		})
	}
}

// diskOf names the disk behind a PersistentVolume: its handle, or its name for a volume that was not provisioned.
func diskOf(obj store.Object) string {
	pv := obj.(*corev1.PersistentVolume)
	if pv.Spec.CSI != nil {
		return pv.Spec.CSI.VolumeHandle
	}
	return pv.Name
}

// storage is the storage system behind the CSI driver: it makes and attaches disks. It is attachdetach.Driver. What it cannot do
// it refuses with the codes of the CSI specification (ControllerPublishVolume Errors).
type storage struct{ w *world }

// Create says whether it can make a disk for a claim, and a node where one is selected. The disk itself comes with its
// PersistentVolume.
func (s storage) Create(_, node string) error {
	if s.w.informerOf(csiDriver).down {
		return context.DeadlineExceeded // nobody takes the call
	}
	return s.failure("provision", node)
}

// Attach makes a disk available on a node.
func (s storage) Attach(handle, node string, exclusive bool) error {
	if err := s.failure("attach", node); err != nil {
		return err
	}
	err := s.w.disks.Attach(handle, node, !exclusive)
	switch {
	case err == nil:
		s.w.judge.disk(handle)
	case errors.Is(err, volume.ErrAttachedElsewhere):
		return fmt.Errorf("rpc error: code = FailedPrecondition desc = %w", err)
	case errors.Is(err, volume.ErrNotFound):
		return fmt.Errorf("rpc error: code = NotFound desc = %w", err)
	}
	return err
}

// Detach takes a disk away from a node. One that is gone already is attached to nobody.
func (s storage) Detach(handle, node string) error {
	if err := s.failure("detach", node); err != nil {
		return err
	}
	if !s.w.disks.Has(handle) {
		return nil
	}
	if err := s.w.disks.Detach(handle, node); err != nil {
		s.w.fail("detach", err)
	}
	s.w.judge.disk(handle)
	return nil
}
