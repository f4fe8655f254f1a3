package kubelet

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/store"
)

const (
	// mountTimeout is how long one attempt to attach and mount a pod's volumes lasts:
	// pkg/kubelet/volumemanager/volume_manager.go:podAttachAndMountTimeout.
	mountTimeout = 2*time.Minute + 3*time.Second
	// mountPoll is when an attempt first looks whether a volume could not be processed at all:
	// pkg/kubelet/volumemanager/volume_manager.go:podAttachAndMountRetryInterval.
	mountPoll = 300 * time.Millisecond
	// syncBackOff is how long a pod is left alone after an attempt that failed. Kubernetes adds up to half as much by chance:
	// pkg/kubelet/kubelet.go:backOffPeriod.
	syncBackOff = 10 * time.Second
)

// podVolume is a claim that a pod uses.
type podVolume struct {
	name, claim string    // the volume's name in the pod, and the claim's
	pv          string    // the PersistentVolume, once the claim is bound
	inUse       string    // its name in the node's volumesInUse; empty while the pod does not need it, or for a local volume
	until       time.Time // when mounting, or at the end unmounting, is done; zero: not begun
	mounted     bool
	growth      growth
}

// claimsOf returns the claims that a pod uses. Its other volumes need no time and cannot fail.
func claimsOf(pod *corev1.Pod) []*podVolume {
	var volumes []*podVolume
	for i := range pod.Spec.Volumes {
		if source := pod.Spec.Volumes[i].PersistentVolumeClaim; source != nil {
			volumes = append(volumes, &podVolume{name: pod.Spec.Volumes[i].Name, claim: source.ClaimName})
		}
	}
	return volumes
}

// attachmentChanged remembers to which volume of this node an attachment belongs, and returns the pods that wait for it.
func (k *Kubelet) attachmentChanged(a *storagev1.VolumeAttachment, deleted bool) []store.Key {
	if a.Spec.NodeName != k.cfg.Node || a.Spec.Source.PersistentVolumeName == nil {
		return nil
	}
	pv := *a.Spec.Source.PersistentVolumeName
	switch {
	case !deleted:
		k.attachments[pv] = a.Name
	case k.attachments[pv] == a.Name:
		delete(k.attachments, pv)
	}
	return k.waitingFor(func(_ *worker, v *podVolume) bool { return v.pv == pv })
}

// mountVolumes brings the pod's volumes nearer to being mounted and tells whether all of them are, and somebody looks. The
// volumes are worked at all the time, but the pod goes on only within an attempt. One that runs out of time ends without a word;
// one with a volume that cannot even be looked up ends at once, with an event
// (pkg/kubelet/kubelet.go:SyncPod, volumemanager/volume_manager.go:WaitForAttachAndMount).
func (w *worker) mountVolumes(now time.Time, cache *store.View) (done bool) {
	if next := w.mountBy.Add(syncBackOff); !now.Before(next) {
		w.mountBy = now.Add(mountTimeout)
	}
	done = true
	var problems []string
	for _, v := range w.volumes {
		mounted, problem := w.mount(now, v, cache)
		done = done && mounted
		if problem != "" {
			problems = append(problems, problem)
		}
	}
	if w.due(now, w.mountBy) {
		w.due(now, w.mountBy.Add(syncBackOff))
		return false
	}
	if done {
		w.kubelet.noLongerWaiting(w)
		return true
	}
	if len(problems) > 0 && w.due(now, w.mountBy.Add(mountPoll-mountTimeout)) {
		w.kubelet.node.Event(w.pod, corev1.EventTypeWarning, "FailedMount", w.failedMount(problems))
		w.mountBy = now
		w.due(now, now.Add(syncBackOff))
	}
	return false
}

// mount brings one volume nearer to being mounted. The problem is why it cannot be processed, if so.
func (w *worker) mount(now time.Time, v *podVolume, cache *store.View) (done bool, problem string) {
	if v.mounted {
		return true, ""
	}
	claim, volume, problem := w.lookUp(v, cache)
	if problem != "" {
		return false, problem
	}
	if v.until.IsZero() {
		if !w.attached(now, v, volume, cache) {
			return false, ""
		}
		v.until = now.Add(w.latency("mount", v.claim))
	}
	if !w.due(now, v.until) || !w.growBeforeUse(now, v, claim, volume) {
		return false, ""
	}
	v.mounted = true
	w.kubelet.node.Mount(w.pod, v.claim)
	w.kubelet.node.Note(w.pod, "Mounted", "Volume", "claim "+v.claim)
	return true, ""
}

