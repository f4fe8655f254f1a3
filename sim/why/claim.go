package why

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
	"statefulsim/sim"
)

// volumeOf is the PersistentVolume that a claim is bound to, or nil.
func (s *scene) volumeOf(namespace, claim string) *corev1.PersistentVolume {
	c, ok := store.Get[*corev1.PersistentVolumeClaim](s.view, namespace, claim)
	if !ok {
		return nil
	}
	volume, _ := store.Get[*corev1.PersistentVolume](s.view, "", c.Spec.VolumeName)
	return volume
}

// users lists the pods that mount a claim.
func (s *scene) users(claim *corev1.PersistentVolumeClaim) (pods []*corev1.Pod) {
	for pod := range store.In[*corev1.Pod](s.view, claim.Namespace) {
		if slices.Contains(claimsOf(pod), claim.Name) {
			pods = append(pods, pod)
		}
	}
	return pods
}

// noVolume tells of claims that are not Bound, and will not be.
func noVolume(s *scene) {
	for claim := range store.All[*corev1.PersistentVolumeClaim](s.view) {
		if claim.DeletionTimestamp != nil || claim.Status.Phase == corev1.ClaimBound {
			continue
		}
		born := s.lastAbout("PersistentVolumeClaim", nameOf(claim), "create", "")
		if born == nil || !s.impatient(born.At) {
			continue
		}
		f := Finding{State: string(claim.Status.Phase), Since: born.At, Forever: true, from: []int{born.Seq}}
		if s.unbound(claim, &f) {
			s.add(objectOf(claim), f)
		}
	}
}

// unbound finds the rule for one of them; false says that it is on its way, or waits by design for somebody to use it.
func (s *scene) unbound(claim *corev1.PersistentVolumeClaim, f *Finding) bool {
	name, users := pv.ClassOf(claim), s.users(claim)
	class, known := store.Get[*storagev1.StorageClass](s.view, "", name)
	remake := "kubectl delete pvc " + flagged(claim) + "   # nothing is lost: it never had a volume; then delete its pod, and let the set make both anew with a class that exists"
	switch failed := s.lastAbout("PersistentVolumeClaim", nameOf(claim), "event", "ProvisioningFailed"); {
	case claim.Status.Phase == corev1.ClaimLost:
		f.Rule = "A claim whose volume is gone is Lost, and is never bound to another one: its data was on that volume."
		f.Source = "pkg/controller/volume/persistentvolume/pv_controller.go:syncBoundClaim"
		f.Cure = []string{"kubectl delete pvc " + flagged(claim) + "   # and then its pod: both are made anew, empty"}
	case name == "":
		f.Rule = "A claim that names no StorageClass, in a cluster without a default class, waits for a volume that somebody makes by hand, and none suits."
		f.Source = "pkg/controller/volume/persistentvolume/pv_controller.go:syncUnboundClaim"
		f.Cure = []string{remake, "# or make a PersistentVolume of its size and access modes"}
	case !known:
		f.Rule = "A claim is provisioned by its StorageClass, and there is no class named " + name + ". A claim's class cannot be changed."
		f.Source = "pkg/controller/volume/persistentvolume/pv_controller.go:provisionClaim"
		f.Cure = []string{"# kubectl apply the StorageClass " + name + ": the claim is then provisioned by itself", remake}
	case pv.Delayed(s.view, name) && claim.Annotations["volume.kubernetes.io/selected-node"] == "":
		return s.waitsForConsumer(claim, users, f)
	case class.Provisioner == "kubernetes.io/no-provisioner":
		f.Rule = "The class " + name + " makes no volumes; the claim waits for one that is there already, and none suits."
		f.Source = "pkg/controller/volume/persistentvolume/pv_controller.go:syncUnboundClaim"
		f.Cure = []string{"# make a PersistentVolume of the class " + name + ", of the claim's size and access modes, where its pod can run"}
	case failed != nil:
		f.Rule = "The provisioner of the class " + name + " fails to make the volume, and is asked again and again."
		f.Source = "kubernetes.io/docs/concepts/storage/dynamic-provisioning"
		f.Details, f.from = []string{failed.Detail}, append(append(f.from, failed.Seq), s.blamed("storage")...)
		f.Cure = []string{"# make room in the storage system, or ask for less: the size of a claim that is not Bound cannot be changed", remake}
	default:
		return s.provisioning(claim, f)
	}
	return true
}

// waitsForConsumer tells of a claim whose pod finds no node. Without a pod it waits by design.
func (s *scene) waitsForConsumer(claim *corev1.PersistentVolumeClaim, users []*corev1.Pod, f *Finding) bool {
	for _, pod := range users {
		blocker := s.about(objectOf(pod))
		if blocker == nil {
			continue
		}
		f.Rule = "A claim of a class that waits for its first consumer gets its volume where its pod is scheduled, and " + pod.Name + " finds no node."
		f.Source = "k8s.io/component-helpers storage/volume/pv_helpers.go:IsDelayBindingMode"
		f.from = append(f.from, blocker.from...)
		f.Cure = []string{"# cure Pod " + nameOf(pod) + " first: the claim follows by itself"}
		return true
	}
	return false
}

// provisioning tells of a claim whose volume was asked for and does not come.
func (s *scene) provisioning(claim *corev1.PersistentVolumeClaim, f *Finding) bool {
	asked := s.lastAbout("PersistentVolumeClaim", nameOf(claim), "event", "Provisioning")
	if asked == nil || !s.impatient(asked.At) || s.at < asked.At+4*patience {
		return false
	}
	f.Since, f.from = asked.At, append(s.blamed("storage"), asked.Seq)
	f.Rule = "A claim is Bound when its volume has been made, and the storage system has not answered."
	f.Source = "kubernetes.io/docs/concepts/storage/dynamic-provisioning"
	f.Cure = []string{"# look at the CSI provisioner's log, and at the storage system behind it"}
	return true
}

// claimInUse tells of claims that were deleted while pods use them.
func claimInUse(s *scene) {
	for claim := range store.All[*corev1.PersistentVolumeClaim](s.view) {
		users := s.users(claim)
		scheduled := slices.ContainsFunc(users, func(pod *corev1.Pod) bool { return pod.Spec.NodeName != "" })
		if claim.DeletionTimestamp == nil || !scheduled || !s.impatient(s.since(claim.DeletionTimestamp.Time)) {
			continue
		}
		f := Finding{
			State: "Terminating", Since: s.since(claim.DeletionTimestamp.Time), Forever: true,
			Rule: "A claim that is deleted stays for as long as a scheduled pod mounts it, and is gone with the pod. Until then nothing changes; with the " +
				"pod's deletion its volume goes too, if its class says Delete.",
			Source: "pkg/controller/volume/pvcprotection/pvc_protection_controller.go:podUsesPVCForDeletion",
			Links:  []string{"https://github.com/kubernetes/kubernetes/issues/89910"},
		}
		deleted := s.last(func(e *sim.Event) bool {
			return e.Kind == "PersistentVolumeClaim" && e.Name == nameOf(claim) && e.Verb == "delete"
		})
		if deleted != nil {
			f.Since, f.from = deleted.At, []int{deleted.Seq}
		}
		for _, pod := range users {
			f.Cure = append(f.Cure, "kubectl delete pod "+flagged(pod)+"   # ends the deletion: what is on the volume is lost. It cannot be taken back")
		}
		s.add(objectOf(claim), f)
	}
}
