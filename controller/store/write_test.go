package store

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestCreateFillsInWhatTheServerKnows(t *testing.T) {
	s, changes := watched()
	pod := newPod("web-0")
	pod.Status.Phase = corev1.PodRunning
	pod.Generation, pod.DeletionTimestamp = 7, &metav1.Time{Time: start}
	stored := created(t, s.At(start, nil), pod)

	require.Equal(t, "1", stored.ResourceVersion)
	require.EqualValues(t, 1, stored.Generation)
	require.Nil(t, stored.DeletionTimestamp)
	require.Equal(t, corev1.PodPending, stored.Status.Phase, "a client cannot create a status")
	require.Equal(t, "2000-01-01T00:00:00Z", stored.CreationTimestamp.Format("2006-01-02T15:04:05.999Z07:00"))
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, string(stored.UID))
	require.Len(t, *changes, 1)
	require.Nil(t, (*changes)[0].Old)
	require.Same(t, stored, (*changes)[0].New)
}

func TestUIDsAreThoseOfTheLastRunAndNeverTwice(t *testing.T) {
	run := func() (uids []string) {
		s := New()
		for _, name := range []string{"a", "b", "a"} {
			pod := created(t, s.At(start, nil), newPod(name))
			uids = append(uids, string(pod.UID))
			require.NoError(t, s.At(start, nil).Delete(KeyOf(pod), DeleteOptions{}))
		}
		return uids
	}
	first := run()
	require.Equal(t, first, run())
	require.NotEqual(t, first[0], first[2], "a name used again")
}

func TestGeneratedNames(t *testing.T) {
	s := New()
	for _, want := range []string{"web-", "web-"} {
		pod := newPod("")
		pod.GenerateName = "web-"
		require.Regexp(t, "^"+want+"[bcdfghjklmnpqrstvwxz2456789]{5}$", created(t, s.At(start, nil), pod).Name)
	}
	require.Equal(t, 2, s.View().Len(Pod))
}

func TestGenerationGrowsWithTheSpecAlone(t *testing.T) {
	s := New()
	api := s.At(start, nil)
	set := created(t, api, newSet("web"))
	set = withStatus(t, api, set, func(set *appsv1.StatefulSet) { set.Status.Replicas = 3 })
	require.EqualValues(t, 1, set.Generation)
	set = changed(t, api, set, func(set *appsv1.StatefulSet) { set.Labels = map[string]string{"tier": "db"} })
	require.EqualValues(t, 1, set.Generation)
	set = changed(t, api, set, func(set *appsv1.StatefulSet) { set.Spec.Replicas = new(int32(3)) })
	require.EqualValues(t, 2, set.Generation)
	require.EqualValues(t, 3, set.Status.Replicas)

	lease := created(t, api, &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "node-a"}})
	require.Zero(t, lease.Generation, "Kubernetes counts no generations of leases")
}

func TestUpdateKeepsTheStatusAndUpdateStatusAllElse(t *testing.T) {
	s := New()
	api := s.At(start, nil)
	pod := created(t, api, newPod("web-0"))
	pod = changed(t, api, pod, func(pod *corev1.Pod) {
		pod.Spec.Containers[0].Image = "nginx:2"
		pod.Status.Phase = corev1.PodRunning
	})
	require.Equal(t, "nginx:2", pod.Spec.Containers[0].Image)
	require.Equal(t, corev1.PodPending, pod.Status.Phase)
	pod = withStatus(t, api, pod, func(pod *corev1.Pod) {
		pod.Spec.NodeName, pod.Labels, pod.Finalizers = "b", nil, []string{"x/y"}
		pod.Status.Phase = corev1.PodRunning
	})
	require.Empty(t, pod.Spec.NodeName)
	require.Equal(t, map[string]string{"app": "web"}, pod.Labels)
	require.Empty(t, pod.Finalizers)
	require.Equal(t, corev1.PodRunning, pod.Status.Phase)
}

