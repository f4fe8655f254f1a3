package volumebinding

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/internal/csi"
	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// createTimeout is how long the provisioner waits for the storage to make a volume (its flag --timeout).
const createTimeout = 10 * time.Second

// order is a volume that a provisioner is making, or failed to make and will try again.
type order struct {
	csi.Call // of the driver, or the pause before one
	csi.BackOff
	claim    types.UID
	asked    bool      // the storage is at work
	zone     string    // where the volume is made
	hopeless time.Time // until when nothing is tried: the storage cannot do what the claim and its class ask for
	class    types.UID // … this class
}

// provision has a volume made for a claim: the controller names the provisioner in the claim's annotations and waits; the
// provisioner works for a while and creates the volume, set aside for the claim
// (pv_controller.go:provisionClaim, provisionClaimOperationExternal;
// sig-storage-lib-external-provisioner controller/controller.go:syncClaim).
func (s sync) provision(key store.Key, claim *corev1.PersistentVolumeClaim) (time.Duration, error) {
	class, ok := store.Get[*storagev1.StorageClass](s.cache, "", pv.ClassOf(claim))
	switch {
	case !ok:
		s.api.Event(claim, corev1.EventTypeWarning, "ProvisioningFailed", `storageclass.storage.k8s.io "`+pv.ClassOf(claim)+`" not found`)
		return 0, nil
	case !pv.Provisions(class): // an administrator makes the volumes of this class
		s.api.Event(claim, corev1.EventTypeWarning, "ProvisioningFailed", "no volume plugin matched name: "+class.Provisioner)
		return 0, nil
	case claim.Annotations[pv.StorageProvisioner] != class.Provisioner:
		return 0, s.requestVolume(claim, class.Provisioner)
	}
	o := s.orders[key]
	if o == nil {
		o = &order{claim: claim.UID}
		s.orders[key] = o
	}
	if !o.asked && !s.api.Now.Before(o.Due) {
		if wait, err := s.ask(key, claim, class, o); !o.asked {
			return wait, err
		}
	}
	if wait := o.Due.Sub(s.api.Now); wait > 0 {
		return wait, nil
	}
	return s.answer(key, claim, class, o)
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

// ask begins an attempt, unless the last one showed that there is no use in it yet. If the node that the volume is meant for
// is gone, the claim is handed back to the scheduler
// (external-provisioner pkg/controller/controller.go:Provision, topology.go:GenerateAccessibilityRequirements).
func (s sync) ask(key store.Key, claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass, o *order) (time.Duration, error) {
	if s.api.Now.Before(o.hopeless) && o.class == class.UID {
		return s.retry(o), nil
	}
	s.api.Event(claim, corev1.EventTypeNormal, "Provisioning",
		`External provisioner is provisioning volume for claim "`+claim.Namespace+"/"+claim.Name+`"`)
	zone, ok := s.zone(claim, class)
	if !ok {
		return 0, s.handBack(key, claim, `csinode.storage.k8s.io "`+claim.Annotations[pv.SelectedNode]+`" not found`)
	}
	o.asked, o.zone, o.Began, o.Due = true, zone, s.api.Now, s.api.Now.Add(s.latency("provision", key.String()))
	return 0, nil
}

// answer is what the storage says at the end of an attempt. While it does not answer the attempt goes on in the background, so that the
// claim stays with its node (external-provisioner pkg/controller/controller.go:checkError).
func (s sync) answer(key store.Key, claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass, o *order) (time.Duration, error) {
	node, selected := claim.Annotations[pv.SelectedNode]
	wait, failure := o.Outcome(s.api.Now, createTimeout, func() error { return s.create(key.String(), node) })
	if wait > 0 {
		return wait, nil
	}
	o.asked = false
	refusal := s.refusal(claim, class, o.zone)
	switch {
	case failure != nil:
		s.api.Event(claim, corev1.EventTypeWarning, "ProvisioningFailed", failure.Error())
	case refusal == nil:
		return 0, s.deliver(key, claim, class, o.zone)
	case refusal.Code == "ResourceExhausted" && selected:
		return 0, s.handBack(key, claim, refusal.Error())
	case refusal.Code == "InvalidArgument":
		o.hopeless, o.class = s.api.Now.Add(csi.MaxBackOff), class.UID
		s.api.Event(claim, corev1.EventTypeWarning, "ProvisioningFailed",
			"Volume provisioning failed with infeasible error. Retries will be delayed. "+refusal.Error())
	default:
		s.api.Event(claim, corev1.EventTypeWarning, "ProvisioningFailed", refusal.Error())
	}
	return s.retry(o), nil
}

// retry plans another attempt.
func (s sync) retry(o *order) time.Duration {
	wait := o.Next()
	o.Due = s.api.Now.Add(wait)
	return wait
}

// refusal says why the storage does not make the volume, by what its class says of it.
func (s sync) refusal(claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass, zone string) *pv.Refusal {
	size := claim.Spec.Resources.Requests[corev1.ResourceStorage]
	if refusal := pv.Fits(class.Parameters, size); refusal != nil {
		return refusal
	}
	if _, limited := class.Parameters[pv.ZoneCapacity]; !limited {
		return nil
	}
	var there []*corev1.PersistentVolume
	for volume := range store.All[*corev1.PersistentVolume](s.cache) {
		if volume.Spec.StorageClassName == class.Name && zoneOf(volume) == zone {
			there = append(there, volume)
		}
	}
	return pv.HasRoom(class.Parameters, zone, there, size)
}

// deliver creates the volume.
func (s sync) deliver(key store.Key, claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass, zone string) error {
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

// handBack lets the scheduler choose another node (controller/controller.go:rescheduleProvisioning).
func (s sync) handBack(key store.Key, claim *corev1.PersistentVolumeClaim, why string) error {
	delete(s.orders, key)
	s.api.Event(claim, corev1.EventTypeWarning, "ProvisioningFailed", why)
	again := claim.DeepCopy()
	delete(again.Annotations, pv.SelectedNode)
	_, err := update(s, again)
	return err
}
