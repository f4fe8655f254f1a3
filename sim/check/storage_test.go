package check

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

func volumeOf(mode corev1.PersistentVolumeAccessMode) *corev1.PersistentVolume {
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: "pv-1"},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")},
			AccessModes:                   []corev1.PersistentVolumeAccessMode{mode},
			PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimRetain,
			PersistentVolumeSource: corev1.PersistentVolumeSource{
				CSI: &corev1.CSIPersistentVolumeSource{Driver: "disks.example.com", VolumeHandle: "pv-1"},
			},
		},
	}
}

func TestExclusiveVolume(t *testing.T) {
	attached := func(w *world, nodes ...string) *Step {
		return &Step{After: w.store.View(), Disks: []Disk{{Volume: "pv-1", Nodes: nodes}}}
	}
	for _, mode := range []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce, corev1.ReadWriteOncePod} {
		w := newWorld(t, exclusiveVolume)
		w.legal("provisioner", w.create(volumeOf(mode)))
		require.Empty(t, w.judge(attached(w, "a")))
		require.Equal(t, []string{"volume pv-1 is attached to nodes a and b"}, w.judge(attached(w, "a", "b")), mode)
		require.Empty(t, w.judge(attached(w, "a", "b")), "told once while it lasts")
		require.Empty(t, w.judge(attached(w, "b")))
		require.Len(t, w.judge(attached(w, "b", "a")), 1, "told again when it comes again")
	}
	for _, mode := range []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany, corev1.ReadOnlyMany} {
		w := newWorld(t, exclusiveVolume)
		w.legal("provisioner", w.create(volumeOf(mode)))
		require.Empty(t, w.judge(attached(w, "a", "b")), mode)
	}
	w := newWorld(t, exclusiveVolume)
	require.Empty(t, w.judge(attached(w, "a")))
	require.Empty(t, w.judge(attached(w)))
	require.Empty(t, w.judge(attached(w, "b")), "attached to one after the other")
}

func TestClaimKeepsVolume(t *testing.T) {
	claim := func(volume string) *corev1.PersistentVolumeClaim {
		c := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "data-web-0"}, Spec: claimSpec()}
		c.Spec.VolumeName = volume
		return c
	}
	change := func(was, is store.Object) []string {
		return claimKeepsVolume.New()(&Step{Changes: []store.Change{{Kind: store.PersistentVolumeClaim, Old: was, New: is}}})
	}
	require.Equal(t, []string{`claim default/data-web-0 was bound to volume pv-1 and now is to "pv-2"`}, change(claim("pv-1"), claim("pv-2")))
	require.Len(t, change(claim("pv-1"), claim("")), 1)
	require.Empty(t, change(nil, claim("")))
	require.Empty(t, change(claim(""), claim("pv-1")), "it is bound")
	require.Empty(t, change(claim("pv-1"), claim("pv-1")))
	require.Empty(t, change(claim("pv-1"), nil), "it is deleted")
	require.Empty(t, change(nil, claim("pv-2")), "and made again")
}

func TestPodKeepsClaims(t *testing.T) {
	w := newWorld(t, podKeepsClaims)
	w.legal(user, w.create(newSet(appsv1.OrderedReadyPodManagement)))
	set := stored[*appsv1.StatefulSet](w, "web").UID
	stranger := func(ordinal int, claim string) *corev1.Pod {
		pod := newPod(ordinal, set)
		pod.Spec.Volumes[0].PersistentVolumeClaim.ClaimName = claim
		return pod
	}
	w.legal(StatefulSetController, w.pod(0))
	require.Equal(t, []string{`pod default/web-1 has claim "data-web-0" as volume data, not data-web-1`},
		w.step(StatefulSetController, w.create(stranger(1, "data-web-0"))))
	without := newPod(2, set)
	without.Spec.Volumes = nil
	require.Len(t, w.step(StatefulSetController, w.create(without)), 1)

	other := stranger(3, "data-web-0")
	other.OwnerReferences = nil
	w.legal(user, w.create(other))
	former := stranger(4, "data-web-0")
	former.OwnerReferences[0].UID = "a-set-of-that-name-before"
	w.legal(StatefulSetController, w.create(former))
}