func TestAWriteThatChangesNothingIsNoChange(t *testing.T) {
	s, changes := watched()
	api := s.At(start, nil)
	pod := created(t, api, newPod("web-0"))
	class := created(t, api, &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast"}, Provisioner: "x.y/z"})
	*changes = nil
	require.Same(t, pod, changed(t, api, pod, func(*corev1.Pod) {}))
	require.Same(t, pod, withStatus(t, api, pod, func(*corev1.Pod) {}))
	same, err := api.Update(newPod("web-0")) // undefaulted, without a resource version, unadmitted
	require.NoError(t, err)
	require.Same(t, pod, same)
	require.Same(t, class, changed(t, api, class, func(class *storagev1.StorageClass) { class.Kind = "StorageClass" }))
	require.Empty(t, *changes)
}

func TestErrorsAreKubernetesOwn(t *testing.T) {
	s := New()
	api := s.At(start, nil)
	set := created(t, api, newSet("web"))
	pod := created(t, api, newPod("web-0"))
	stale := set.DeepCopy()
	changed(t, api, set, func(set *appsv1.StatefulSet) { set.Spec.Replicas = new(int32(3)) })
	replaced := pod.DeepCopy()
	replaced.UID, replaced.ResourceVersion = "other", ""
	withVersion := newPod("web-1")
	withVersion.ResourceVersion = "5"
	failure := func(_ any, err error) error { return err }

	for _, c := range []struct {
		err     error
		is      func(error) bool
		message string
	}{
		{failure(api.Create(newPod("web-0"))), apierrors.IsAlreadyExists, `pods "web-0" already exists`},
		{failure(api.Update(newPod("web-1"))), apierrors.IsNotFound, `pods "web-1" not found`},
		{failure(api.Update(newSet("db"))), apierrors.IsNotFound, `statefulsets.apps "db" not found`},
		{failure(api.Update(stale)), apierrors.IsConflict, `Operation cannot be fulfilled on statefulsets.apps "web": the object has been modified; please apply your changes to the latest version and try again`},
		{failure(api.UpdateStatus(newSet("db"))), apierrors.IsNotFound, `statefulsets.apps "db" not found`},
		{failure(api.Update(replaced)), apierrors.IsConflict, `Operation cannot be fulfilled on pods "web-0": Precondition failed: UID in precondition: other, UID in object meta: ` + string(pod.UID)},
		{failure(api.Create(withVersion)), nil, `resourceVersion should not be set on objects to be created`},
		{failure(api.UpdateStatus(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "c"}})), apierrors.IsNotFound, `the server could not find the requested resource (put configmaps c)`},
		{api.Delete(Key{PersistentVolumeClaim, "default", "data"}, DeleteOptions{}), apierrors.IsNotFound, `persistentvolumeclaims "data" not found`},
		{api.Delete(KeyOf(pod), DeleteOptions{UID: "other"}), apierrors.IsConflict, `Operation cannot be fulfilled on pods "web-0": the UID in the precondition (other) does not match the UID in record (` + string(pod.UID) + `). The object might have been deleted and then recreated`},
		{api.Delete(KeyOf(pod), DeleteOptions{Propagation: "Sideways"}), apierrors.IsInvalid, `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"`},
	} {
		require.EqualError(t, c.err, c.message)
		require.True(t, c.is == nil || c.is(c.err))
	}
}

func TestKindsHaveNames(t *testing.T) {
	for k := Kind(0); k < kinds; k++ {
		gvk := k.GroupVersionKind()
		got, ok := KindFor(gvk.GroupVersion().String(), gvk.Kind)
		require.True(t, ok)
		require.Equal(t, k, got)
		require.NotEmpty(t, k.GroupResource().Resource)
	}
	_, ok := KindFor("apps/v1beta1", "StatefulSet")
	require.False(t, ok)
}
