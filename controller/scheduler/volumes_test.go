package scheduler

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"statefulsim/controller/store"
)

// TestVolumeZone compares the labels of a bound volume with those of two nodes, one in zone a of region r and one without any.
func TestVolumeZone(t *testing.T) {
	const zone, region, oldZone = corev1.LabelTopologyZone, corev1.LabelTopologyRegion, corev1.LabelFailureDomainBetaZone
	for _, test := range []struct {
		labels map[string]string
		want   string
	}{
		{nil, "labelled"},
		{map[string]string{zone: "a"}, "labelled"},
		{map[string]string{zone: "b__a"}, "labelled"},
		{map[string]string{oldZone: "a"}, "labelled"},
		{map[string]string{zone: "a", region: "r"}, "labelled"},
		{map[string]string{zone: "b"}, "plain"},
		{map[string]string{zone: "a", region: "s"}, "plain"},
	} {
		w := newWorld(t, false)
		w.create(newNode("labelled", "a", func(n *corev1.Node) { n.Labels[region] = "r" }), newNode("plain", ""))
		volume := newVolume("pv-1", "", "10Gi", "")
		volume.Labels = test.labels
		w.create(volume)
		w.bound("data", "pv-1")
		w.create(newPod("web-0", mounts("data")))
		w.run(time.Second)
		require.Equal(t, test.want, w.pod("web-0").Spec.NodeName, test.labels)
	}
	w := newWorld(t, false)
	w.create(newNode("labelled", "a"))
	volume := newVolume("pv-1", "", "10Gi", "")
	volume.Labels = map[string]string{zone: "b"}
	w.create(volume)
	w.bound("data", "pv-1")
	w.create(newPod("web-0", mounts("data")))
	w.run(time.Second)
	require.Equal(t, []string{"Pod default/web-0: FailedScheduling: 0/1 nodes are available: 1 node(s) had no available volume zone. " +
		"preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."}, w.events)
}

// TestLocalVolumeOfALostNode keeps a pod Pending for ever whose volume is on a node that is gone, until the node is back.
func TestLocalVolumeOfALostNode(t *testing.T) {
	w := newWorld(t, true)
	w.create(newNode("node-a", ""), newNode("node-b", ""))
	volume := newVolume("local-1", "local", "10Gi", "")
	volume.Spec.CSI, volume.Spec.Local = nil, &corev1.LocalVolumeSource{Path: "/mnt/disk"}
	volume.Spec.NodeAffinity = &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchExpressions: []corev1.NodeSelectorRequirement{{Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{"node-a"}}},
	}}}}
	w.create(newClass("local", storagev1.VolumeBindingWaitForFirstConsumer, func(c *storagev1.StorageClass) { c.Provisioner = "kubernetes.io/no-provisioner" }),
		volume, newClaim("data", "local"), newPod("web-0", mounts("data")))
	w.run(5 * time.Second)
	require.Equal(t, "node-a", w.pod("web-0").Spec.NodeName)
	w.delete(store.Pod, "web-0")
	w.delete(store.Node, "node-a")
	w.create(newPod("web-0", mounts("data")))
	w.run(24 * time.Hour)
	require.Empty(t, w.pod("web-0").Spec.NodeName)
	require.Equal(t, "Pod default/web-0: FailedScheduling: 0/1 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity. "+
		"preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.", w.events[len(w.events)-1])
	w.create(newNode("node-a", ""))
	w.run(time.Second)
	require.Equal(t, "node-a", w.pod("web-0").Spec.NodeName)
}

// TestOnePodClaims keeps the second pod of a ReadWriteOncePod claim waiting until the first is gone, terminating though it is.
func TestOnePodClaims(t *testing.T) {
	w := newWorld(t, false)
	w.create(newNode("node-a", ""), newNode("node-b", ""), newVolume("pv-1", "", "10Gi", ""))
	w.bound("data", "pv-1", func(c *corev1.PersistentVolumeClaim) {
		c.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOncePod}
	})
	w.create(newPod("first", mounts("data")))
	w.run(time.Second)
	w.create(newPod("second", mounts("data")))
	w.run(time.Second)
	require.NotEmpty(t, w.pod("first").Spec.NodeName)
	require.NoError(t, w.api().Delete(store.Key{Kind: store.Pod, Namespace: "default", Name: "first"}, store.DeleteOptions{}))
	w.run(time.Minute)
	require.NotNil(t, w.pod("first").DeletionTimestamp)
	require.Empty(t, w.pod("second").Spec.NodeName)
	require.Contains(t, w.events[len(w.events)-1], "0/2 nodes are available: 2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod.")
	w.delete(store.Pod, "first")
	w.run(time.Second)
	require.NotEmpty(t, w.pod("second").Spec.NodeName)
}

// TestAllowedTopologies places a pod only where its class may make a volume.
func TestAllowedTopologies(t *testing.T) {
	w := newWorld(t, true)
	threeZones(w)
	w.create(newClass("late", storagev1.VolumeBindingWaitForFirstConsumer, func(c *storagev1.StorageClass) {
		c.AllowedTopologies = []corev1.TopologySelectorTerm{{MatchLabelExpressions: []corev1.TopologySelectorLabelRequirement{
			{Key: corev1.LabelTopologyZone, Values: []string{"b"}}}}}
	}), newClaim("data", "late"), newPod("web-0", mounts("data")))
	w.run(10 * time.Second)
	require.Equal(t, "node-b", w.pod("web-0").Spec.NodeName)
}

// TestSmallestVolumes gives the claims of one pod different volumes, the smallest that fits each.
func TestSmallestVolumes(t *testing.T) {
	w := newWorld(t, true)
	w.create(newNode("node-a", ""), newClass("late", storagev1.VolumeBindingWaitForFirstConsumer, func(c *storagev1.StorageClass) { c.Provisioner = "kubernetes.io/no-provisioner" }))
	for name, size := range map[string]string{"large": "30Gi", "middle": "20Gi", "small": "5Gi"} {
		w.create(newVolume(name, "late", size, ""))
	}
	for name, size := range map[string]string{"a": "15Gi", "b": "10Gi"} {
		w.create(newClaim(name, "late", func(c *corev1.PersistentVolumeClaim) {
			c.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}
		}))
	}
	w.create(newPod("web-0", mounts("a", "b")))
	w.run(10 * time.Second)
	for claim, volume := range map[string]string{"a": "large", "b": "middle"} {
		got, ok := store.Get[*corev1.PersistentVolumeClaim](w.server.View(), "default", claim)
		require.True(t, ok)
		require.Equal(t, volume, got.Spec.VolumeName)
	}
}
