package kubelet

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// growth is how the file system of a volume follows the volume.
type growth struct {
	size resource.Quantity // what the file system has here, once the volume is mounted
	want resource.Quantity // what the volume is known to have
	look time.Time         // when the kubelet looks at it next; zero: not before somebody says that the volume has grown

	to   resource.Quantity // what the file system is being grown to
	done time.Time         // when it is; zero: nothing is under way
}

// notRequired on a claim says that nothing is left to do on nodes (pkg/volume/util/types/types.go:NodeExpansionNotRequired).
const notRequired = "volume.kubernetes.io/node-expansion-not-required"

// VolumeGrew names the pods that have a volume mounted, for which Sync has to be called because the volume has grown. The kubelet
// does not watch volumes: it finds out when it looks at the pod again, as it does every 60 to 90 seconds
// (volumemanager/populator/desired_state_of_world_populator.go:checkVolumeFSResize). "podSync" is drawn for the time until then.
func (k *Kubelet) VolumeGrew(now time.Time, volume *corev1.PersistentVolume) []store.Key {
	var keys []store.Key
	for _, w := range k.admitted() {
		for _, v := range w.volumes {
			if v.mounted && v.pv == volume.Name {
				v.growth.want = volume.Spec.Capacity[corev1.ResourceStorage]
				if v.growth.look.IsZero() {
					v.growth.look = now.Add(w.latency("podSync", v.claim))
				}
				keys = append(keys, w.key)
			}
		}
	}
	return keys
}

// growVolumes lets the file systems of mounted volumes grow with their volumes, while the containers run
// (volumemanager/reconciler/reconciler_common.go:expandVolume).
func (w *worker) growVolumes(now time.Time, cache *store.View) {
	for _, v := range w.volumes {
		if v.growth.look.IsZero() || !v.mounted || !w.due(now, v.growth.look) {
			continue
		}
		w.followVolume(now, v, cache)
		if !v.growth.look.IsZero() {
			w.due(now, v.growth.look)
		}
	}
}

// followVolume looks at a volume that has grown, and says when to look again. What the kubelet wrote may have been lost on its
// way, so it rests only when it sees that the claim has got what it wants.
func (w *worker) followVolume(now time.Time, v *podVolume, cache *store.View) {
	g := &v.growth
	if !g.done.IsZero() {
		w.finishGrowth(now, v, cache)
		g.look = now.Add(w.latency("podSync", v.claim))
		return
	}
	claim, volume, problem := w.lookUp(v, cache)
	switch {
	case problem != "" || w.kubelet.grows(v):
	case w.mayGrow(v, claim, volume):
		if w.beginGrowth(now, v, claim) {
			g.look = g.done
			return
		}
	case claim.Status.Capacity.Storage().Cmp(g.want) >= 0 && condition.ResizeStatus(&claim.Status) == "":
		g.look = time.Time{}
		return
	}
	g.look = now.Add(w.latency("podSync", v.claim))
}

// grows tells whether another pod of this node lets the same file system grow.
func (k *Kubelet) grows(v *podVolume) bool {
	for _, w := range k.workers {
		if slices.ContainsFunc(w.volumes, func(o *podVolume) bool { return o != v && o.pv == v.pv && !o.growth.done.IsZero() }) {
			return true
		}
	}
	return false
}

// growBeforeUse lets the file system of a volume grow that has grown while it was not mounted, before the pod gets it
// (pkg/volume/util/operationexecutor/operation_generator.go:expandVolumeDuringMount).
func (w *worker) growBeforeUse(now time.Time, v *podVolume, claim *corev1.PersistentVolumeClaim, volume *corev1.PersistentVolume) (ready bool) {
	g := &v.growth
	if g.done.IsZero() {
		g.size = *claim.Status.Capacity.Storage()
		if !w.mayGrow(v, claim, volume) || w.kubelet.grows(v) {
			return true
		}
		w.beginGrowth(now, v, claim)
	}
	if !w.due(now, g.done) {
		return false
	}
	w.tellGrowth(v, claim)
	g.done = time.Time{}
	return true
}

// mayGrow tells whether the volume is larger than its file system here and the claim asks for the node's part: it is pending, or
// the volume is shared and another node has done its own (node_expander.go:runPreCheck).
func (w *worker) mayGrow(v *podVolume, claim *corev1.PersistentVolumeClaim, volume *corev1.PersistentVolume) bool {
	if volume.Spec.Capacity.Storage().Cmp(v.growth.size) <= 0 && volume.Spec.Capacity.Storage().Cmp(*claim.Status.Capacity.Storage()) <= 0 {
		return false
	}
	switch condition.ResizeStatus(&claim.Status) {
	case corev1.PersistentVolumeClaimNodeResizePending, corev1.PersistentVolumeClaimNodeResizeInProgress:
		return true
	case "":
		return v.mounted && shared(claim)
	}
	return false
}

func shared(claim *corev1.PersistentVolumeClaim) bool {
	return slices.Contains(claim.Spec.AccessModes, corev1.ReadWriteMany) && claim.Annotations[notRequired] == ""
}

// beginGrowth starts to let the file system grow and says so in the claim's status. It tells whether there is something to do: if
// only the last word about it was lost, that is said again.
func (w *worker) beginGrowth(now time.Time, v *podVolume, claim *corev1.PersistentVolumeClaim) bool {
	g := &v.growth
	g.to = claim.Status.AllocatedResources[corev1.ResourceStorage]
	if g.size.Cmp(g.to) >= 0 {
		w.reportGrowth(claim, g.to)
		return false
	}
	g.done = now.Add(w.latency("fsResize", v.claim))
	if condition.ResizeStatus(&claim.Status) != "" {
		w.kubelet.node.UpdateClaimStatus(claim, func(status *corev1.PersistentVolumeClaimStatus) {
			condition.SetResizeStatus(status, corev1.PersistentVolumeClaimNodeResizeInProgress)
		})
	}
	return true
}

// finishGrowth ends what beginGrowth started.
func (w *worker) finishGrowth(now time.Time, v *podVolume, cache *store.View) {
	v.growth.done = time.Time{}
	if claim, _, problem := w.lookUp(v, cache); problem == "" {
		w.tellGrowth(v, claim)
	}
}

// tellGrowth says that the file system has grown: to the pod, to the claim, and in the claim's status
// (node_expander.go:expandOnPlugin).
func (w *worker) tellGrowth(v *podVolume, claim *corev1.PersistentVolumeClaim) {
	v.growth.size = v.growth.to
	message := `MountVolume.NodeExpandVolume succeeded for volume "` + v.pv + `" ` + w.pod.Spec.NodeName
	w.kubelet.node.Event(w.pod, corev1.EventTypeNormal, "FileSystemResizeSuccessful", message)
	w.kubelet.node.Event(claim, corev1.EventTypeNormal, "FileSystemResizeSuccessful", message)
	if condition.ResizeStatus(&claim.Status) != "" {
		w.reportGrowth(claim, v.growth.to)
	}
}

// reportGrowth gives the claim what its file system has, and ends all that was said about its growth
// (pkg/volume/util/resize_util.go:MarkNodeExpansionFinishedWithRecovery).
func (w *worker) reportGrowth(claim *corev1.PersistentVolumeClaim, size resource.Quantity) {
	w.kubelet.node.UpdateClaimStatus(claim, func(status *corev1.PersistentVolumeClaimStatus) {
		status.Capacity = status.Capacity.DeepCopy()
		status.Capacity[corev1.ResourceStorage] = size
		status.Conditions = condition.Grown(status.Conditions)
		condition.SetResizeStatus(status, "")
	})
}
