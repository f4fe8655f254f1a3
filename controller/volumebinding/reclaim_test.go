package volumebinding

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// directory makes a volume one of the node's own file system.
func directory(path string) func(*corev1.PersistentVolume) {
	return func(v *corev1.PersistentVolume) {
		v.Spec.CSI, v.Spec.HostPath = nil, &corev1.HostPathVolumeSource{Path: path}
	}
}

func share(v *corev1.PersistentVolume) {
	v.Spec.CSI, v.Spec.NFS = nil, &corev1.NFSVolumeSource{Server: "files", Path: "/data"}
}

// TestReclaim takes the claim away and says what becomes of its volume.
func TestReclaim(t *testing.T) {
	const recycle, remove = corev1.PersistentVolumeReclaimRecycle, corev1.PersistentVolumeReclaimDelete
	tests := []struct {
		name   string
		volume *corev1.PersistentVolume
		want   corev1.PersistentVolumePhase // "" if the volume is gone
		told   []string
	}{
		{"Retain", newPV("a", "", "10Gi", reclaim(corev1.PersistentVolumeReclaimRetain)), corev1.VolumeReleased, nil},
		{"Delete", newPV("a", "", "10Gi", reclaim(remove)), "", nil},
		{"Delete below tmp", newPV("a", "", "10Gi", reclaim(remove), directory("/tmp/a")), "", nil},
		{"Delete elsewhere", newPV("a", "", "10Gi", reclaim(remove), directory("/data")), corev1.VolumeFailed,
			[]string{"a: VolumeFailedDelete: host_path deleter only supports /tmp/.+ but received provided /data"}},
		{"Delete on a server", newPV("a", "", "10Gi", reclaim(remove), share), corev1.VolumeFailed,
			[]string{`a: VolumeFailedDelete: error getting deleter volume plugin for volume "a": no deletable volume plugin matched`}},
		{"Recycle", newPV("a", "", "10Gi", reclaim(recycle)), corev1.VolumeFailed,
			[]string{"a: VolumeFailedRecycle: No recycler plugin found for the volume!"}},
		{"Recycle a directory", newPV("a", "", "10Gi", reclaim(recycle), directory("/data")), corev1.VolumeAvailable,
			[]string{"a: VolumeRecycled: Volume recycled"}},
		{"Recycle on a server", newPV("a", "", "10Gi", reclaim(recycle), share), corev1.VolumeAvailable,
			[]string{"a: VolumeRecycled: Volume recycled"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.create(test.volume, newClaim("data", "", "10Gi"))
			w.run(time.Second)
			require.Equal(t, "a", w.claim("data").Spec.VolumeName)
			w.events = nil
			w.remove(claimKey("data"))
			w.run(1999 * time.Millisecond)
			if test.want == corev1.VolumeAvailable {
				require.Equal(t, corev1.VolumeReleased, w.volume("a").Status.Phase, "it takes its time")
			}
			w.run(time.Millisecond)
			require.Equal(t, test.told, w.events)
			_, exists := w.server.View().Object(volumeKey("a"))
			require.Equal(t, test.want != "", exists)
			if exists {
				require.Equal(t, test.want, w.volume("a").Status.Phase)
				w.create(newClaim("data", "", "10Gi"))
				w.run(time.Second)
				require.Equal(t, test.want == corev1.VolumeAvailable, w.claim("data").Spec.VolumeName == "a", "whether a new claim under the old name gets it")
			}
		})
	}
}

// TestDeleteWaitsForDetach keeps a volume for as long as a node has it attached; the provisioner looks again after 1, 2, 4 s.
func TestDeleteWaitsForDetach(t *testing.T) {
	const told = "a: VolumeFailedDelete: persistentvolume a is still attached to node node-a"
	w := newWorld(t)
	name := "a"
	attachment := &storagev1.VolumeAttachment{ObjectMeta: metav1.ObjectMeta{Name: "va"}}
	attachment.Spec = storagev1.VolumeAttachmentSpec{Attacher: "disks.example.com", NodeName: "node-a", Source: storagev1.VolumeAttachmentSource{PersistentVolumeName: &name}}
	w.create(newPV("a", "", "10Gi", reclaim(corev1.PersistentVolumeReclaimDelete)), newClaim("data", "", "10Gi"), attachment)
	w.run(time.Second)
	w.events = nil
	w.remove(claimKey("data"))
	w.run(6 * time.Second)
	require.Equal(t, corev1.VolumeReleased, w.volume("a").Status.Phase)
	require.Equal(t, []string{told, told, told}, w.events)
	w.remove(store.Key{Kind: store.VolumeAttachment, Name: "va"})
	w.run(999 * time.Millisecond)
	w.volume("a")
	w.run(time.Millisecond)
	_, exists := w.server.View().Object(volumeKey("a"))
	require.False(t, exists)
	require.Empty(t, w.binder.disposal)
}

// TestRecycleWaitsForPods leaves a volume alone while pods of its lost claim run; it looks again with the next resync.
func TestRecycleWaitsForPods(t *testing.T) {
	w := newWorld(t)
	w.create(newPV("a", "", "10Gi", reclaim(corev1.PersistentVolumeReclaimRecycle), directory("/data")), newClaim("data", "", "10Gi"))
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web-0"}}
	pod.Spec.NodeName = "node-a"
	pod.Spec.Containers = []corev1.Container{{Name: "main", Image: "main:1"}}
	pod.Spec.Volumes = []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}}}
	w.create(pod)
	w.run(time.Second)
	w.events = nil
	w.remove(claimKey("data"))
	w.run(time.Second)
	require.Contains(t, w.events, "a: VolumeFailedRecycle: Volume is used by pods: default/web-0")
	w.remove(store.Key{Kind: store.Pod, Namespace: "default", Name: "web-0"})
	w.run(15 * time.Second)
	require.Equal(t, corev1.VolumeReleased, w.volume("a").Status.Phase)
	w.run(2 * time.Second)
	require.Equal(t, corev1.VolumeAvailable, w.volume("a").Status.Phase)
}

// TestProvisionerGuardsItsVolumes keeps the object of a volume that is deleted while it is bound, until its disk is gone too.
func TestProvisionerGuardsItsVolumes(t *testing.T) {
	w := newWorld(t)
	guarded := func(name string) bool { return slices.Contains(w.volume(name).Finalizers, pv.ProvisionerFinalizer) }
	w.create(newClass("fast", storagev1.VolumeBindingImmediate), newClaim("made", "fast", "1Gi"),
		newPV("a", "", "10Gi", reclaim(corev1.PersistentVolumeReclaimDelete)), newPV("b", "", "10Gi"), newClaim("data", "", "10Gi"))
	w.run(5 * time.Second)
	made := w.claim("made").Spec.VolumeName
	require.Equal(t, "a", w.claim("data").Spec.VolumeName)
	require.True(t, guarded(made))
	require.True(t, guarded("a"))
	require.False(t, guarded("b"))
	require.NoError(t, w.api().Delete(volumeKey(made), store.DeleteOptions{}))
	w.run(time.Second)
	require.NotNil(t, w.volume(made).DeletionTimestamp)
	require.Equal(t, corev1.ClaimBound, w.claim("made").Status.Phase)
	w.remove(claimKey("made"))
	w.run(time.Second)
	_, exists := w.server.View().Object(volumeKey(made))
	require.False(t, exists)
	kept := w.volume("a")
	kept.Spec.PersistentVolumeReclaimPolicy = corev1.PersistentVolumeReclaimRetain
	w.update(kept)
	w.run(time.Second)
	require.False(t, guarded("a"))
}
