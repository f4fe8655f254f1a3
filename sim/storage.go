package sim

import (
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
)

// driver is the CSI driver that every cluster here has.
const driver = "disk.csi.statefulsim"

// provision makes and removes the disk behind a PersistentVolume: what the storage behind the driver does.
func (w *world) provision(c store.Change) {
	if c.Kind != store.PersistentVolume {
		return
	}
	var err error
	switch {
	case c.Old == nil:
		w.volumes[diskOf(c.New)] = c.New.GetName()
		err = w.disks.Create(diskOf(c.New))
	case c.New == nil && c.Old.(*corev1.PersistentVolume).Spec.PersistentVolumeReclaimPolicy != corev1.PersistentVolumeReclaimRetain:
		err = w.disks.Delete(diskOf(c.Old))
	}
	if err != nil {
		w.fail("disk of volume "+c.Object().GetName(), err)
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

// storage is the storage system behind the CSI driver: it attaches disks. It is attachdetach.Driver.
type storage struct{ w *world }

// Attach makes a disk available on a node.
func (s storage) Attach(handle, node string, exclusive bool) error {
	err := s.w.disks.Attach(handle, node, !exclusive)
	if err == nil {
		s.w.judge.disk(handle)
	}
	return err
}

// Detach takes a disk away from a node. One that is gone already is attached to nobody.
func (s storage) Detach(handle, node string) {
	if !s.w.disks.Has(handle) {
		return
	}
	if err := s.w.disks.Detach(handle, node); err != nil {
		s.w.fail("detach", err)
	}
	s.w.judge.disk(handle)
}
