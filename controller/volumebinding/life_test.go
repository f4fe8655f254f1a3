package volumebinding

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// TestProvision makes a volume for a claim that binds at once, in the zone that was drawn.
func TestProvision(t *testing.T) {
	w := newWorld(t)
	w.create(newNode("node-a", "a"), newNode("node-b", "b"), newClass("fast", storagev1.VolumeBindingImmediate), newClaim("data", "fast", "10Gi"))
	w.run(1999 * time.Millisecond)
	require.Equal(t, corev1.ClaimPending, w.claim("data").Status.Phase)
	w.run(time.Millisecond)
	claim := w.claim("data")
	name := "pvc-" + string(claim.UID)
	require.Equal(t, []string{
		"data: ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'disks.example.com' or manually by the " +
			"system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
		`data: Provisioning: External provisioner is provisioning volume for claim "default/data"`,
		"data: ProvisioningSucceeded: Successfully provisioned volume " + name,
	}, w.events)
	require.Equal(t, map[string]string{
		"pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes",
		"volume.kubernetes.io/storage-provisioner": "disks.example.com", "volume.beta.kubernetes.io/storage-provisioner": "disks.example.com",
	}, claim.Annotations)
	volume := w.volume(name)
	require.Equal(t, map[string]string{"pv.kubernetes.io/provisioned-by": "disks.example.com"}, volume.Annotations)
	require.Equal(t, "b", volume.Spec.NodeAffinity.Required.NodeSelectorTerms[0].MatchExpressions[0].Values[0])
	require.Equal(t, &corev1.CSIPersistentVolumeSource{Driver: "disks.example.com", VolumeHandle: claim.Namespace + "." + claim.Name + "." + name}, volume.Spec.CSI)
	require.Equal(t, corev1.PersistentVolumeReclaimDelete, volume.Spec.PersistentVolumeReclaimPolicy)
	require.Equal(t, corev1.VolumeBound, volume.Status.Phase)
	require.Empty(t, w.binder.orders)
	require.Empty(t, w.binder.unused)
}

// TestProvisionForSuccessor replaces a claim while its volume is being made: the new one waits its full time.
func TestProvisionForSuccessor(t *testing.T) {
	w := newWorld(t)
	w.create(newClass("fast", storagev1.VolumeBindingImmediate), newClaim("data", "fast", "10Gi"))
	w.run(time.Second)
	w.remove(claimKey("data"))
	w.create(newClaim("data", "fast", "10Gi"))
	w.run(1999 * time.Millisecond)
	require.Equal(t, corev1.ClaimPending, w.claim("data").Status.Phase)
	w.run(time.Millisecond)
	require.Equal(t, corev1.ClaimBound, w.claim("data").Status.Phase)
	require.Equal(t, 1, w.server.View().Len(store.PersistentVolume))
}

// TestZones says where volumes are made.
func TestZones(t *testing.T) {
	allow := func(zones ...string) func(*storagev1.StorageClass) {
		return func(c *storagev1.StorageClass) {
			c.AllowedTopologies = []corev1.TopologySelectorTerm{{MatchLabelExpressions: []corev1.TopologySelectorLabelRequirement{{Key: corev1.LabelTopologyZone, Values: zones}}}}
		}
	}
	on := func(node string) func(*corev1.PersistentVolumeClaim) {
		return func(c *corev1.PersistentVolumeClaim) { c.Annotations = map[string]string{pv.SelectedNode: node} }
	}
	late, fast := storagev1.VolumeBindingWaitForFirstConsumer, storagev1.VolumeBindingImmediate
	tests := []struct {
		name  string
		class *storagev1.StorageClass
		claim *corev1.PersistentVolumeClaim
		want  string
	}{
		{"of the selected node", newClass("c", late), newClaim("data", "c", "1Gi", on("node-a")), "a"},
		{"of a node without a zone", newClass("c", late), newClaim("data", "c", "1Gi", on("node-x")), "everywhere"},
		{"of a zone by its name", newClass("c", fast), newClaim("data", "c", "1Gi"), "b"},
		{"of one of those allowed", newClass("c", fast, allow("d", "c")), newClaim("data", "c", "1Gi"), "d"},
		{"the only one allowed", newClass("c", fast, allow("a")), newClaim("data", "c", "1Gi"), "a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.create(newNode("node-a", "a"), newNode("node-b", "b"), newNode("node-x", ""), test.class, test.claim)
			w.run(5 * time.Second)
			volume := w.volume(w.claim("data").Spec.VolumeName)
			if test.want == "everywhere" {
				require.Nil(t, volume.Spec.NodeAffinity)
				return
			}
			require.Equal(t, test.want, volume.Spec.NodeAffinity.Required.NodeSelectorTerms[0].MatchExpressions[0].Values[0])
		})
	}
}

