package resize

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
)

type world struct {
	*rig.Rig
	t *testing.T
}

// newWorld has a claim with a volume of 10Gi, of a class whose parameters the volume has taken over.
func newWorld(t *testing.T, parameters map[string]string) *world {
	w := &world{t: t}
	w.Rig = rig.New(NewExpander(), New(func(name, about string) time.Duration {
		require.Equal(t, "resize", name)
		require.Equal(t, "PersistentVolumeClaim default/data", about)
		return 3 * time.Second
	}))
	w.Create(t, &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "standard"}, Provisioner: "disks.example", AllowVolumeExpansion: new(true)})
	claim, volume := rig.Volume("data", "pvc-1", corev1.ReadWriteOnce)
	claim.Status.Capacity = claim.Spec.Resources.Requests.DeepCopy()
	claim = w.Create(t, claim).(*corev1.PersistentVolumeClaim)
	volume.Spec.ClaimRef.UID, volume.Spec.CSI.VolumeAttributes = claim.UID, parameters
	w.Create(t, volume)
	w.Advance(time.Second)
	w.Watch = describe
	return w
}

// describe shows how far the growth of a claim has come, and what its volume has.
func describe(change store.Change) string {
	switch now := change.New.(type) {
	case *corev1.PersistentVolumeClaim:
		line := fmt.Sprintf("claim: asks %s, has %s, allocated %s, %s", asked(now), has(now), now.Status.AllocatedResources.Storage(),
			condition.ResizeStatus(&now.Status))
		for _, c := range now.Status.Conditions {
			line += " | " + string(c.Type)
			if c.Message != "" {
				line += ": " + c.Message
			}
		}
		for _, name := range []string{"volume.kubernetes.io/node-expansion-not-required"} {
			if value, ok := now.Annotations[name]; ok {
				line += " | " + name + "=" + value
			}
		}
		return line
	case *corev1.PersistentVolume:
		line := "volume: has " + capacity(now).String()
		if before, ok := now.Annotations["volume.alpha.kubernetes.io/pre-resize-capacity"]; ok {
			line += ", had " + before
		}
		return line
	}
	return ""
}

func (w *world) claim() *corev1.PersistentVolumeClaim {
	claim, ok := store.Get[*corev1.PersistentVolumeClaim](w.API().View(), "default", "data")
	require.True(w.t, ok)
	return claim
}

// ask is somebody's `kubectl patch pvc`.
func (w *world) ask(size string) {
	next := w.claim().DeepCopy()
	next.Spec.Resources.Requests[corev1.ResourceStorage] = resource.MustParse(size)
	_, err := w.API().Update(next)
	require.NoError(w.t, err)
}

// kubelet is the node's part: the file system has grown.
func (w *world) kubelet() {
	w.Note("kubelet: the file system has grown")
	next := w.claim().DeepCopy()
	next.Status.Capacity[corev1.ResourceStorage] = next.Status.AllocatedResources[corev1.ResourceStorage]
	next.Status.Conditions = condition.Grown(next.Status.Conditions)
	condition.SetResizeStatus(&next.Status, "")
	_, err := w.API().UpdateStatus(next)
	require.NoError(w.t, err)
}

func (w *world) attach() {
	name := "pvc-1"
	w.Create(w.t, &storagev1.VolumeAttachment{ObjectMeta: metav1.ObjectMeta{Name: "va"}, Spec: storagev1.VolumeAttachmentSpec{
		Attacher: "disks.example", NodeName: "a", Source: storagev1.VolumeAttachmentSource{PersistentVolumeName: &name}}})
}

func (w *world) remove(kind store.Kind, namespace, name string) {
	require.NoError(w.t, w.API().Delete(store.Key{Kind: kind, Namespace: namespace, Name: name}, store.DeleteOptions{GracePeriodSeconds: new(int64)}))
}
