package volumebinding

import (
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"statefulsim/controller/internal/csi"
	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// resync is how often the controller looks at all volumes anew: what keeps a volume from being recycled is looked for then
// (pkg/controller/volume/persistentvolume/config/v1alpha1/defaults.go: PVClaimBinderSyncPeriod).
const resync = 15 * time.Second

// disposal is what goes on for a volume whose claim is gone.
type disposal struct {
	csi.BackOff           // of deleting the disk
	due         time.Time // when it is tried again, or when the disk is emptied
}

// release marks a volume whose claim is gone, and does with it what its reclaim policy says
// (pv_controller.go:reclaimVolume). A volume that failed stays so: that is for people to see.
func (s sync) release(volume *corev1.PersistentVolume) (time.Duration, error) {
	if volume.Status.Phase != corev1.VolumeFailed {
		var err error
		if volume, err = s.setPhase(volume, corev1.VolumeReleased); err != nil {
			return 0, err
		}
	}
	switch volume.Spec.PersistentVolumeReclaimPolicy {
	case corev1.PersistentVolumeReclaimDelete:
		return s.dispose(volume)
	case corev1.PersistentVolumeReclaimRecycle:
		return s.recycle(volume)
	}
	return 0, nil
}

// guarded tells whether it is a provisioner outside of the controller that deletes a volume: the one that made it, or the one
// that belongs to its driver.
func guarded(volume *corev1.PersistentVolume) bool {
	return provisioned(volume) || volume.Spec.CSI != nil
}

// guard sees to it that a volume whose disk is to be deleted with it does not go before
// (sig-storage-lib-external-provisioner controller/controller.go:handleProtectionFinalizer).
func (s sync) guard(volume *corev1.PersistentVolume) (*corev1.PersistentVolume, error) {
	has := slices.Contains(volume.Finalizers, pv.ProvisionerFinalizer)
	deletes := volume.Spec.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimDelete
	switch {
	case !guarded(volume):
		return volume, nil
	case has && !deletes:
		return s.unguard(volume)
	case !has && deletes && volume.DeletionTimestamp == nil && volume.Status.Phase == corev1.VolumeBound:
		next := *volume
		next.Finalizers = append(slices.Clone(volume.Finalizers), pv.ProvisionerFinalizer)
		return update(s, &next)
	}
	return volume, nil
}

func (s sync) unguard(volume *corev1.PersistentVolume) (*corev1.PersistentVolume, error) {
	next := *volume
	next.Finalizers = slices.DeleteFunc(slices.Clone(volume.Finalizers), func(f string) bool { return f == pv.ProvisionerFinalizer })
	return update(s, &next)
}

// dispose deletes a volume and its disk. The provisioner refuses while a node has the volume attached, and tries again
// (external-provisioner pkg/controller/controller.go:canDeleteVolume; controller/controller.go:deleteVolumeOperation).
func (s sync) dispose(volume *corev1.PersistentVolume) (time.Duration, error) {
	if !guarded(volume) {
		return 0, s.deleteInTree(volume)
	}
	if volume.DeletionTimestamp != nil && !slices.Contains(volume.Finalizers, pv.ProvisionerFinalizer) {
		return 0, nil // the disk is deleted
	}
	d := s.disposal[volume.Name]
	if d == nil {
		d = &disposal{}
		s.disposal[volume.Name] = d
	}
	if wait := d.due.Sub(s.api.Now); wait > 0 {
		return wait, nil
	}
	if node := s.attachedTo(volume.Name); node != "" {
		wait := d.Next()
		d.due = s.api.Now.Add(wait)
		s.api.Event(volume, corev1.EventTypeWarning, "VolumeFailedDelete", "persistentvolume "+volume.Name+" is still attached to node "+node)
		return wait, nil
	}
	return 0, s.remove(volume)
}

// attachedTo names a node for which the volume has a VolumeAttachment; "" if there is none.
func (s sync) attachedTo(volume string) string {
	for attachment := range store.All[*storagev1.VolumeAttachment](s.cache) {
		if name := attachment.Spec.Source.PersistentVolumeName; name != nil && *name == volume {
			return attachment.Spec.NodeName
		}
	}
	return ""
}

// remove deletes the object of a volume whose disk is gone.
func (s sync) remove(volume *corev1.PersistentVolume) error {
	if err := s.api.Delete(store.KeyOf(volume), store.DeleteOptions{UID: volume.UID}); err != nil {
		if apierrors.IsNotFound(err) {
			return nil
		}
		return err
	}
	marked, ok := store.Get[*corev1.PersistentVolume](s.api.View(), "", volume.Name)
	if !ok || !slices.Contains(marked.Finalizers, pv.ProvisionerFinalizer) {
		return nil
	}
	_, err := s.unguard(marked)
	return err
}

// deletable are the directories of nodes that may be deleted with their volumes (pkg/volume/hostpath/host_path.go:Delete).
var deletable = regexp.MustCompile("/tmp/.+")

// deleteInTree deletes a volume that no driver made (pv_controller.go:deleteVolumeOperation).
func (s sync) deleteInTree(volume *corev1.PersistentVolume) error {
	directory := volume.Spec.HostPath
	switch {
	case directory == nil:
		return s.fail(volume, "VolumeFailedDelete", `error getting deleter volume plugin for volume "`+volume.Name+`": no deletable volume plugin matched`)
	case !deletable.MatchString(directory.Path):
		return s.fail(volume, "VolumeFailedDelete", "host_path deleter only supports /tmp/.+ but received provided "+directory.Path)
	}
	return s.remove(volume)
}

// recycle empties a volume and makes it available again, which only volumes of the kinds hostPath and NFS can be. The policy
// is deprecated (pv_controller.go:recycleVolumeOperation; pkg/volume/hostpath/host_path.go, pkg/volume/nfs/nfs.go:Recycle). The
// pod that does it is not modelled, only the time that it takes.
func (s sync) recycle(volume *corev1.PersistentVolume) (time.Duration, error) {
	if users := s.users(volume); len(users) > 0 {
		s.api.Event(volume, corev1.EventTypeNormal, "VolumeFailedRecycle", "Volume is used by pods: "+strings.Join(users, ","))
		return resync, nil
	}
	if volume.Spec.HostPath == nil && volume.Spec.NFS == nil {
		return 0, s.fail(volume, "VolumeFailedRecycle", "No recycler plugin found for the volume!")
	}
	d := s.disposal[volume.Name]
	if d == nil {
		d = &disposal{due: s.api.Now.Add(s.latency("recycle", volume.Name))}
		s.disposal[volume.Name] = d
	}
	if wait := d.due.Sub(s.api.Now); wait > 0 {
		return wait, nil
	}
	delete(s.disposal, volume.Name)
	s.api.Event(volume, corev1.EventTypeNormal, "VolumeRecycled", "Volume recycled")
	return 0, s.unbind(volume)
}

// users names the pods that still use a volume: those that mount a claim with the name of its last one, unless there is a new
// one of that name, whose pods they are (pv_controller.go:isVolumeUsed).
func (s sync) users(volume *corev1.PersistentVolume) []string {
	ref := volume.Spec.ClaimRef
	if _, ok := s.claim(ref.Namespace, ref.Name); ok {
		return nil
	}
	var users []string
	for pod := range store.In[*corev1.Pod](s.cache, ref.Namespace) {
		if mounts(pod, ref.Name) && !ended(pod) {
			users = append(users, pod.Namespace+"/"+pod.Name)
		}
	}
	slices.Sort(users)
	return users
}

func mounts(pod *corev1.Pod, claim string) bool {
	return slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool {
		return v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == claim
	})
}

// ended tells whether nothing of a pod runs any more (pkg/volume/util/util.go:IsPodTerminated).
func ended(pod *corev1.Pod) bool {
	if pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded {
		return true
	}
	runs := func(s corev1.ContainerStatus) bool { return s.State.Terminated == nil && s.State.Waiting == nil }
	return pod.DeletionTimestamp != nil &&
		!slices.ContainsFunc(pod.Status.InitContainerStatuses, runs) && !slices.ContainsFunc(pod.Status.ContainerStatuses, runs)
}
