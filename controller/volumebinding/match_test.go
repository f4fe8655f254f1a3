package volumebinding

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/volumebinding/pv"
)

// TestMatch has volumes, then a claim, and says which volume the claim gets ("" for none) and what is told about it.
func TestMatch(t *testing.T) {
	const nothing = "data: FailedBinding: no persistent volumes available for this claim and no storage class is set"
	modes := func(modes ...corev1.PersistentVolumeAccessMode) func(*corev1.PersistentVolume) {
		return func(v *corev1.PersistentVolume) { v.Spec.AccessModes = modes }
	}
	gold := func(v *corev1.PersistentVolume) { v.Labels = map[string]string{"tier": "gold"} }
	block := corev1.PersistentVolumeBlock
	names := func(volume string) func(*corev1.PersistentVolumeClaim) {
		return func(c *corev1.PersistentVolumeClaim) { c.Spec.VolumeName = volume }
	}
	tests := []struct {
		name    string
		volumes []*corev1.PersistentVolume
		claim   *corev1.PersistentVolumeClaim
		want    string
		told    []string
	}{
		{"the smallest that fits", []*corev1.PersistentVolume{newPV("a", "", "30Gi"), newPV("b", "", "5Gi"), newPV("c", "", "20Gi")},
			newClaim("data", "", "10Gi"), "c", nil},
		{"the first of equals", []*corev1.PersistentVolume{newPV("b", "", "10Gi"), newPV("a", "", "10Gi")}, newClaim("data", "", "10Gi"), "a", nil},
		{"none is large enough", []*corev1.PersistentVolume{newPV("a", "", "5Gi")}, newClaim("data", "", "10Gi"), "", []string{nothing}},
		{"of the class", []*corev1.PersistentVolume{newPV("a", "slow", "10Gi"), newPV("b", "", "20Gi")}, newClaim("data", "", "10Gi"), "b", nil},
		{"with the access modes", []*corev1.PersistentVolume{newPV("a", "", "10Gi", modes(corev1.ReadOnlyMany)), newPV("b", "", "20Gi")},
			newClaim("data", "", "10Gi"), "b", nil},
		{"with few access modes rather than small", []*corev1.PersistentVolume{
			newPV("a", "", "10Gi", modes(corev1.ReadWriteOnce, corev1.ReadOnlyMany)), newPV("b", "", "20Gi")}, newClaim("data", "", "10Gi"), "b", nil},
		{"with the volume mode", []*corev1.PersistentVolume{newPV("a", "", "10Gi", func(v *corev1.PersistentVolume) { v.Spec.VolumeMode = &block })},
			newClaim("data", "", "10Gi"), "", []string{nothing}},
		{"by the selector", []*corev1.PersistentVolume{newPV("a", "", "10Gi"), newPV("b", "", "20Gi", gold)}, newClaim("data", "", "10Gi", func(c *corev1.PersistentVolumeClaim) {
			c.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"tier": "gold"}}
		}), "b", nil},
		{"what is set aside for it comes first", []*corev1.PersistentVolume{newPV("a", "", "10Gi"), newPV("b", "", "30Gi", setAside("data"))},
			newClaim("data", "", "10Gi"), "b", nil},
		{"what is set aside for another does not", []*corev1.PersistentVolume{newPV("a", "", "10Gi", setAside("other")), newPV("b", "", "30Gi")},
			newClaim("data", "", "10Gi"), "b", nil},
		{"a claim that waits takes only what is set aside", []*corev1.PersistentVolume{newPV("a", "late", "10Gi")}, newClaim("data", "late", "10Gi"), "",
			[]string{"data: WaitForFirstConsumer: waiting for first consumer to be created before binding"}},
		{"and that at once", []*corev1.PersistentVolume{newPV("a", "late", "10Gi", setAside("data"))}, newClaim("data", "late", "10Gi"), "a", nil},
		{"the one it names", []*corev1.PersistentVolume{newPV("a", "", "10Gi"), newPV("b", "", "30Gi")}, newClaim("data", "", "10Gi", names("b")), "b", nil},
		{"the one it names is too small", []*corev1.PersistentVolume{newPV("a", "", "5Gi")}, newClaim("data", "", "10Gi", names("a")), "",
			[]string{`data: VolumeMismatch: Cannot bind to requested volume "a": requested PV is too small`}},
		{"the one it names is another's", []*corev1.PersistentVolume{newPV("a", "", "10Gi", setAside("other"))}, newClaim("data", "", "10Gi", names("a")), "",
			[]string{`data: FailedBinding: volume "a" already bound to a different claim.`}},
		{"the one it names was its predecessor's", []*corev1.PersistentVolume{newPV("a", "", "10Gi", setAside("data"), func(v *corev1.PersistentVolume) { v.Spec.ClaimRef.UID = "old" })},
			newClaim("data", "", "10Gi", names("a")), "", []string{`data: FailedBinding: volume "a" already bound to a different claim.`}},
		{"nobody makes one of its class", nil, newClaim("data", "local", "10Gi"), "",
			[]string{"data: ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner"}},
		{"there is no such class", nil, newClaim("data", "fast", "10Gi"), "",
			[]string{`data: ProvisioningFailed: storageclass.storage.k8s.io "fast" not found`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.create(newClass("late", storagev1.VolumeBindingWaitForFirstConsumer),
				newClass("local", storagev1.VolumeBindingImmediate, func(c *storagev1.StorageClass) { c.Provisioner = "kubernetes.io/no-provisioner" }))
			for _, volume := range test.volumes {
				w.create(volume)
			}
			w.run(time.Second)
			w.create(test.claim)
			w.run(time.Second)
			claim := w.claim("data")
			require.Equal(t, test.told, w.events)
			if test.want == "" {
				require.Equal(t, corev1.ClaimPending, claim.Status.Phase)
				require.Empty(t, claim.Status.Capacity)
				return
			}
			require.Equal(t, test.want, claim.Spec.VolumeName)
			require.Equal(t, corev1.ClaimBound, claim.Status.Phase)
			require.Equal(t, "yes", claim.Annotations["pv.kubernetes.io/bind-completed"])
			volume := w.volume(test.want)
			require.Equal(t, corev1.VolumeBound, volume.Status.Phase)
			require.Equal(t, claim.UID, volume.Spec.ClaimRef.UID)
			require.Equal(t, volume.Spec.Capacity, claim.Status.Capacity)
			require.Equal(t, volume.Spec.AccessModes, claim.Status.AccessModes)
		})
	}
}

// TestLateVolume binds a claim that has waited to a volume that comes later.
func TestLateVolume(t *testing.T) {
	w := newWorld(t)
	w.create(newClaim("data", "", "10Gi"))
	w.run(time.Second)
	require.Equal(t, corev1.ClaimPending, w.claim("data").Status.Phase)
	w.create(newPV("a", "", "10Gi"))
	w.run(time.Second)
	require.Equal(t, "a", w.claim("data").Spec.VolumeName)
}

// TestCapacity gives a claim what the file system of its volume has, which may not have grown with the volume yet.
func TestCapacity(t *testing.T) {
	w := newWorld(t)
	w.create(newPV("a", "", "10Gi", func(v *corev1.PersistentVolume) { v.Annotations = map[string]string{pv.PreResizeCapacity: "5Gi"} }), newClaim("data", "", "5Gi"))
	w.run(time.Second)
	require.Equal(t, "5Gi", w.claim("data").Status.Capacity.Storage().String())
}
