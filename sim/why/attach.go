package why

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// maxWaitForUnmount is after how long a volume that nobody needs is taken from a node that is not Ready
// (pkg/controller/volume/attachdetach/attach_detach_controller.go:DefaultTimerConfig).
const maxWaitForUnmount = 6 * time.Minute

// starting tells whether a pod has its node, and no container yet.
func starting(pod *corev1.Pod) bool {
	return pod.Spec.NodeName != "" && pod.DeletionTimestamp == nil && pod.Status.Phase == corev1.PodPending
}

// attachments lists the VolumeAttachments of a volume.
func (s *scene) attachments(volume string) (all []*storagev1.VolumeAttachment) {
	for va := range store.All[*storagev1.VolumeAttachment](s.view) {
		if name := va.Spec.Source.PersistentVolumeName; name != nil && *name == volume {
			all = append(all, va)
		}
	}
	return all
}

// attachedElsewhere explains a pod that waits for a volume which another node has.
func attachedElsewhere(s *scene, pod *corev1.Pod) *Finding {
	if !starting(pod) {
		return nil
	}
	for _, name := range claimsOf(pod) {
		volume := s.volumeOf(pod.Namespace, name)
		if volume == nil || slices.Contains(volume.Spec.AccessModes, corev1.ReadWriteMany) || slices.Contains(volume.Spec.AccessModes, corev1.ReadOnlyMany) {
			continue
		}
		for _, va := range s.attachments(volume.Name) {
			if va.Spec.NodeName == pod.Spec.NodeName {
				continue
			}
			if f := s.heldBy(pod, name, va); f != nil {
				return f
			}
		}
	}
	return nil
}

// heldBy says why a volume stays on the node of an attachment; nil if it is about to be detached.
func (s *scene) heldBy(pod *corev1.Pod, claim string, va *storagev1.VolumeAttachment) *Finding {
	f := s.waitsForVolume(pod)
	if f == nil {
		return nil
	}
	quiet := s.silenceOf(va.Spec.NodeName)
	if quiet != nil {
		f.from = append(f.from, quiet.seq)
	}
	node, known := store.Get[*corev1.Node](s.view, "", va.Spec.NodeName)
	long := s.impatient(f.Since)
	f.Rule = fmt.Sprintf("A volume that is not for several nodes is attached to one at a time. That of the claim %s is attached to %s", claim, va.Spec.NodeName)
	switch holder := userOn(s.view, claim, pod.Namespace, va.Spec.NodeName); {
	case holder != nil:
		f.Rule += ", where the pod " + holder.Name + " still mounts it."
		f.Cure = []string{"kubectl delete pod " + flagged(holder) + "   # it has to go before the volume can; if it is Terminating already, see why"}
		long = long || quiet != nil
	case va.DeletionTimestamp != nil:
		f.Rule += ", and the storage system has been asked to detach it and does not."
		f.Cure = []string{"# look at the CSI driver's log, and at the storage system behind it"}
		f.from = append(f.from, s.blamed("storage")...)
		long = s.impatient(s.since(va.DeletionTimestamp.Time) + patience)
	case known && condition.NodeReady(node):
		f.Rule += ", which is Ready and says that it still uses it: it is taken by force only from a node that is not Ready."
		f.Cure = []string{"# see why the kubelet of " + node.Name + " does not unmount it"}
	default:
		s.forced(f, claim, pod.Namespace, va.Spec.NodeName)
		long = true
	}
	if !long {
		return nil
	}
	return f
}

// waitsForVolume begins a finding about a pod that cannot have its volume yet; nil if it was not told so.
func (s *scene) waitsForVolume(pod *corev1.Pod) *Finding {
	first, last := s.told(pod, "FailedAttachVolume")
	if first == nil {
		return nil
	}
	return &Finding{
		State: stateOf(pod), Since: first.At, Forever: true, from: []int{first.Seq}, Details: []string{last.Detail},
		Source: "pkg/controller/volume/attachdetach/reconciler/reconciler.go:reconcile",
		Links:  []string{"https://github.com/longhorn/longhorn/issues/5345", "https://github.com/kubernetes-sigs/aws-ebs-csi-driver/issues/1107"},
	}
}

