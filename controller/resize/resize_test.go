package resize

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"statefulsim/controller/condition"
	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// TestExpansion tells a story each: what becomes of a claim that asks for more is kept in testdata.
func TestExpansion(t *testing.T) {
	for _, story := range []struct {
		name       string
		parameters map[string]string
		tell       func(*world)
	}{
		{"online", nil, func(w *world) { // the file system follows while a pod uses it
			w.ask("20Gi")
			w.Advance(time.Minute)
			w.kubelet()
			w.Advance(time.Minute)
		}},
		{"nothing-on-the-node", map[string]string{pv.NodeExpansion: "false"}, func(w *world) {
			w.ask("20Gi")
			w.Advance(time.Minute)
			w.ask("30Gi")
			w.Advance(time.Minute)
		}},
		{"grows-twice", nil, func(w *world) { // the second wish waits for the node
			w.ask("20Gi")
			w.Advance(time.Second)
			w.ask("30Gi")
			w.Advance(time.Minute)
			w.kubelet()
			w.Advance(time.Minute)
			w.kubelet()
			w.Advance(time.Minute)
		}},
		{"too-large", map[string]string{pv.MaxSize: "50Gi"}, func(w *world) { // and asks for less, but more than it has
			w.ask("100Gi")
			w.Advance(6 * time.Minute)
			w.ask("40Gi")
			w.Advance(time.Minute)
			w.kubelet()
			w.Advance(time.Minute)
		}},
		{"offline", map[string]string{pv.Expansion: "offline"}, func(w *world) { // the pod has to go
			w.attach()
			w.Create(w.t, rig.Mount(rig.Pod("web-0", "a"), "data"))
			w.ask("20Gi")
			w.Advance(8 * time.Second)
			w.ask("15Gi") // what failed for certain does not have to come to pass
			w.Advance(2 * time.Second)
			w.remove(store.Pod, "default", "web-0")
			w.remove(store.VolumeAttachment, "", "va")
			w.Advance(time.Minute)
		}},
	} {
		t.Run(story.name, func(t *testing.T) {
			w := newWorld(t, story.parameters)
			story.tell(w)
			rig.Golden(t, story.name, w.Transcript())
		})
	}
}

// A volume that no driver made does not grow; it is only told that somebody else would have to do it.
func TestOtherVolumesDoNotGrow(t *testing.T) {
	w := newWorld(t, nil)
	w.remove(store.PersistentVolume, "", "pvc-1")
	rig.Change(t, w.Rig, "", "pvc-1", func(v *corev1.PersistentVolume) { v.Finalizers = nil })
	_, volume := rig.Volume("data", "pvc-1", corev1.ReadWriteOnce)
	volume.Spec.ClaimRef.UID = w.claim().UID
	volume.Spec.CSI, volume.Spec.HostPath = nil, &corev1.HostPathVolumeSource{Path: "/data"}
	w.Create(t, volume)
	w.ask("20Gi")
	w.Advance(time.Hour)
	require.Contains(t, w.Transcript(), "Normal ExternalExpanding on PersistentVolumeClaim default/data: waiting for an external controller to expand this PVC")
	require.NotContains(t, w.Transcript(), "Resizing")
	require.Empty(t, w.claim().Status.Conditions)
}

// TestNext says to which size a volume grows next, by what is recorded of its growth. The claim wants 30Gi and has 10Gi.
func TestNext(t *testing.T) {
	const (
		inProgress = corev1.PersistentVolumeClaimControllerResizeInProgress
		infeasible = corev1.PersistentVolumeClaimControllerResizeInfeasible
		pending    = corev1.PersistentVolumeClaimNodeResizePending
		onNode     = corev1.PersistentVolumeClaimNodeResizeInProgress
		hopeless   = corev1.PersistentVolumeClaimNodeResizeInfeasible
	)
	for _, test := range []struct {
		volume, allocated string
		status            corev1.ClaimResourceStatus
		final             bool
		want              string // "" if the node is next
	}{
		{"10Gi", "", "", false, "30Gi"},
		{"10Gi", "20Gi", "", false, "30Gi"},
		{"10Gi", "20Gi", inProgress, false, "20Gi"}, // what was begun, since it may still come to pass
		{"10Gi", "20Gi", inProgress, true, "30Gi"},
		{"10Gi", "50Gi", infeasible, true, "30Gi"}, // what was asked for since
		{"10Gi", "20Gi", pending, false, "20Gi"},
		{"20Gi", "20Gi", pending, false, ""},
		{"20Gi", "20Gi", onNode, false, ""},
		{"20Gi", "20Gi", hopeless, false, "20Gi"},
		{"40Gi", "40Gi", pending, false, ""},
		{"40Gi", "40Gi", hopeless, false, "40Gi"},
		{"40Gi", "40Gi", inProgress, true, "40Gi"}, // it has grown, and that was not recorded
		{"40Gi", "40Gi", infeasible, true, "40Gi"},
		{"40Gi", "40Gi", "", false, "40Gi"},
		{"40Gi", "", "", false, "30Gi"},
	} {
		claim, volume := rig.Volume("data", "pvc-1", corev1.ReadWriteOnce)
		claim.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("30Gi")}
		volume.Spec.Capacity = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(test.volume)}
		if test.allocated != "" {
			claim.Status.AllocatedResources = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(test.allocated)}
		}
		condition.SetResizeStatus(&claim.Status, test.status)
		size, ok := next(claim, volume, test.final)
		require.Equal(t, test.want != "", ok, test)
		if ok {
			require.Equal(t, test.want, size.String(), test)
		}
	}
}
