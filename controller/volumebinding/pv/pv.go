// Package pv is what the scheduler and the volume controllers both have to know of persistent volumes: which volume suits
// which claim, which nodes can reach a volume, and the annotations by which the components tell each other how far a
// binding has come. Kubernetes keeps the same knowledge in component-helpers/storage/volume.
package pv

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/controller/store"
)

// The annotations of a binding. Only whether they are there counts, except for SelectedNode and the two that name a
// provisioner.
const (
	BindCompleted      = "pv.kubernetes.io/bind-completed"                // on a claim that was bound once
	BoundByController  = "pv.kubernetes.io/bound-by-controller"           // on either side that no user bound beforehand
	ProvisionedBy      = "pv.kubernetes.io/provisioned-by"                // on a volume: who made it
	SelectedNode       = "volume.kubernetes.io/selected-node"             // on a claim: where the scheduler wants the volume
	StorageProvisioner = "volume.kubernetes.io/storage-provisioner"       // on a claim: who has to make a volume for it
	BetaProvisioner    = "volume.beta.kubernetes.io/storage-provisioner"  // the same under its older name
	PreResizeCapacity  = "volume.alpha.kubernetes.io/pre-resize-capacity" // on a volume that grew: what its file system still has
)

// NodeExpansionNotRequired on a claim tells kubelets that its volume grew without them
// (pkg/volume/util/types/types.go).
const NodeExpansionNotRequired = "volume.kubernetes.io/node-expansion-not-required"

// ProvisionerFinalizer keeps a volume object until the disk behind it is deleted
// (sig-storage-lib-external-provisioner controller/controller.go:finalizerPV).
const ProvisionerFinalizer = "external-provisioner.volume.kubernetes.io/finalizer"

// NoProvisioner in a class means that nobody makes volumes for it.
const NoProvisioner = "kubernetes.io/no-provisioner"

// ClassOf returns the name of a claim's storage class, "" for none.
func ClassOf(claim *corev1.PersistentVolumeClaim) string {
	if class, ok := claim.Annotations[corev1.BetaStorageClassAnnotation]; ok {
		return class
	}
	if claim.Spec.StorageClassName != nil {
		return *claim.Spec.StorageClassName
	}
	return ""
}

func classOfVolume(volume *corev1.PersistentVolume) string {
	if class, ok := volume.Annotations[corev1.BetaStorageClassAnnotation]; ok {
		return class
	}
	return volume.Spec.StorageClassName
}

// Delayed tells whether a claim of this class waits for its first consumer. A class that does not exist, and one that
// does not say, bind at once.
func Delayed(view *store.View, class string) bool {
	c, ok := store.Get[*storagev1.StorageClass](view, "", class)
	return ok && c.VolumeBindingMode != nil && *c.VolumeBindingMode == storagev1.VolumeBindingWaitForFirstConsumer
}

// FullyBound tells whether the binding of a claim is complete on both sides.
func FullyBound(claim *corev1.PersistentVolumeClaim) bool {
	return claim.Spec.VolumeName != "" && metav1.HasAnnotation(claim.ObjectMeta, BindCompleted)
}

// BoundTo tells whether a volume is bound to this claim, or set aside for it by its name alone.
func BoundTo(volume *corev1.PersistentVolume, claim *corev1.PersistentVolumeClaim) bool {
	ref := volume.Spec.ClaimRef
	return ref != nil && ref.Name == claim.Name && ref.Namespace == claim.Namespace && (ref.UID == "" || ref.UID == claim.UID)
}

// ClaimRef returns what a volume that is bound to this claim has as its claimRef.
func ClaimRef(claim *corev1.PersistentVolumeClaim) *corev1.ObjectReference {
	return &corev1.ObjectReference{
		Kind: "PersistentVolumeClaim", APIVersion: "v1", Namespace: claim.Namespace, Name: claim.Name,
		UID: claim.UID, ResourceVersion: claim.ResourceVersion,
	}
}

// Bind returns the volume as it is once bound to the claim, and false if it is that already
// (component-helpers/storage/volume/pv_helpers.go:GetBindVolumeToClaim).
func Bind(volume *corev1.PersistentVolume, claim *corev1.PersistentVolumeClaim) (*corev1.PersistentVolume, bool) {
	ref := volume.Spec.ClaimRef
	foreign := !BoundTo(volume, claim)
	if !foreign && ref.UID == claim.UID {
		return volume, false
	}
	bound := volume.DeepCopy()
	bound.Spec.ClaimRef = ClaimRef(claim)
	if foreign {
		metav1.SetMetaDataAnnotation(&bound.ObjectMeta, BoundByController, "yes")
	}
	return bound, true
}

// Reaches tells whether a volume can be attached to a node.
func Reaches(volume *corev1.PersistentVolume, node *corev1.Node) bool {
	affinity := volume.Spec.NodeAffinity
	return affinity == nil || affinity.Required == nil || MatchesNode(affinity.Required, node)
}

