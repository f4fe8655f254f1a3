package volumebinding

import (
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// zone decides where a volume is made: in the zone of the selected node, or, without one, in one of those that the class
// allows and, if it does not say, that nodes are in. It is "" where there are no zones, and not ok if the node is gone.
func (s sync) zone(claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass) (zone string, ok bool) {
	if name, selected := claim.Annotations[pv.SelectedNode]; selected {
		node, ok := store.Get[*corev1.Node](s.cache, "", name)
		if !ok {
			return "", false
		}
		return node.Labels[corev1.LabelTopologyZone], true
	}
	zones := allowedZones(class)
	if len(zones) == 0 {
		zones = s.nodeZones()
	}
	if len(zones) == 0 {
		return "", true
	}
	return zones[turn(claim.Name)%uint32(len(zones))], true
}

// turn spreads volumes over zones by the names of their claims: those of a StatefulSet go round by their ordinals, and all
// claims of one ordinal have one zone. The name of the set is taken to be what stands between the last two dashes
// (external-provisioner pkg/controller/topology.go:getPVCNameHashAndIndexOffset).
func turn(claim string) uint32 {
	name, ordinal := claim, uint64(0)
	if dash := strings.LastIndexByte(claim, '-'); dash >= 0 {
		if n, err := strconv.ParseUint(claim[dash+1:], 10, 32); err == nil {
			name, ordinal = claim[:dash], n
			name = name[strings.LastIndexByte(name, '-')+1:]
		}
	}
	h := fnv.New32()
	h.Write([]byte(name))
	return h.Sum32() + uint32(ordinal)
}

func allowedZones(class *storagev1.StorageClass) []string {
	var zones []string
	for _, term := range class.AllowedTopologies {
		for _, r := range term.MatchLabelExpressions {
			if r.Key == corev1.LabelTopologyZone {
				zones = append(zones, r.Values...)
			}
		}
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

func (s sync) nodeZones() []string {
	var zones []string
	for node := range store.All[*corev1.Node](s.cache) {
		if zone := node.Labels[corev1.LabelTopologyZone]; zone != "" {
			zones = append(zones, zone)
		}
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// newVolume is the volume for a claim, as an external provisioner makes it; zone may be "".
func newVolume(claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass, zone string) *corev1.PersistentVolume {
	policy := corev1.PersistentVolumeReclaimDelete
	if class.ReclaimPolicy != nil {
		policy = *class.ReclaimPolicy
	}
	mode := corev1.PersistentVolumeFilesystem
	if claim.Spec.VolumeMode != nil {
		mode = *claim.Spec.VolumeMode
	}
	name := "pvc-" + string(claim.UID)
	volume := &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{pv.ProvisionedBy: class.Provisioner}},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			AccessModes:                   slices.Clone(claim.Spec.AccessModes),
			ClaimRef:                      pv.ClaimRef(claim),
			PersistentVolumeReclaimPolicy: policy,
			StorageClassName:              class.Name,
			MountOptions:                  slices.Clone(class.MountOptions),
			VolumeMode:                    &mode,
		},
	}
	if policy == corev1.PersistentVolumeReclaimDelete {
		volume.Finalizers = []string{pv.ProvisionerFinalizer}
	}
	volume.Spec.CSI = &corev1.CSIPersistentVolumeSource{
		Driver: class.Provisioner,
		// A person who looks at the storage finds the claim, as with drivers that make a directory for each volume.
		VolumeHandle:     claim.Namespace + "." + claim.Name + "." + name,
		VolumeAttributes: maps.Clone(class.Parameters),
	}
	if zone != "" {
		volume.Spec.NodeAffinity = inZone(zone)
	}
	return volume
}

func inZone(zone string) *corev1.VolumeNodeAffinity {
	return &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchExpressions: []corev1.NodeSelectorRequirement{{
			Key: corev1.LabelTopologyZone, Operator: corev1.NodeSelectorOpIn, Values: []string{zone},
		}},
	}}}}
}

// zoneOf reads the zone that inZone wrote; "" if a volume has none.
func zoneOf(volume *corev1.PersistentVolume) string {
	affinity := volume.Spec.NodeAffinity
	if affinity == nil || affinity.Required == nil {
		return ""
	}
	for _, term := range affinity.Required.NodeSelectorTerms {
		for _, r := range term.MatchExpressions {
			if r.Key == corev1.LabelTopologyZone && len(r.Values) == 1 {
				return r.Values[0]
			}
		}
	}
	return ""
}
