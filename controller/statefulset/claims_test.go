package statefulset

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestClaimsOfANewPod(t *testing.T) {
	set := newSet(1, "wal", "data")
	set.Spec.VolumeClaimTemplates[0].Labels = map[string]string{"app": "of the template", "tier": "fast"}
	w := newCluster(set)
	w.sync()
	require.Equal(t, []string{"create PersistentVolumeClaim data-web-0", "create PersistentVolumeClaim wal-web-0", "create Pod web-0"}, w.log[1:4])
	labels := map[string]map[string]string{}
	for _, claim := range list[*corev1.PersistentVolumeClaim](w) {
		labels[claim.Name] = claim.Labels
	}
	require.Equal(t, map[string]map[string]string{
		"data-web-0": {"app": selects["app"]}, "wal-web-0": {"app": selects["app"], "tier": "fast"},
	}, labels)
}

// A claim that can't be made keeps no other from being made, and the pod from it.
func TestEachClaimIsTried(t *testing.T) {
	set := newSet(1, "data", "wal")
	var tried []string
	outcome := Decide(Input{Set: set, Live: set}, func(w Write) (metav1.Object, error) {
		if w.Kind() == "PersistentVolumeClaim" {
			tried = append(tried, w.Object.GetName())
			return nil, errors.New("no quota")
		}
		require.NotEqual(t, "Pod", w.Kind())
		return w.Object, nil
	})
	require.ErrorContains(t, outcome.Err, "failed to create PVC wal-web-0: no quota")
	require.Equal(t, []string{"data-web-0", "wal-web-0"}, tried)
}

// A claim that is there is used, whatever it asks for; one that is being deleted keeps its pod from being made.
func TestClaimsThatExist(t *testing.T) {
	for deleting, message := range map[bool]string{false: "", true: "pvc data-web-0 is being deleted"} {
		w := newCluster(newSet(1, "data"))
		claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "data-web-0", Namespace: "default"}}
		claim.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadOnlyMany}
		if deleting {
			claim.DeletionTimestamp = new(metav1.NewTime(w.now))
		}
		w.put(claim)
		w.deliver()
		outcome := w.sync()
		require.NotContains(t, w.log, "create PersistentVolumeClaim data-web-0")
		require.Equal(t, deleting, w.pod(0) == nil)
		if deleting {
			require.EqualError(t, outcome.Err, message)
		}
	}
}

// A claim with leading zeros is nobody's.
func TestClaimWithLeadingZeros(t *testing.T) {
	w := newCluster(newSet(2, "data"))
	w.put(&corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "data-web-00", Namespace: "default"}})
	w.deliver()
	w.sync()
	require.Contains(t, w.log, "create PersistentVolumeClaim data-web-0")
}

// A volume of the template that is called like a claim gives way to it; others stay, behind.
func TestClaimReplacesAVolumeOfItsName(t *testing.T) {
	set := newSet(1, "data")
	scratch := corev1.Volume{Name: "scratch", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}
	set.Spec.Template.Spec.Volumes = []corev1.Volume{{Name: "data", VolumeSource: scratch.VolumeSource}, scratch}
	w := newCluster(set)
	w.sync()
	require.Equal(t, []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data-web-0"},
	}}, scratch}, w.pod(0).Spec.Volumes)
}
