package story

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// findAttachments sorts the VolumeAttachments by what they attach.
func (now *instant) findAttachments() {
	now.attachments = make(map[string][]*storagev1.VolumeAttachment, now.view.Len(store.VolumeAttachment))
	for a := range store.All[*storagev1.VolumeAttachment](now.view) {
		if volume := a.Spec.Source.PersistentVolumeName; volume != nil {
			now.attachments[*volume] = append(now.attachments[*volume], a)
		}
	}
}

// findClaims finds the claims, without the pods that mount them.
func (now *instant) findClaims() {
	n := now.view.Len(store.PersistentVolumeClaim)
	now.claims, now.mounts = make(map[store.Key]int, n), make([]*corev1.Pod, n)
	now.scene.Claims = make([]Volume, 0, n)
	for claim := range store.All[*corev1.PersistentVolumeClaim](now.view) {
		now.claims[store.KeyOf(claim)] = len(now.scene.Claims)
		now.scene.Claims = append(now.scene.Claims, now.volume(claim))
	}
}

// volumesOf are the claims that a pod mounts, in the order of its spec. Of several pods that share one, the first that has not ended counts
// as the one that mounts it.
func (now *instant) volumesOf(pod *corev1.Pod) (volumes []Volume) {
	for i := range pod.Spec.Volumes {
		name := mountedClaim(pod, &pod.Spec.Volumes[i])
		if name == "" {
			continue
		}
		v := Volume{Namespace: pod.Namespace, Claim: name}
		if at, ok := now.claims[store.Key{Kind: store.PersistentVolumeClaim, Namespace: pod.Namespace, Name: name}]; ok {
			v = now.scene.Claims[at]
			if first := now.mounts[at]; first == nil || condition.PodTerminal(first) && !condition.PodTerminal(pod) {
				now.mounts[at] = pod
			}
		}
		v.Pod = pod.Name
		volumes = append(volumes, v)
	}
	return volumes
}

// mountClaims tells the claims which pods mount them, and sorts them.
func (now *instant) mountClaims() {
	for i, pod := range now.mounts {
		if pod != nil {
			now.scene.Claims[i].Pod = pod.Name
		}
	}
	slices.SortFunc(now.scene.Claims, func(a, b Volume) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), compareNames(a.Claim, b.Claim))
	})
}

// mountedClaim is the name of the claim that a pod's volume stands for; "" if it stands for something else
// (component-helpers storage/ephemeral/ephemeral.go:VolumeClaimName).
func mountedClaim(pod *corev1.Pod, v *corev1.Volume) string {
	switch {
	case v.PersistentVolumeClaim != nil:
		return v.PersistentVolumeClaim.ClaimName
	case v.Ephemeral != nil:
		return pod.Name + "-" + v.Name
	}
	return ""
}

// volume is a claim with what is behind it, but for the pod.
func (now *instant) volume(claim *corev1.PersistentVolumeClaim) Volume {
	v := Volume{
		Namespace: claim.Namespace, Claim: claim.Name, Phase: string(claim.Status.Phase), Name: claim.Spec.VolumeName, Size: size(claim),
		Deleting: claim.DeletionTimestamp != nil,
	}
	if claim.Spec.StorageClassName != nil {
		v.Class = *claim.Spec.StorageClassName
	}
	for _, a := range now.attachments[v.Name] {
		list := &v.Attaching
		switch {
		case a.DeletionTimestamp != nil:
			list = &v.Detaching
		case a.Status.Attached:
			list = &v.Attached
		}
		*list = append(*list, a.Spec.NodeName)
	}
	slices.Sort(v.Attached)
	slices.Sort(v.Attaching)
	slices.Sort(v.Detaching)
	return v
}

// size is how big a claim's volume is or, before there is one, how big it is to be.
func size(claim *corev1.PersistentVolumeClaim) string {
	if is, ok := claim.Status.Capacity[corev1.ResourceStorage]; ok {
		return is.String()
	}
	if wanted, ok := claim.Spec.Resources.Requests[corev1.ResourceStorage]; ok {
		return wanted.String()
	}
	return ""
}