// forced completes a finding about a volume that is taken by force from a node that is not heard of.
func (s *scene) forced(f *Finding, claim, namespace, node string) {
	due := s.unneeded(claim, namespace, node) + maxWaitForUnmount
	f.Rule += ", whose kubelet cannot say that it has unmounted it. It is taken by force 6 minutes after nobody needs it there, or at once if the node is marked out of service."
	f.Forever, f.due, f.Until = false, due, "the force detach after 6 minutes, at "+clock(due.Round(time.Second))
	f.Cure = []string{"kubectl taint nodes " + node + " " + outOfService + "=nodeshutdown:NoExecute   # only if the machine is surely off: the volume is detached at once; a process that still runs there would go on writing to it"}
}

// userOn returns a pod on a node that mounts a claim and has not ended, or nil.
func userOn(view *store.View, claim, namespace, node string) *corev1.Pod {
	for pod := range store.PodsOn(view, node) {
		if pod.Namespace == namespace && !condition.PodTerminal(pod) && slices.Contains(claimsOf(pod), claim) {
			return pod
		}
	}
	return nil
}

// unneeded is since when no pod on a node has needed a claim's volume.
func (s *scene) unneeded(claim, namespace, node string) time.Duration {
	frames := s.rec.Frames
	since := s.at
	for i := len(frames) - 1; i >= 0; i-- {
		if frames[i].At > s.at {
			continue
		}
		if userOn(frames[i].Store, claim, namespace, node) != nil {
			break
		}
		since = frames[i].At
	}
	return since
}

// notAttached explains a pod whose volume cannot be attached to its own node, or mounted there.
func notAttached(s *scene, pod *corev1.Pod) *Finding {
	if !starting(pod) || !s.heard(pod) {
		return nil
	}
	for _, name := range claimsOf(pod) {
		volume := s.volumeOf(pod.Namespace, name)
		if volume == nil {
			continue
		}
		for _, va := range s.attachments(volume.Name) {
			if va.Spec.NodeName == pod.Spec.NodeName && !va.Status.Attached && s.impatient(s.since(va.CreationTimestamp.Time)) {
				return s.attaching(pod, name, va)
			}
		}
	}
	first, last := s.told(pod, "FailedMount")
	if first == nil || !s.impatient(first.At) {
		return nil
	}
	return &Finding{
		State: stateOf(pod), Since: first.At, Forever: true, from: append(s.blamed("storage"), last.Seq), Details: []string{last.Detail},
		Rule:   "The kubelet starts no container of a pod before all of its volumes are mounted, and tries again and again.",
		Source: "pkg/kubelet/volumemanager/volume_manager.go:WaitForAttachAndMount",
		Cure:   []string{"kubectl delete pod " + flagged(pod) + "   # helps only if another node can do it; else cure what the message names"},
	}
}

func (s *scene) attaching(pod *corev1.Pod, claim string, va *storagev1.VolumeAttachment) *Finding {
	f := &Finding{
		State: stateOf(pod), Since: s.since(va.CreationTimestamp.Time), Forever: true,
		Rule: "The kubelet mounts a volume only when it is attached, and the storage system has not attached that of the claim " + claim + " to " +
			va.Spec.NodeName + ".",
		Source: "pkg/volume/csi/csi_attacher.go:waitForVolumeAttachmentWithLister",
		Cure:   []string{"# look at the CSI attacher's log, and at the storage system behind it; it is asked again by itself"},
	}
	f.from = s.blamed("storage")
	if created := s.lastAbout("VolumeAttachment", va.Name, "create", ""); created != nil {
		f.Since, f.from = created.At, append(f.from, created.Seq)
	}
	if first, last := s.told(pod, "FailedAttachVolume"); first != nil {
		f.from = append(f.from, last.Seq)
	}
	if failed := va.Status.AttachError; failed != nil {
		f.Details = []string{"it says: " + strings.TrimSpace(failed.Message)}
	}
	return f
}

// moving tells whether one of a pod's volumes is being attached or detached, which other rules judge.
func (s *scene) moving(pod *corev1.Pod) bool {
	for _, name := range claimsOf(pod) {
		if volume := s.volumeOf(pod.Namespace, name); volume != nil && slices.ContainsFunc(s.attachments(volume.Name), underWay) {
			return true
		}
	}
	return false
}

func underWay(va *storagev1.VolumeAttachment) bool {
	return !va.Status.Attached || va.DeletionTimestamp != nil
}