// TestSelectedNodeGone hands the claim back to the scheduler.
func TestSelectedNodeGone(t *testing.T) {
	w := newWorld(t)
	w.create(newNode("node-a", "a"), newClass("late", storagev1.VolumeBindingWaitForFirstConsumer), newClaim("data", "late", "1Gi"))
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web-0"}}
	pod.Spec.Containers = []corev1.Container{{Name: "main", Image: "main:1"}}
	pod.Spec.Volumes = []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}}}
	w.create(pod)
	w.run(time.Second)
	claim := w.claim("data")
	claim.Annotations = map[string]string{pv.SelectedNode: "node-a"}
	w.update(claim)
	w.remove(store.Key{Kind: store.Node, Name: "node-a"})
	w.run(2 * time.Second)
	require.NotContains(t, w.claim("data").Annotations, pv.SelectedNode)
	require.Equal(t, []string{
		`data: ProvisioningFailed: csinode.storage.k8s.io "node-a" not found`,
		"data: WaitForPodScheduled: waiting for pod web-0 to be scheduled",
	}, w.events[len(w.events)-2:])
	require.Empty(t, w.binder.orders)
	w.remove(store.Key{Kind: store.Pod, Namespace: "default", Name: "web-0"})
	w.run(time.Second)
	require.Empty(t, w.binder.pending)
}

// TestClaimUnknownToCache keeps a volume whose claim exists, though the cache has not heard of it.
func TestClaimUnknownToCache(t *testing.T) {
	w := newWorld(t)
	w.create(newClaim("data", "", "10Gi"))
	claim := w.changes[0]
	w.changes = nil
	w.create(newPV("a", "", "10Gi", reclaim(corev1.PersistentVolumeReclaimDelete), setAside("data"), func(v *corev1.PersistentVolume) { v.Spec.ClaimRef.UID = w.claim("data").UID }))
	w.run(time.Second)
	require.NotEqual(t, corev1.VolumeReleased, w.volume("a").Status.Phase)
	w.changes = append(w.changes, claim)
	w.run(time.Second)
	require.Equal(t, corev1.VolumeBound, w.volume("a").Status.Phase)
}

// TestReuse clears the claimRef of a retained volume: only then another claim gets it.
func TestReuse(t *testing.T) {
	w := newWorld(t)
	w.create(newPV("a", "", "10Gi"), newClaim("data", "", "10Gi"))
	w.run(time.Second)
	w.remove(claimKey("data"))
	w.create(newClaim("next", "", "10Gi"))
	w.run(time.Second)
	require.Equal(t, corev1.ClaimPending, w.claim("next").Status.Phase)
	volume := w.volume("a")
	volume.Spec.ClaimRef = nil
	w.update(volume)
	w.run(time.Second)
	require.Equal(t, "a", w.claim("next").Spec.VolumeName)
}

// TestLost takes the volume away.
func TestLost(t *testing.T) {
	w := newWorld(t)
	w.create(newPV("a", "", "10Gi"), newClaim("data", "", "10Gi"))
	w.run(time.Second)
	w.remove(volumeKey("a"))
	w.create(newPV("b", "", "10Gi"))
	w.run(time.Second)
	claim := w.claim("data")
	require.Equal(t, corev1.ClaimLost, claim.Status.Phase)
	require.Equal(t, "a", claim.Spec.VolumeName, "it gets no other")
	require.Equal(t, []string{"data: ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!"}, w.events)
}

// TestDefaultClass gives a claim without a class the default class that comes after it.
func TestDefaultClass(t *testing.T) {
	w := newWorld(t)
	w.create(newClaim("data", "", "10Gi", func(c *corev1.PersistentVolumeClaim) { c.Spec.StorageClassName = nil }))
	w.run(time.Second)
	require.Equal(t, corev1.ClaimPending, w.claim("data").Status.Phase)
	w.create(newClass("fast", storagev1.VolumeBindingImmediate, func(c *storagev1.StorageClass) {
		c.Annotations = map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}
	}))
	w.run(5 * time.Second)
	require.Equal(t, "fast", *w.claim("data").Spec.StorageClassName)
	require.Equal(t, corev1.ClaimBound, w.claim("data").Status.Phase)
}
