package resize

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// Expander is the expand controller of the kube-controller-manager, which has no volumes left that it could let grow itself: it
// says of each that somebody else has to (pkg/controller/volume/expand/expand_controller.go). Its keys are claims.
type Expander struct{}

// NewExpander returns the controller. It keeps nothing between calls.
func NewExpander() Expander { return Expander{} }

// Keys names a bound claim that came, that asks for more than before, or that has more than before.
func (Expander) Keys(change store.Change, _ *store.View) []store.Key {
	after, ok := change.New.(*corev1.PersistentVolumeClaim)
	if !ok || after.Status.Phase != corev1.ClaimBound {
		return nil
	}
	before, ok := change.Old.(*corev1.PersistentVolumeClaim)
	if !ok || asked(before).Cmp(*asked(after)) < 0 || has(before).Cmp(*has(after)) < 0 {
		return []store.Key{change.Key()}
	}
	return nil
}

// Reconcile tells of a claim whose volume has to grow, or has grown while its file system has not.
func (Expander) Reconcile(key store.Key, cache *store.View, api *store.Client) (again time.Duration, err error) {
	claim, ok := store.Get[*corev1.PersistentVolumeClaim](cache, key.Namespace, key.Name)
	if !ok {
		return 0, nil
	}
	volume, ok := store.Get[*corev1.PersistentVolume](api.View(), "", claim.Spec.VolumeName)
	if !ok {
		return 0, fmt.Errorf("failed to get PV %q: persistentvolumes %q not found", claim.Spec.VolumeName, claim.Spec.VolumeName)
	}
	if !boundTo(volume, claim) {
		return 0, fmt.Errorf("persistent Volume is not bound to PVC being updated : %s/%s", key.Namespace, key.Name)
	}
	if has(claim).Cmp(*asked(claim)) < 0 || metav1.HasAnnotation(volume.ObjectMeta, pv.PreResizeCapacity) {
		api.Event(claim, corev1.EventTypeNormal, "ExternalExpanding", "waiting for an external controller to expand this PVC")
	}
	return 0, nil
}
