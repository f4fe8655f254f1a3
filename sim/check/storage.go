package check

import (
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

var exclusiveVolume = Invariant{
	Name: "exclusive-volume",
	Why: "A volume that is not made for several nodes has a file system that one kernel believes to own: attached to two " +
		"nodes at once, it is silently destroyed.",
	New: func() Judge {
		shared := map[string]bool{} // volumes whose breach has been told and lasts
		return func(step *Step) (breaches []string) {
			for _, disk := range step.Disks {
				if len(disk.Nodes) < 2 {
					delete(shared, disk.Volume)
					continue
				}
				if shared[disk.Volume] || multiAttach(step.After, disk.Volume) {
					continue
				}
				shared[disk.Volume] = true
				breaches = append(breaches, fmt.Sprintf("volume %s is attached to nodes %s", disk.Volume, strings.Join(disk.Nodes, " and ")))
			}
			return breaches
		}
	},
}

// multiAttach tells whether a volume may be attached to several nodes: an access mode of its PersistentVolume says so
// (pkg/volume/util/util.go:IsMultiAttachAllowed). Of a volume without PersistentVolume nobody knows, and so it may.
func multiAttach(view *store.View, volume string) bool {
	pv, ok := store.Get[*corev1.PersistentVolume](view, "", volume)
	return !ok || slices.ContainsFunc(pv.Spec.AccessModes, func(mode corev1.PersistentVolumeAccessMode) bool {
		return mode == corev1.ReadWriteMany || mode == corev1.ReadOnlyMany
	})
}

var claimKeepsVolume = Invariant{
	Name: "claim-keeps-volume",
	Why: "A claim is the name under which an ordinal finds its data again: were it bound to another volume, the pod would " +
		"come back with somebody else's data, or with none.",
	New: func() Judge {
		return func(step *Step) (breaches []string) {
			for _, change := range step.Changes {
				was, existed := change.Old.(*corev1.PersistentVolumeClaim)
				is, exists := change.New.(*corev1.PersistentVolumeClaim)
				if existed && exists && was.Spec.VolumeName != "" && is.Spec.VolumeName != was.Spec.VolumeName {
					breaches = append(breaches, fmt.Sprintf("claim %s/%s was bound to volume %s and now is to %q",
						is.Namespace, is.Name, was.Spec.VolumeName, is.Spec.VolumeName))
				}
			}
			return breaches
		}
	},
}

var podKeepsClaims = Invariant{
	Name: "pod-keeps-claims",
	Why: "A pod of a StatefulSet mounts the claims of its own ordinal and of no other: else members would exchange their " +
		"data when they are recreated.",
	New: func() Judge {
		return func(step *Step) (breaches []string) {
			for _, change := range step.Changes {
				if pod, ok := change.New.(*corev1.Pod); ok && change.Old == nil {
					breaches = append(breaches, strangeClaims(pod, change.After)...)
				}
			}
			return breaches
		}
	},
}

// strangeClaims judges a new pod by the claim templates of its set, which never change. A pod that outruns its set's
// deletion is not judged.
func strangeClaims(pod *corev1.Pod, view *store.View) (breaches []string) {
	owner := metav1.GetControllerOfNoCopy(pod)
	if owner == nil {
		return nil
	}
	set, ok := store.Get[*appsv1.StatefulSet](view, pod.Namespace, owner.Name)
	if !ok || set.UID != owner.UID {
		return nil
	}
	for i := range set.Spec.VolumeClaimTemplates {
		template := set.Spec.VolumeClaimTemplates[i].Name
		want := template + "-" + pod.Name
		if is := claimOf(pod, template); is != want {
			breaches = append(breaches, fmt.Sprintf("pod %s/%s has claim %q as volume %s, not %s", pod.Namespace, pod.Name, is, template, want))
		}
	}
	return breaches
}

// claimOf returns the claim behind a pod's volume, or "" if there is none.
func claimOf(pod *corev1.Pod, volume string) string {
	for i := range pod.Spec.Volumes {
		if v := &pod.Spec.Volumes[i]; v.Name == volume && v.PersistentVolumeClaim != nil {
			return v.PersistentVolumeClaim.ClaimName
		}
	}
	return ""
}
