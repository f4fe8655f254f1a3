package pvcprotection

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
)

func newClaim() *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "data"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	}
}

func newPod(node, claim string) *corev1.Pod {
	source := &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web-0"},
		Spec: corev1.PodSpec{
			NodeName:   node,
			Containers: []corev1.Container{{Name: "web", Image: "web:1"}},
			Volumes:    []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: source}}},
		},
	}
}

func TestClaimsStayWhileTheyAreUsed(t *testing.T) {
	for name, c := range map[string]struct {
		pod   *corev1.Pod
		phase corev1.PodPhase
		stays bool
	}{
		"by nobody":               {},
		"by a pod on a node":      {newPod("a", "data"), corev1.PodRunning, true},
		"by a pod that has ended": {newPod("a", "data"), corev1.PodSucceeded, true},
		"by a pod without a node": {newPod("", "data"), corev1.PodPending, false},
		"by a pod of another one": {newPod("a", "other"), corev1.PodRunning, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := store.New()
			var pending []store.Change
			s.OnChange = func(c store.Change) { pending = append(pending, c) }
			api := s.At(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), nil)
			settle := func() {
				for len(pending) > 0 {
					change := pending[0]
					pending = pending[1:]
					for _, key := range New().Keys(change, change.After) {
						_, err := New().Reconcile(key, change.After, api)
						require.NoError(t, err)
					}
				}
			}
			claim, err := api.Create(newClaim())
			require.NoError(t, err)
			if c.pod != nil {
				pod, err := api.Create(c.pod)
				require.NoError(t, err)
				pod = pod.DeepCopyObject().(store.Object)
				pod.(*corev1.Pod).Status.Phase = c.phase
				_, err = api.UpdateStatus(pod)
				require.NoError(t, err)
			}
			settle()
			require.Equal(t, 1, s.View().Len(store.PersistentVolumeClaim), "nobody deleted it")
			require.NoError(t, api.Delete(store.KeyOf(claim), store.DeleteOptions{}))
			settle()
			require.Equal(t, c.stays, s.View().Len(store.PersistentVolumeClaim) == 1)
			if c.stays {
				require.NoError(t, api.Delete(store.KeyOf(c.pod), store.DeleteOptions{GracePeriodSeconds: new(int64(0))}))
				settle()
				require.Zero(t, s.View().Len(store.PersistentVolumeClaim))
			}
		})
	}
}

// A cache that does not know the pod yet must not lose the claim.
func TestAStaleCacheIsNotTrusted(t *testing.T) {
	s := store.New()
	api := s.At(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), nil)
	claim, err := api.Create(newClaim())
	require.NoError(t, err)
	cache := s.View()
	_, err = api.Create(newPod("a", "data"))
	require.NoError(t, err)
	require.NoError(t, api.Delete(store.KeyOf(claim), store.DeleteOptions{}))
	_, err = New().Reconcile(store.KeyOf(claim), cache, api)
	require.NoError(t, err)
	require.Equal(t, 1, s.View().Len(store.PersistentVolumeClaim))
}

// A deleted volume stays while a claim is bound to it, and goes when it is Released.
func TestVolumeProtection(t *testing.T) {
	s := store.New()
	api := s.At(time.Unix(946684800, 0), nil)
	volume, err := api.Create(&corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Spec: corev1.PersistentVolumeSpec{
		Capacity:               corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")},
		AccessModes:            []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		PersistentVolumeSource: corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/a"}},
	}})
	require.NoError(t, err)
	key := store.KeyOf(volume)
	phase := func(phase corev1.PersistentVolumePhase) {
		live, _ := store.Get[*corev1.PersistentVolume](s.View(), "", "a")
		update := live.DeepCopy()
		update.Status.Phase = phase
		_, err := api.UpdateStatus(update)
		require.NoError(t, err)
	}
	phase(corev1.VolumeBound)
	require.NoError(t, api.Delete(key, store.DeleteOptions{}))
	for _, c := range []struct {
		phase corev1.PersistentVolumePhase
		there bool
	}{{corev1.VolumeBound, true}, {corev1.VolumeReleased, false}} {
		phase(c.phase)
		deleting, _ := store.Get[*corev1.PersistentVolume](s.View(), "", "a")
		require.Equal(t, []store.Key{key}, New().Keys(store.Change{Kind: store.PersistentVolume, New: deleting}, s.View()))
		_, err := New().Reconcile(key, s.View(), api)
		require.NoError(t, err)
		_, there := s.View().Object(key)
		require.Equal(t, c.there, there, "%s", c.phase)
	}
}

// A volume that is deleted stays for as long as it is bound, however that ends.
func TestVolumesStayWhileTheyAreBound(t *testing.T) {
	for phase, stays := range map[corev1.PersistentVolumePhase]bool{
		corev1.VolumeAvailable: false, corev1.VolumeBound: true, corev1.VolumeReleased: false, corev1.VolumeFailed: false,
	} {
		r := rig.New(New())
		_, volume := rig.Volume("data", "pvc-1", corev1.ReadWriteOnce)
		volume.Status.Phase = phase
		created := r.Create(t, volume)
		require.Equal(t, []string{"kubernetes.io/pv-protection"}, created.GetFinalizers())
		require.NoError(t, r.API().Delete(store.KeyOf(created), store.DeleteOptions{}))
		r.Advance(time.Second)
		require.Equal(t, stays, r.API().View().Len(store.PersistentVolume) == 1, phase)
		if stays {
			rig.Change(t, r, "", "pvc-1", func(v *corev1.PersistentVolume) { v.Status.Phase = corev1.VolumeReleased })
			r.Advance(time.Second)
			require.Zero(t, r.API().View().Len(store.PersistentVolume))
		}
	}
}