// ModesDiffer tells whether one side is a file system and the other a block device.
func ModesDiffer(claim *corev1.PersistentVolumeClaim, volume *corev1.PersistentVolume) bool {
	return modeOr(claim.Spec.VolumeMode) != modeOr(volume.Spec.VolumeMode)
}

func modeOr(mode *corev1.PersistentVolumeMode) corev1.PersistentVolumeMode {
	if mode == nil {
		return corev1.PersistentVolumeFilesystem
	}
	return *mode
}

// Unsuitable returns why a claim may not have the volume that it names, in Kubernetes' words, and "" if it may
// (pv_controller.go:checkVolumeSatisfyClaim).
func Unsuitable(volume *corev1.PersistentVolume, claim *corev1.PersistentVolumeClaim) string {
	switch {
	case volume.DeletionTimestamp != nil:
		return "the volume is marked for deletion \"" + volume.Name + "\""
	case tooSmall(volume, claim):
		return "requested PV is too small"
	case classOfVolume(volume) != ClassOf(claim):
		return "storageClassName does not match"
	case ModesDiffer(claim, volume):
		return "incompatible volumeMode"
	case !hasModes(volume, claim):
		return "incompatible accessMode"
	}
	return ""
}

func tooSmall(volume *corev1.PersistentVolume, claim *corev1.PersistentVolumeClaim) bool {
	size, asked := volume.Spec.Capacity[corev1.ResourceStorage], claim.Spec.Resources.Requests[corev1.ResourceStorage]
	return size.Cmp(asked) < 0
}

func hasModes(volume *corev1.PersistentVolume, claim *corev1.PersistentVolumeClaim) bool {
	for _, mode := range claim.Spec.AccessModes {
		if !slices.Contains(volume.Spec.AccessModes, mode) {
			return false
		}
	}
	return true
}

// Choice is a search for the volume that a claim gets.
type Choice struct {
	Claim *corev1.PersistentVolumeClaim
	Node  *corev1.Node // the node that has to reach the volume; nil when no node matters yet

	// Taken tells of volumes that are promised to other claims of the same pod; nil for none.
	Taken func(name string) bool
	// Reserved asks only for a volume that is set aside for this claim: it waits for its first consumer, and there is
	// none yet.
	Reserved bool
}

// Best returns the volume that the claim gets out of those given: the one set aside for it, or else the smallest that
// fits, the one with fewer access modes and the earlier in the list first; nil if there is none
// (component-helpers/storage/volume/pv_helpers.go:FindMatchingVolume, persistentvolume/index.go:findByClaim).
func (c Choice) Best(volumes []*corev1.PersistentVolume) *corev1.PersistentVolume {
	selector := labels.Everything()
	if c.Claim.Spec.Selector != nil {
		var err error
		if selector, err = metav1.LabelSelectorAsSelector(c.Claim.Spec.Selector); err != nil {
			return nil
		}
	}
	var best *corev1.PersistentVolume
	for _, volume := range volumes {
		if !c.possible(volume) {
			continue
		}
		reaches := c.Node == nil || Reaches(volume, c.Node)
		if BoundTo(volume, c.Claim) {
			if reaches {
				return volume
			}
			return nil
		}
		if c.Reserved || !reaches || !c.free(volume, selector) {
			continue
		}
		if best == nil || c.better(volume, best) {
			best = volume
		}
	}
	return best
}

// possible leaves out what the claim cannot have, set aside for it or not.
func (c Choice) possible(volume *corev1.PersistentVolume) bool {
	return (c.Taken == nil || !c.Taken(volume.Name)) &&
		(volume.Spec.ClaimRef == nil || BoundTo(volume, c.Claim)) &&
		!tooSmall(volume, c.Claim) && !ModesDiffer(c.Claim, volume) && hasModes(volume, c.Claim) &&
		volume.DeletionTimestamp == nil
}

func (c Choice) free(volume *corev1.PersistentVolume, selector labels.Selector) bool {
	return volume.Status.Phase == corev1.VolumeAvailable && classOfVolume(volume) == ClassOf(c.Claim) &&
		selector.Matches(labels.Set(volume.Labels))
}

// better compares sizes; without a node the number of access modes comes first.
func (c Choice) better(a, b *corev1.PersistentVolume) bool {
	if n, m := len(a.Spec.AccessModes), len(b.Spec.AccessModes); c.Node == nil && n != m {
		return n < m
	}
	return size(a).Cmp(*size(b)) < 0
}

func size(volume *corev1.PersistentVolume) *resource.Quantity {
	quantity := volume.Spec.Capacity[corev1.ResourceStorage]
	return &quantity
}

// Unused tells whether a volume may still become some claim's: it is available, or set aside and not bound yet.
func Unused(volume *corev1.PersistentVolume) bool {
	switch volume.Status.Phase {
	case corev1.VolumeBound, corev1.VolumeReleased, corev1.VolumeFailed:
		return false
	}
	return true
}