// lookUp finds the claim and its volume, or says why the pod cannot have them
// (volumemanager/populator/desired_state_of_world_populator.go:createVolumeSpec).
func (w *worker) lookUp(v *podVolume, cache *store.View) (*corev1.PersistentVolumeClaim, *corev1.PersistentVolume, string) {
	prefix := "error processing PVC " + w.key.Namespace + "/" + v.claim + ": "
	claim, ok := store.Get[*corev1.PersistentVolumeClaim](cache, w.key.Namespace, v.claim)
	switch {
	case !ok:
		return nil, nil, prefix + `failed to fetch PVC from API server: persistentvolumeclaims "` + v.claim + `" not found`
	case claim.DeletionTimestamp != nil && !slices.Contains(claim.Finalizers, store.PVCProtectionFinalizer):
		return nil, nil, prefix + "PVC is being deleted"
	case claim.Status.Phase != corev1.ClaimBound:
		return nil, nil, prefix + "PVC is not bound"
	case claim.Spec.VolumeName == "":
		return nil, nil, prefix + "PVC has empty pvc.Spec.VolumeName"
	}
	name := claim.Spec.VolumeName
	volume, ok := store.Get[*corev1.PersistentVolume](cache, "", name)
	switch {
	case !ok:
		return nil, nil, prefix + "failed to fetch PV " + name + ` from API server: persistentvolumes "` + name + `" not found`
	case volume.Spec.ClaimRef == nil:
		return nil, nil, prefix + "found PV object " + name + " but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim"
	case volume.Spec.ClaimRef.UID != claim.UID:
		return nil, nil, fmt.Sprintf("%sfound PV object %s but its pv.Spec.ClaimRef.UID %s does not point to claim.UID %s",
			prefix, name, volume.Spec.ClaimRef.UID, claim.UID)
	}
	v.pv = name
	return claim, volume, ""
}

// attached tells whether the volume can be mounted here. A volume that is not of a CSI driver needs no attaching.
func (w *worker) attached(now time.Time, v *podVolume, volume *corev1.PersistentVolume, cache *store.View) bool {
	csi := volume.Spec.CSI
	if csi == nil {
		return true
	}
	if v.inUse == "" {
		v.inUse = "kubernetes.io/csi/" + csi.Driver + "^" + csi.VolumeHandle
		w.kubelet.inUse = nil
		w.kubelet.reportNode(now, cache)
	}
	a, ok := store.Get[*storagev1.VolumeAttachment](cache, "", w.kubelet.attachments[v.pv])
	return ok && a.DeletionTimestamp == nil && a.Status.Attached
}

func (k *Kubelet) noLongerWaiting(w *worker) {
	if i := slices.Index(k.waiting, w); i >= 0 {
		k.waiting = slices.Delete(k.waiting, i, i+1)
	}
}

// failedMount is the message of pkg/kubelet/volumemanager/volume_manager.go:WaitForAttachAndMount.
func (w *worker) failedMount(problems []string) string {
	var unmounted, unattached, unprocessed []string
	for _, v := range w.volumes {
		if v.mounted {
			continue
		}
		unmounted = append(unmounted, v.name)
		switch {
		case v.pv == "":
			unprocessed = append(unprocessed, v.name)
		case v.until.IsZero():
			unattached = append(unattached, v.name)
		}
	}
	for _, names := range [][]string{unmounted, unattached, unprocessed, problems} {
		slices.Sort(names)
	}
	return fmt.Sprintf("Unable to attach or mount volumes: unmounted volumes=%v, unattached volumes=%v, failed to process volumes=%v: %s",
		unmounted, unattached, unprocessed, strings.Join(slices.Compact(problems), "; "))
}

// beginUnmount starts the unmounting of all that is mounted; a mount under way is given up.
func (w *worker) beginUnmount(now time.Time) {
	w.stage = unmounting
	w.kubelet.noLongerWaiting(w)
	for _, v := range w.volumes {
		if v.mounted {
			v.until = now.Add(w.latency("unmount", v.claim))
		}
	}
}

// unmountVolumes tells whether no volume of the pod is mounted any more.
func (w *worker) unmountVolumes(now time.Time, cache *store.View) (done bool) {
	done = true
	freed := false
	for _, v := range w.volumes {
		if v.mounted && !w.due(now, v.until) {
			done = false
			continue
		}
		if v.mounted {
			v.mounted, v.growth = false, growth{}
			w.kubelet.node.Unmount(w.pod, v.claim)
			w.kubelet.node.Note(w.pod, "Unmounted", "Volume", "claim "+v.claim)
		}
		freed = freed || v.inUse != ""
		v.inUse = ""
	}
	if freed {
		w.kubelet.inUse = nil
		w.kubelet.reportNode(now, cache)
	}
	return done
}

// volumesInUse are the CSI volumes that the node's pods need or still have mounted, in the order of their names. The slice is
// kept until one comes or goes, and must not be changed.
func (k *Kubelet) volumesInUse() []corev1.UniqueVolumeName {
	if k.inUse != nil {
		return k.inUse
	}
	names := []corev1.UniqueVolumeName{}
	for _, w := range k.workers {
		for _, v := range w.volumes {
			if v.inUse != "" {
				names = append(names, corev1.UniqueVolumeName(v.inUse))
			}
		}
	}
	slices.Sort(names)
	k.inUse = slices.Compact(names)
	return k.inUse
}
