package attachdetach

import (
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// attachTimeout is how long an attaching that reports nothing keeps the volume from being detached
// (pkg/volume/csi/csi_plugin.go:csiTimeout).
const attachTimeout = 2 * time.Minute

// Reconcile attaches a volume to the nodes where pods need it and detaches it from the others, detaching first
// (pkg/controller/volume/attachdetach/reconciler/reconciler.go:reconcile). A volume that is not for several nodes is
// never attached to a second one, and nothing is begun for it while it is being attached or detached somewhere. It asks
// to be called again when a force detach is due. Attachments are read live: the controller knows its own operations.
func (c *Controller) Reconcile(key store.Key, cache *store.View, api *store.Client) (time.Duration, error) {
	v := c.volume(key.Name)
	pv, _ := store.Get[*corev1.PersistentVolume](cache, "", key.Name)
	wanted := c.wanted(pv, v, cache)
	var again time.Duration
	busy := false
	for _, node := range slices.Sorted(maps.Keys(v.attached)) {
		pending, wait, err := c.keep(key.Name, node, wanted[node], cache, api)
		if err != nil {
			return 0, err
		}
		busy = busy || pending
		if wait > 0 && (again == 0 || wait < again) {
			again = wait
		}
	}
	if pv == nil || pv.Spec.CSI == nil {
		if len(v.attached) == 0 {
			delete(c.volumes, key.Name)
		}
		return again, nil
	}
	return again, c.attach(pv, v, wanted, busy, api)
}

// wanted returns the pods that need a volume, by node and in the order of their names: those that mount the claim which is
// bound to it and that are not done with it (populator/desired_state_of_world_populator.go, util.go:ProcessPodVolumes). A
// node that is not known counts only if the volume is attached there.
func (c *Controller) wanted(pv *corev1.PersistentVolume, v *volume, cache *store.View) map[string][]*corev1.Pod {
	if pv == nil || pv.Spec.ClaimRef == nil {
		return nil
	}
	claim := claimKey(pv.Spec.ClaimRef.Namespace, pv.Spec.ClaimRef.Name)
	if boundTo(claim, cache) != pv.Name {
		return nil
	}
	wanted := map[string][]*corev1.Pod{}
	for _, name := range slices.Sorted(maps.Keys(c.pods[claim])) {
		pod, ok := store.Get[*corev1.Pod](cache, claim.Namespace, name)
		if !ok || pod.Spec.NodeName == "" || done(pod) {
			continue
		}
		if _, known := store.Get[*corev1.Node](cache, "", pod.Spec.NodeName); known || v.attached[pod.Spec.NodeName] != nil {
			wanted[pod.Spec.NodeName] = append(wanted[pod.Spec.NodeName], pod)
		}
	}
	return wanted
}

// keep looks at one attachment: it reports how an attaching ended, and detaches the volume if no pod needs it. busy tells
// that an attaching or detaching goes on.
func (c *Controller) keep(pv, node string, pods []*corev1.Pod, cache *store.View, api *store.Client) (busy bool, wait time.Duration, err error) {
	a := c.volumes[pv].attached[node]
	va, ok := store.Get[*storagev1.VolumeAttachment](api.View(), "", a.name)
	if !ok {
		c.forget(pv, node)
		return false, 0, nil
	}
	if va.DeletionTimestamp != nil {
		return a.leave(pv, va, pods, api), 0, nil
	}
	if err := a.report(pv, va, pods, api); err != nil {
		return false, 0, err
	}
	if len(pods) > 0 {
		a.unneeded = time.Time{}
		return !va.Status.Attached, 0, nil
	}
	if !va.Status.Attached && va.Status.AttachError == nil {
		if left := va.CreationTimestamp.Add(attachTimeout).Sub(api.Now); left > 0 {
			return true, left, nil
		}
	}
	return c.detach(node, a, cache, api)
}

// report tells the pods once how an attaching ended, and lets the node know of a volume that it may mount
// (operation_generator.go:GenerateAttachVolumeFunc).
func (a *attachment) report(pv string, va *storagev1.VolumeAttachment, pods []*corev1.Pod, api *store.Client) error {
	failure := va.Status.AttachError
	switch {
	case va.Status.Attached && !a.reported:
		if err := reportAttached(va.Spec.NodeName, a.csi, true, api); err != nil {
			return err
		}
		a.reported = true
		tell(pods, corev1.EventTypeNormal, "SuccessfulAttachVolume", fmt.Sprintf("AttachVolume.Attach succeeded for volume %q ", pv), api)
	case !va.Status.Attached && failure != nil && !a.failed.Equal(&failure.Time):
		a.failed = failure.Time
		tell(pods, corev1.EventTypeWarning, "FailedAttachVolume",
			fmt.Sprintf("AttachVolume.Attach failed for volume %q : %s", pv, failure.Message), api)
	}
	return nil
}

// leave looks at an attachment that is being detached, and tells whether that goes on. Once it has failed the controller does
// not take the volume for attached there any more, so that another node may try to get it, and the attempts to detach it go on
// (operation_generator.go:GenerateDetachVolumeFunc, actual_state_of_world.go:GetNodesForAttachedVolume). Pods that need it there
// again cannot have it before (pkg/volume/csi/csi_attacher.go:verifyAttachmentStatus); they are told at each failure.
func (a *attachment) leave(pv string, va *storagev1.VolumeAttachment, pods []*corev1.Pod, api *store.Client) (busy bool) {
	failure := va.Status.DetachError
	if failure == nil {
		return true
	}
	a.uncertain = true
	if len(pods) > 0 && !a.failed.Equal(&failure.Time) {
		a.failed = failure.Time
		tell(pods, corev1.EventTypeWarning, "FailedAttachVolume",
			fmt.Sprintf("AttachVolume.Attach failed for volume %q : volume attachment is being deleted", pv), api)
	}
	return false
}

// detach deletes an attachment that no pod needs, once that is safe: when the node does not use the volume any more, at
// once if the node is out of service, or by force when a node that is not Ready has been waited for long enough. The wait
// begins when the controller finds that no pod needs the volume, not when the node falls silent
// (reconciler.go:reconcile; operation_generator.go:verifyVolumeIsSafeToDetach).
func (c *Controller) detach(node string, a *attachment, cache *store.View, api *store.Client) (busy bool, wait time.Duration, err error) {
	if a.unneeded.IsZero() {
		a.unneeded = api.Now
	}
	left := max(0, a.unneeded.Add(maxWaitForUnmount).Sub(api.Now))
	expired := left == 0 && !c.options.DisableForceDetachOnTimeout
	cached, known := store.Get[*corev1.Node](cache, "", node)
	if !known || !outOfService(cached) {
		force := expired && !(known && condition.NodeReady(cached))
		if c.inUse(node, a.csi, cache) && !force || !expired && c.inUse(node, a.csi, api.View()) {
			return false, left, nil
		}
	}
	if err := reportAttached(node, a.csi, false, api); err != nil {
		return false, 0, err
	}
	err = api.Delete(store.Key{Kind: store.VolumeAttachment, Name: a.name}, store.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		err = nil
	}
	return err == nil, 0, err
}

// inUse tells whether a node reports a volume as in use, or did so when it was last there.
func (c *Controller) inUse(node string, csi *corev1.CSIPersistentVolumeSource, view *store.View) bool {
	used := c.gone[node]
	if n, ok := store.Get[*corev1.Node](view, "", node); ok {
		used = n.Status.VolumesInUse
	}
	return csi != nil && slices.Contains(used, uniqueName(csi))
}

// attach makes the VolumeAttachments that are wanted and missing (reconciler.go:attachDesiredVolumes).
func (c *Controller) attach(pv *corev1.PersistentVolume, v *volume, wanted map[string][]*corev1.Pod, busy bool, api *store.Client) error {
	exclusive := !multiAttach(pv)
	for _, node := range slices.Sorted(maps.Keys(wanted)) {
		if v.attached[node] != nil || exclusive && busy {
			continue
		}
		if exclusive && len(v.certain()) > 0 {
			c.reportMultiAttach(pv.Name, node, wanted, api)
			continue
		}
		name := attachmentName(pv.Spec.CSI, node)
		_, err := api.Create(&storagev1.VolumeAttachment{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: storagev1.VolumeAttachmentSpec{
				Attacher: pv.Spec.CSI.Driver,
				NodeName: node,
				Source:   storagev1.VolumeAttachmentSource{PersistentVolumeName: &pv.Name},
			},
		})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
		c.attachment(pv.Name, node, name, pv)
		busy = true
	}
	maps.DeleteFunc(v.told, func(node string, _ bool) bool { return len(wanted[node]) == 0 })
	return nil
}

// certain names the nodes that have the volume attached, or will have, as far as the controller knows, sorted.
func (v *volume) certain() (nodes []string) {
	for _, node := range slices.Sorted(maps.Keys(v.attached)) {
		if !v.attached[node].uncertain {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// reportAttached puts a volume into a node's status.volumesAttached, or takes it out: the kubelet mounts only what is in
// there (statusupdater/node_status_updater.go:updateNodeStatus). A node that is gone is no error.
func reportAttached(node string, csi *corev1.CSIPersistentVolumeSource, attached bool, api *store.Client) error {
	live, ok := store.Get[*corev1.Node](api.View(), "", node)
	if !ok || csi == nil {
		return nil
	}
	name := uniqueName(csi)
	named := func(v corev1.AttachedVolume) bool { return v.Name == name }
	if slices.ContainsFunc(live.Status.VolumesAttached, named) == attached {
		return nil
	}
	next := *live
	next.Status.VolumesAttached = slices.DeleteFunc(slices.Clone(live.Status.VolumesAttached), named)
	if attached {
		next.Status.VolumesAttached = append(next.Status.VolumesAttached, corev1.AttachedVolume{Name: name})
	}
	_, err := api.UpdateStatus(&next)
	return err
}
