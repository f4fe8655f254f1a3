package scheduler

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// volumes is what a pod's claims ask of a node.
type volumes struct {
	bound   []*corev1.PersistentVolumeClaim // their volumes have to reach the node
	delayed []*corev1.PersistentVolumeClaim // they wait for this pod's node; smallest request first
	free    []string                        // the names of the volumes that are bound to nothing yet
}

// promise is what becomes of a delayed claim on some node: a volume that exists, or one that is made there.
type promise struct {
	claim  *corev1.PersistentVolumeClaim
	volume *corev1.PersistentVolume // nil: one is made
}

var (
	unreachable = verdict{reasons: []string{"node(s) didn't match PersistentVolume's node affinity"}}
	noVolume    = verdict{reasons: []string{"node(s) didn't find available persistent volumes to bind"}}
	lostVolume  = verdict{reasons: []string{"node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"}}
	wrongZone   = verdict{reasons: []string{"node(s) had no available volume zone"}}
)

// claimNames walks over the names of the claims that a pod mounts.
func claimNames(pod *corev1.Pod) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range pod.Spec.Volumes {
			if source := pod.Spec.Volumes[i].PersistentVolumeClaim; source != nil && !yield(source.ClaimName) {
				return
			}
		}
	}
}

// prepareVolumes sorts the pod's claims; its reason, if any, rules out every node
// (framework/plugins/volumebinding/volume_binding.go:PreFilter, volumerestrictions/volume_restrictions.go:PreFilter).
func (c *cycle) prepareVolumes() (reason string) {
	pod := c.pod.pod
	immediate := false
	for name := range claimNames(pod) {
		claim, ok := pv.Latest[*corev1.PersistentVolumeClaim](c.written, c.view, pod.Namespace, name)
		if !ok {
			return `persistentvolumeclaim "` + name + `" not found`
		}
		if reason := unusable(claim); reason != "" {
			return reason
		}
		if slices.Contains(claim.Spec.AccessModes, corev1.ReadWriteOncePod) && c.claims[store.KeyOf(claim)] > 0 {
			c.taken = true
		}
		switch {
		case pv.FullyBound(claim):
			c.volumes.bound = append(c.volumes.bound, claim)
		case claim.Spec.VolumeName == "" && pv.Delayed(c.view, pv.ClassOf(claim)):
			c.volumes.delayed = append(c.volumes.delayed, claim)
		default:
			immediate = true
		}
	}
	if immediate {
		return "pod has unbound immediate PersistentVolumeClaims"
	}
	slices.SortStableFunc(c.volumes.delayed, func(a, b *corev1.PersistentVolumeClaim) int {
		x, y := a.Spec.Resources.Requests[corev1.ResourceStorage], b.Spec.Resources.Requests[corev1.ResourceStorage]
		return x.Cmp(y)
	})
	return ""
}

func unusable(claim *corev1.PersistentVolumeClaim) string {
	if claim.Status.Phase == corev1.ClaimLost {
		return `persistentvolumeclaim "` + claim.Name + `" bound to non-existent persistentvolume "` + claim.Spec.VolumeName + `"`
	}
	if claim.DeletionTimestamp != nil {
		return `persistentvolumeclaim "` + claim.Name + `" is being deleted`
	}
	return ""
}

// on judges a node (framework/plugins/volumebinding/binder.go:FindPodVolumes, then volumezone/volume_zone.go:Filter).
func (v *volumes) on(c *cycle, n *nodeInfo) verdict {
	zoned := true
	for _, claim := range v.bound {
		volume, ok := pv.Latest[*corev1.PersistentVolume](c.written, c.view, "", claim.Spec.VolumeName)
		if !ok {
			return lostVolume
		}
		if !pv.Reaches(volume, n.node) {
			return unreachable
		}
		zoned = zoned && inZone(volume, n.node)
	}
	if len(v.delayed) > 0 {
		if _, ok := v.promises(c, n); !ok {
			return noVolume
		}
	}
	if !zoned {
		return wrongZone
	}
	return verdict{}
}

// topologies are the labels by which a volume that an administrator made can say where it is, each with the newer name that
// nodes have for it too.
var topologies = []struct{ label, newer string }{
	{corev1.LabelFailureDomainBetaZone, corev1.LabelTopologyZone},
	{corev1.LabelFailureDomainBetaRegion, corev1.LabelTopologyRegion},
	{corev1.LabelTopologyZone, corev1.LabelTopologyZone},
	{corev1.LabelTopologyRegion, corev1.LabelTopologyRegion},
}

// inZone compares a volume's labels with a node's; several zones are joined by "__". A node that has none of the labels suits
// every volume.
func inZone(volume *corev1.PersistentVolume, node *corev1.Node) bool {
	constrained, suits := false, true
	for _, t := range topologies {
		has, ok := node.Labels[t.label]
		constrained = constrained || ok
		if !ok {
			has, ok = node.Labels[t.newer]
		}
		if wants, set := volume.Labels[t.label]; set {
			suits = suits && ok && slices.Contains(strings.Split(wants, "__"), has)
		}
	}
	return suits || !constrained
}

// promises decides what each delayed claim gets on a node, and tells whether each gets something.
func (v *volumes) promises(c *cycle, n *nodeInfo) ([]promise, bool) {
	promised := make([]promise, 0, len(v.delayed))
	taken := func(name string) bool {
		return slices.ContainsFunc(promised, func(p promise) bool { return p.volume != nil && p.volume.Name == name })
	}
	free := v.candidates(c)
	for _, claim := range v.delayed {
		p := promise{claim: claim}
		selected, decided := claim.Annotations[pv.SelectedNode]
		if decided && selected != n.name {
			return nil, false
		}
		if !decided {
			p.volume = pv.Choice{Claim: claim, Node: n.node, Taken: taken}.Best(free)
		}
		if p.volume == nil && !provisions(c.view, claim, n.node) {
			return nil, false
		}
		promised = append(promised, p)
	}
	return promised, true
}

func (v *volumes) candidates(c *cycle) []*corev1.PersistentVolume {
	found := make([]*corev1.PersistentVolume, 0, len(v.free))
	for _, name := range v.free {
		if volume, ok := pv.Latest[*corev1.PersistentVolume](c.written, c.view, "", name); ok {
			found = append(found, volume)
		}
	}
	return found
}

// provisions tells whether a volume can be made for a claim where the node reaches it.
func provisions(view *store.View, claim *corev1.PersistentVolumeClaim, node *corev1.Node) bool {
	class, ok := store.Get[*storagev1.StorageClass](view, "", pv.ClassOf(claim))
	return ok && pv.Provisions(class) && pv.Allowed(class.AllowedTopologies, node)
}

// trackFree keeps the sorted list of the volumes that are bound to nothing yet.
func (s *Scheduler) trackFree(name string, volume *corev1.PersistentVolume) {
	i, listed := slices.BinarySearchFunc(s.free, name, cmp.Compare[string])
	free := volume != nil && pv.Unused(volume)
	switch {
	case free && !listed:
		s.free = slices.Insert(s.free, i, name)
	case !free && listed:
		s.free = slices.Delete(s.free, i, i+1)
	}
}
