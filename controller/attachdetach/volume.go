package attachdetach

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
)

// uniqueName is a volume's name in a node's status.volumesInUse and status.volumesAttached: the plugin, the driver and the
// handle (pkg/volume/util/util.go:GetUniqueVolumeName, pkg/volume/csi/csi_plugin.go:GetVolumeName).
func uniqueName(csi *corev1.CSIPersistentVolumeSource) corev1.UniqueVolumeName {
	return corev1.UniqueVolumeName("kubernetes.io/csi/" + csi.Driver + "^" + csi.VolumeHandle)
}

// attachmentName is the name of the VolumeAttachment of a volume and a node
// (pkg/volume/csi/csi_attacher.go:getAttachmentName).
func attachmentName(csi *corev1.CSIPersistentVolumeSource, node string) string {
	sum := sha256.Sum256([]byte(csi.VolumeHandle + csi.Driver + node))
	return "csi-" + hex.EncodeToString(sum[:])
}

// multiAttach tells whether a volume may be attached to several nodes: one of its access modes says so, or it has none
// (pkg/volume/util/util.go:IsMultiAttachAllowed).
func multiAttach(pv *corev1.PersistentVolume) bool {
	return len(pv.Spec.AccessModes) == 0 ||
		slices.Contains(pv.Spec.AccessModes, corev1.ReadWriteMany) || slices.Contains(pv.Spec.AccessModes, corev1.ReadOnlyMany)
}

// claims returns the keys of the claims that a pod mounts.
func claims(pod *corev1.Pod) []store.Key {
	var keys []store.Key
	for i := range pod.Spec.Volumes {
		v := &pod.Spec.Volumes[i]
		switch {
		case v.PersistentVolumeClaim != nil:
			keys = append(keys, claimKey(pod.Namespace, v.PersistentVolumeClaim.ClaimName))
		case v.Ephemeral != nil:
			keys = append(keys, claimKey(pod.Namespace, pod.Name+"-"+v.Name))
		}
	}
	return keys
}

func claimKey(namespace, name string) store.Key {
	return store.Key{Kind: store.PersistentVolumeClaim, Namespace: namespace, Name: name}
}

func volumeKey(name string) store.Key { return store.Key{Kind: store.PersistentVolume, Name: name} }

// boundTo returns the name of the volume that a claim is bound to, or "" if it is not bound both ways
// (pkg/controller/volume/attachdetach/util/util.go:getPVCFromCache, getPVSpecFromCache).
func boundTo(claim store.Key, cache *store.View) string {
	pvc, ok := store.Get[*corev1.PersistentVolumeClaim](cache, claim.Namespace, claim.Name)
	if !ok || pvc.Status.Phase != corev1.ClaimBound || pvc.Spec.VolumeName == "" {
		return ""
	}
	pv, ok := store.Get[*corev1.PersistentVolume](cache, "", pvc.Spec.VolumeName)
	if !ok || pv.Spec.ClaimRef == nil || pv.Spec.ClaimRef.UID != pvc.UID {
		return ""
	}
	return pv.Name
}

// done tells whether a pod needs its volumes no longer: it has ended, or it is terminating and none of its containers
// runs by what its status reports (pkg/volume/util/util.go:IsPodTerminated). A container of which nothing is reported yet
// does not count as running, one in an unknown state does.
func done(pod *corev1.Pod) bool {
	if pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded {
		return true
	}
	return pod.DeletionTimestamp != nil && notRunning(pod.Status.InitContainerStatuses) &&
		notRunning(pod.Status.ContainerStatuses) && notRunning(pod.Status.EphemeralContainerStatuses)
}

func notRunning(statuses []corev1.ContainerStatus) bool {
	return !slices.ContainsFunc(statuses, func(s corev1.ContainerStatus) bool {
		return s.State.Terminated == nil && s.State.Waiting == nil
	})
}
