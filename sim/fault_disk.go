package sim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/raftnode"
	"statefulsim/scenarios"
	"statefulsim/volume"
)

// spoilDisks lets something be wrong with all volumes of the pods of a target, until undo: a volume that is full, read-only or
// slow, or that says that data is synced which is not. What is corrupt or lost is not healed. A raft peer whose term cannot be
// written, or whose log cannot be opened, exits as a process does that panics. Processes of the kind plain have no files, so
// that nothing of this touches them.
func (w *world) spoilDisks(a scenarios.Disk, step string) (undo func(), err error) {
	pods, err := w.pods(a.Target)
	if err != nil {
		return nil, err
	}
	var disks []string
	for _, s := range pods {
		own := w.disksOf(s.pod)
		if len(own) == 0 {
			return nil, fmt.Errorf("pod %s has no volume of a claim: give its set a volumeClaimTemplate", s.name())
		}
		disks = append(disks, own...)
	}
	for _, disk := range disks {
		w.flush(disk)
		if err := w.disks.Spoil(disk, step, volume.Fault(a.Fault), a.By); err != nil {
			return nil, err
		}
		w.spoilt[disk] = w.tell(Event{Verb: "spoil", Kind: "Disk", Name: w.volumes[disk], Reason: "DiskFault", Detail: a.Fault, Level: Normal})
	}
	return func() {
		for _, disk := range disks {
			if err := w.disks.Mend(disk, step); err != nil {
				w.fail("disk of volume "+w.volumes[disk], err)
			}
		}
	}, nil
}

// flush brings all that raft peers have written to a disk into its directory: what is synced of a disk that lies is what is there.
func (w *world) flush(disk string) {
	for _, r := range w.started {
		if r.disk != disk || r.peer.Gone() {
			continue
		}
		if err := r.peer.Flush(); err != nil {
			w.fail("disk of volume "+w.volumes[disk], err)
		}
	}
}

// disksOf names the disks behind the claims that a pod mounts, as far as they are bound, in the order of its volumes.
func (w *world) disksOf(pod *corev1.Pod) (disks []string) {
	view := w.store.View()
	for i := range pod.Spec.Volumes {
		source := pod.Spec.Volumes[i].PersistentVolumeClaim
		if source == nil {
			continue
		}
		claim, ok := store.Get[*corev1.PersistentVolumeClaim](view, pod.Namespace, source.ClaimName)
		if !ok {
			continue
		}
		if pv, ok := store.Get[*corev1.PersistentVolume](view, "", claim.Spec.VolumeName); ok && w.disks.Has(diskOf(pv)) {
			disks = append(disks, diskOf(pv))
		}
	}
	return disks
}

// diskError says why a use of a disk by a raft peer fails.
func (w *world) diskError(disk string, use raftnode.DiskUse) error {
	if use == raftnode.OpenLog {
		return w.disks.OpenFault(disk)
	}
	return w.disks.Fault(disk, use != raftnode.ReadSnapshot)
}

// badDisk names the event because of which a process cannot write to its disk, or open its files; 0 if it can.
func (w *world) badDisk(disk string) int {
	if w.disks.Fault(disk, true) == nil && w.disks.OpenFault(disk) == nil {
		return 0
	}
	return w.spoilt[disk]
}

// ofDisk tells whether an error is what a fault of a disk leads to.
func ofDisk(err error) bool {
	return slices.ContainsFunc([]error{volume.ErrFull, volume.ErrReadOnly, volume.ErrIO, volume.ErrCorrupt},
		func(fault error) bool { return errors.Is(err, fault) })
}

// powerless lets the disks that are in use on a machine lose what was not synced; before a reboot it is.
func (m *machine) powerless(reboot bool) {
	disks := map[string]bool{}
	for _, s := range m.pods {
		for _, disk := range s.volumes {
			disks[disk] = true
		}
	}
	for _, disk := range slices.Sorted(maps.Keys(disks)) {
		m.w.flush(disk)
		lose := m.w.disks.PowerLost
		if reboot {
			lose = m.w.disks.Sync
		}
		if err := lose(disk); err != nil {
			m.w.fail("disk of volume "+m.w.volumes[disk], err)
		}
	}
}

// storageFault is something that the storage system behind the CSI driver does not do, or on some nodes not.
type storageFault struct {
	operation string
	hangs     bool
	nodes     []string // none: on all
}

// spoilStorage lets the storage system fail at one of its operations until undo, or not answer any more: what it is asked then
// is never answered, also not later.
func (w *world) spoilStorage(a scenarios.Storage) (undo func(), err error) {
	fault := storageFault{operation: a.Operation, hangs: a.How == "hangs"}
	if a.Target.Text != "" {
		machines, err := w.machinesOf(a.Target)
		if err != nil {
			return nil, err
		}
		for _, m := range machines {
			fault.nodes = append(fault.nodes, m.place.Node)
		}
	}
	return w.injected.storage.begin(fault), nil
}

// failure says why the storage system does not do what it is asked for, as its CSI driver tells it.
func (s storage) failure(operation, node string) error {
	for _, f := range s.w.injected.storage {
		switch {
		case f.operation != operation || len(f.nodes) > 0 && !slices.Contains(f.nodes, node):
		case f.hangs:
			return context.DeadlineExceeded
		default:
			return errors.New("rpc error: code = Internal desc = failed to " + operation + " the volume: the storage system is out of order")
		}
	}
	return nil
}
