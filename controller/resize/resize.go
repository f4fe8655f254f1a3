// Package resize grows volumes whose claims ask for more than they have: first the volume itself, then, where a pod uses it,
// the file system on it.
//
// Source: kubernetes-csi/external-resizer pkg/controller/resize_status.go and controller.go for the volume,
// pkg/volume/util/operationexecutor/node_expander.go for the file system.
package resize

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

// Latency draws how long something takes: "resize" for a volume, "mount" for a file system.
type Latency func(name, about string) time.Duration

// Resizer is the CSI driver's resizer, with the part that the kubelets have in it. It watches claims, volumes and pods.
type Resizer struct {
	latency Latency
	due     map[types.UID]time.Time // when what is under way for a claim is done
}

// New returns a resizer that has nothing under way.
func New(latency Latency) *Resizer { return &Resizer{latency, map[types.UID]time.Time{}} }

// Keys names the claims that may want to grow: one that changed, and those of a pod that got a node or began to run.
func (r *Resizer) Keys(change store.Change, cache *store.View) (keys []store.Key) {
	switch obj := change.New.(type) {
	case *corev1.PersistentVolumeClaim:
		if wantsMore(obj) {
			keys = append(keys, change.Key())
		}
	case *corev1.Pod:
		if old, ok := change.Old.(*corev1.Pod); ok && old.Status.Phase == obj.Status.Phase {
			return nil
		}
		for i := range obj.Spec.Volumes {
			source := obj.Spec.Volumes[i].PersistentVolumeClaim
			if source == nil {
				continue
			}
			if claim, ok := store.Get[*corev1.PersistentVolumeClaim](cache, obj.Namespace, source.ClaimName); ok && wantsMore(claim) {
				keys = append(keys, store.KeyOf(claim))
			}
		}
	}
	return keys
}

// wantsMore tells whether a bound claim asks for more than it has.
func wantsMore(claim *corev1.PersistentVolumeClaim) bool {
	asked, has := claim.Spec.Resources.Requests[corev1.ResourceStorage], claim.Status.Capacity[corev1.ResourceStorage]
	return claim.Status.Phase == corev1.ClaimBound && claim.DeletionTimestamp == nil && asked.Cmp(has) > 0
}

// Reconcile takes a claim one step further: its volume grows, and then the file system where a pod runs with it. A claim whose
// pods do not run waits with the condition FileSystemResizePending.
func (r *Resizer) Reconcile(key store.Key, _ *store.View, api *store.Client) (again time.Duration, err error) {
	claim, ok := store.Get[*corev1.PersistentVolumeClaim](api.View(), key.Namespace, key.Name)
	if !ok || !wantsMore(claim) {
		return 0, nil
	}
	volume, ok := store.Get[*corev1.PersistentVolume](api.View(), "", claim.Spec.VolumeName)
	if !ok {
		return 0, nil
	}
	asked, size := claim.Spec.Resources.Requests[corev1.ResourceStorage], volume.Spec.Capacity[corev1.ResourceStorage]
	if size.Cmp(asked) < 0 {
		return r.growVolume(claim, volume, api)
	}
	return r.growFileSystem(claim, volume, api)
}

// wait tells how long what is under way for a claim still takes; the first call begins it.
func (r *Resizer) wait(claim *corev1.PersistentVolumeClaim, hop string, now time.Time) (left time.Duration, begun bool) {
	due, under := r.due[claim.UID]
	if !under {
		due = now.Add(r.latency(hop, claim.Namespace+"/"+claim.Name))
		r.due[claim.UID] = due
	}
	if left = due.Sub(now); left > 0 {
		return left, !under
	}
	delete(r.due, claim.UID)
	return 0, false
}

func (r *Resizer) growVolume(claim *corev1.PersistentVolumeClaim, volume *corev1.PersistentVolume, api *store.Client) (time.Duration, error) {
	left, begun := r.wait(claim, "resize", api.Now)
	if begun {
		api.Event(claim, corev1.EventTypeNormal, "Resizing", "External resizer is resizing volume "+volume.Name)
		return left, mark(claim, api, condition(corev1.PersistentVolumeClaimResizing, "", api))
	}
	if left > 0 {
		return left, nil
	}
	grown := volume.DeepCopy()
	grown.Spec.Capacity[corev1.ResourceStorage] = claim.Spec.Resources.Requests[corev1.ResourceStorage]
	if _, err := api.Update(grown); err != nil {
		return 0, ignoreGone(err)
	}
	api.Event(claim, corev1.EventTypeNormal, "FileSystemResizeRequired", "Require file system resize of volume on node")
	return 0, mark(claim, api, condition(corev1.PersistentVolumeClaimFileSystemResizePending,
		"Waiting for user to (re-)start a pod to finish file system resize of volume on node.", api))
}

func (r *Resizer) growFileSystem(claim *corev1.PersistentVolumeClaim, volume *corev1.PersistentVolume, api *store.Client) (time.Duration, error) {
	pod := userOf(claim, api.View())
	if pod == nil {
		return 0, nil // the pod that comes names the claim again
	}
	if left, _ := r.wait(claim, "mount", api.Now); left > 0 {
		return left, nil
	}
	grown := claim.DeepCopy()
	grown.Status.Capacity[corev1.ResourceStorage] = volume.Spec.Capacity[corev1.ResourceStorage]
	grown.Status.Conditions = nil
	if _, err := api.UpdateStatus(grown); err != nil {
		return 0, ignoreGone(err)
	}
	api.Event(pod, corev1.EventTypeNormal, "FileSystemResizeSuccessful",
		`MountVolume.NodeExpandVolume succeeded for volume "`+volume.Name+`" `+pod.Spec.NodeName)
	return 0, nil
}

// userOf returns a pod that runs with the claim's volume, or nil.
func userOf(claim *corev1.PersistentVolumeClaim, view *store.View) *corev1.Pod {
	for pod := range store.In[*corev1.Pod](view, claim.Namespace) {
		uses := slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool {
			return v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == claim.Name
		})
		if uses && pod.Status.Phase == corev1.PodRunning {
			return pod
		}
	}
	return nil
}

func condition(kind corev1.PersistentVolumeClaimConditionType, message string, api *store.Client) corev1.PersistentVolumeClaimCondition {
	return corev1.PersistentVolumeClaimCondition{
		Type: kind, Status: corev1.ConditionTrue, Message: message, LastTransitionTime: metav1.NewTime(api.Now),
	}
}

// mark makes a condition the only one of a claim.
func mark(claim *corev1.PersistentVolumeClaim, api *store.Client, c corev1.PersistentVolumeClaimCondition) error {
	marked := claim.DeepCopy()
	marked.Status.Conditions = []corev1.PersistentVolumeClaimCondition{c}
	_, err := api.UpdateStatus(marked)
	return ignoreGone(err)
}

// ignoreGone lets go of what is no longer there.
func ignoreGone(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
