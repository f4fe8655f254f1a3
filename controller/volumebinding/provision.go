package volumebinding

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// order is a volume that a provisioner is making.
type order struct {
	claim types.UID
	due   time.Time
}

// provision has a volume made for a claim: the controller names the provisioner in the claim's annotations and waits; the
// provisioner works for a while and creates the volume, set aside for the claim
// (pv_controller.go:provisionClaimOperationExternal; sig-storage-lib-external-provisioner:provisionClaimOperation).
func (s sync) provision(key store.Key, claim *corev1.PersistentVolumeClaim) (time.Duration, error) {
	class, ok := store.Get[*storagev1.StorageClass](s.cache, "", pv.ClassOf(claim))
	if !ok {
		s.api.Event(claim, corev1.EventTypeWarning, "ProvisioningFailed", `storageclass.storage.k8s.io "`+pv.ClassOf(claim)+`" not found`)
		return 0, nil
	}
	if !pv.Provisions(class) {
		return 0, nil // an administrator makes the volumes of this class
	}
	if claim.Annotations[pv.StorageProvisioner] != class.Provisioner {
		return 0, s.requestVolume(claim, class.Provisioner)
	}
	o, ok := s.orders[key]
	if !ok || o.claim != claim.UID {
		o = order{claim: claim.UID, due: s.api.Now.Add(s.latency("provision", key.String()))}
		s.orders[key] = o
		s.api.Event(claim, corev1.EventTypeNormal, "Provisioning",
			`External provisioner is provisioning volume for claim "`+claim.Namespace+"/"+claim.Name+`"`)
	}
	if wait := o.due.Sub(s.api.Now); wait > 0 {
		return wait, nil
	}
	return 0, s.deliver(key, claim, class)
}

// requestVolume asks the provisioner for a volume.
func (s sync) requestVolume(claim *corev1.PersistentVolumeClaim, provisioner string) error {
	asked := claim.DeepCopy()
	metav1.SetMetaDataAnnotation(&asked.ObjectMeta, pv.BetaProvisioner, provisioner)
	metav1.SetMetaDataAnnotation(&asked.ObjectMeta, pv.StorageProvisioner, provisioner)
	written, err := update(s, asked)
	if err != nil {
		return err
	}
	s.api.Event(written, corev1.EventTypeNormal, "ExternalProvisioning",
		"Waiting for a volume to be created either by the external provisioner '"+provisioner+"' or manually by the "+
			"system administrator. If volume creation is delayed, please verify that the provisioner is running and "+
			"correctly registered.")
	return nil
}

// deliver creates the volume. If the node that it was meant for is gone, the claim is handed back to the scheduler.
func (s sync) deliver(key store.Key, claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass) error {
	zone, ok := s.zone(claim, class)
	if !ok {
		return s.handBack(key, claim)
	}
	volume := newVolume(claim, class, zone)
	written, err := s.api.Create(volume)
	switch {
	case apierrors.IsAlreadyExists(err):
		return nil // made before, and the cache does not show it yet
	case err != nil:
		return err
	}
	delete(s.orders, key)
	s.written.Keep(written)
	s.api.Event(claim, corev1.EventTypeNormal, "ProvisioningSucceeded", "Successfully provisioned volume "+volume.Name)
	return nil
}

// handBack lets the scheduler choose another node.
func (s sync) handBack(key store.Key, claim *corev1.PersistentVolumeClaim) error {
	delete(s.orders, key)
	node := claim.Annotations[pv.SelectedNode]
	s.api.Event(claim, corev1.EventTypeWarning, "ProvisioningFailed",
		`failed to provision volume with StorageClass "`+pv.ClassOf(claim)+`": error generating accessibility requirements: `+
			`error getting node info: node "`+node+`" not found`)
	again := claim.DeepCopy()
	delete(again.Annotations, pv.SelectedNode)
	_, err := update(s, again)
	return err
}

// zone decides where a volume is made: in the zone of the selected node, or, without one, in any that the class allows
// and, if it does not say, that a node is in. It is "" where there are no zones, and not ok if the node is gone.
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
	switch len(zones) {
	case 0:
		return "", true
	case 1:
		return zones[0], true
	}
	return zones[s.choose(store.KeyOf(claim).String(), len(zones))], true
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
	volume.Spec.CSI = &corev1.CSIPersistentVolumeSource{
		Driver: class.Provisioner,
		// A person who looks at the storage finds the claim, as with drivers that make a directory for each volume.
		VolumeHandle: claim.Namespace + "." + claim.Name + "." + name,
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
