// Package resize lets volumes grow when their claims ask for more.
//
// It holds two components, as in a cluster: the Resizer, which has the storage grow the volume and reports how far that has
// come in the claim's status, and the Expander of the kube-controller-manager, which only says that somebody else does it. The
// file system grows on the node: that is the kubelet's part.
package resize

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/condition"
	"statefulsim/controller/internal/csi"
	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// Resizer is the external-resizer that runs beside a CSI driver (kubernetes-csi/external-resizer pkg/controller, with the gate
// RecoverVolumeExpansionFailure). Its keys are claims. It works at the volumes of all CSI drivers.
type Resizer struct {
	latency func(name, about string) time.Duration
	growths map[store.Key]*growth
}

// growth is what the resizer remembers of a claim that wants to grow.
type growth struct {
	csi.BackOff
	uid   types.UID
	asked bool              // the storage is at work
	size  resource.Quantity // what it was asked for
	due   time.Time         // when it answers
	final bool              // the last attempt has failed for certain
	inUse bool              // it failed because the volume was in use
	slow  time.Time         // until when nothing is tried that failed before; zero: it may be
}

// New returns a resizer that knows no claims. The latency that it draws is "resize", about the claim.
func New(latency func(name, about string) time.Duration) *Resizer {
	return &Resizer{latency: latency, growths: map[store.Key]*growth{}}
}

// Keys names a claim that came, or whose size or whose progress is another one (controller.go:updatePVC).
func (r *Resizer) Keys(change store.Change, _ *store.View) []store.Key {
	if change.Kind != store.PersistentVolumeClaim {
		return nil
	}
	before, _ := change.Old.(*corev1.PersistentVolumeClaim)
	after, _ := change.New.(*corev1.PersistentVolumeClaim)
	if before == nil || after == nil || asked(before).Cmp(*asked(after)) != 0 || has(before).Cmp(*has(after)) < 0 ||
		condition.ResizeStatus(&before.Status) != condition.ResizeStatus(&after.Status) {
		return []store.Key{change.Key()}
	}
	return nil
}

func asked(claim *corev1.PersistentVolumeClaim) *resource.Quantity {
	return claim.Spec.Resources.Requests.Storage()
}

func has(claim *corev1.PersistentVolumeClaim) *resource.Quantity {
	return claim.Status.Capacity.Storage()
}

func capacity(volume *corev1.PersistentVolume) *resource.Quantity {
	return volume.Spec.Capacity.Storage()
}

// Reconcile brings the volume of a claim nearer to the size that the claim asks for. again is more than zero while the storage
// is at work, or when an attempt is to be repeated. It reads and writes live, so that it sees its own writes.
func (r *Resizer) Reconcile(key store.Key, _ *store.View, api *store.Client) (again time.Duration, err error) {
	claim, ok := store.Get[*corev1.PersistentVolumeClaim](api.View(), key.Namespace, key.Name)
	if !ok {
		delete(r.growths, key)
		return 0, nil
	}
	g := r.growths[key]
	if g == nil || g.uid != claim.UID {
		g = &growth{uid: claim.UID}
	}
	if g.asked && api.Now.Before(g.due) {
		return g.due.Sub(api.Now), nil
	}
	if claim.Spec.VolumeName == "" {
		return 0, nil
	}
	volume, ok := store.Get[*corev1.PersistentVolume](api.View(), "", claim.Spec.VolumeName)
	if !ok {
		return 0, fmt.Errorf("PV %q bound to pvc %q not found", claim.Spec.VolumeName, claim.Namespace+"/"+claim.Name)
	}
	s := sync{Resizer: r, key: key, growth: g, claim: claim, volume: volume, api: api}
	if g.asked {
		g.asked = false
		return s.answer()
	}
	return s.begin()
}

// wants tells whether a claim asks for more than it has, of a volume that a driver can let grow
// (controller.go:pvcNeedResize, expand_and_recover.go:pvCanBeExpanded).
func wants(claim *corev1.PersistentVolumeClaim, volume *corev1.PersistentVolume) bool {
	return claim.Status.Phase == corev1.ClaimBound && has(claim).Cmp(*asked(claim)) < 0 &&
		volume.Spec.CSI != nil && boundTo(volume, claim)
}

func boundTo(volume *corev1.PersistentVolume, claim *corev1.PersistentVolumeClaim) bool {
	ref := volume.Spec.ClaimRef
	return ref != nil && ref.Namespace == claim.Namespace && ref.UID == claim.UID
}

// next returns the size to which the volume is to grow now, and false if its node has to do something first. What was begun is
// brought to its end before anything else, unless it is certain that it failed: then the claim's present wish counts
// (expand_and_recover.go:expandAndRecover).
func next(claim *corev1.PersistentVolumeClaim, volume *corev1.PersistentVolume, final bool) (size resource.Quantity, ok bool) {
	wish := *asked(claim)
	begun := wish
	if allocated, recorded := claim.Status.AllocatedResources[corev1.ResourceStorage]; recorded {
		begun = allocated
	}
	reached := capacity(volume)
	grown := reached.Cmp(wish) >= 0
	switch condition.ResizeStatus(&claim.Status) {
	case corev1.PersistentVolumeClaimNodeResizePending, corev1.PersistentVolumeClaimNodeResizeInProgress:
		return begun, !grown && reached.Cmp(begun) < 0
	case corev1.PersistentVolumeClaimNodeResizeInfeasible:
		return begun, true
	case corev1.PersistentVolumeClaimControllerResizeInProgress:
		if final && !grown {
			return wish, true
		}
		return begun, true
	}
	if grown {
		return begun, true
	}
	return wish, true
}

// offline tells whether the volume grows only while no node has it.
func offline(volume *corev1.PersistentVolume) bool {
	return volume.Spec.CSI.VolumeAttributes[pv.Expansion] == "offline"
}
