package store

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// versioned returns an empty store as Kubernetes 1.minor has it.
func versioned(minor int) *Store {
	s := New()
	s.Gates = GatesOf(minor)
	return s
}

func TestMaxUnavailableIsBehindAGate(t *testing.T) {
	two := func(set *appsv1.StatefulSet) {
		set.Spec.UpdateStrategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{MaxUnavailable: new(intstr.FromInt32(2))}
	}
	for minor := 34; minor <= 37; minor++ {
		api := versioned(minor).At(start, nil)
		plain := created(t, api, newSet("plain")).Spec.UpdateStrategy.RollingUpdate
		asked := created(t, api, edited(newSet("asked"), two)).Spec.UpdateStrategy.RollingUpdate
		require.EqualValues(t, 0, *plain.Partition)
		if minor < 37 {
			require.Nil(t, plain.MaxUnavailable)
			require.Nil(t, asked.MaxUnavailable, "dropped")
		} else {
			require.Equal(t, intstr.FromInt32(1), *plain.MaxUnavailable)
			require.Equal(t, intstr.FromInt32(2), *asked.MaxUnavailable)
		}
	}
	s := New()
	api := s.At(start, nil)
	set := created(t, api, edited(newSet("web"), two))
	s.Gates.MaxUnavailableStatefulSet = false
	set = changed(t, api, set, func(set *appsv1.StatefulSet) {
		set.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable = new(intstr.FromInt32(3))
	})
	require.Equal(t, intstr.FromInt32(3), *set.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable, "a set that uses it may go on")
	set = changed(t, api, set, func(set *appsv1.StatefulSet) { set.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable = nil })
	set = changed(t, api, set, two)
	require.Nil(t, set.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable, "until it stops")
}

func TestRecreateIsBehindAGate(t *testing.T) {
	recreate := func() *appsv1.StatefulSet {
		return edited(newSet("web"), func(set *appsv1.StatefulSet) { set.Spec.UpdateStrategy.Type = "Recreate" })
	}
	s := New()
	api := s.At(start, nil)
	_, err := api.Create(recreate())
	require.EqualError(t, err, `StatefulSet.apps "web" is invalid: spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'`)

	s.Gates.StatefulSetRecreateStrategy = true
	_, err = api.Create(edited(newSet("web"), func(set *appsv1.StatefulSet) { set.Spec.UpdateStrategy.Type = "Some" }))
	require.ErrorContains(t, err, "must be 'RollingUpdate', 'OnDelete', or 'Recreate'")
	set := created(t, api, recreate())
	s.Gates.StatefulSetRecreateStrategy = false
	changed(t, api, set, func(set *appsv1.StatefulSet) { set.Spec.Replicas = new(int32(3)) })
}

// What a set may not change is told field by field since 1.37, and before in one sentence.
func TestImmutableFieldsByVersion(t *testing.T) {
	for minor, want := range map[int]string{
		34: "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
			"'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
		37: `spec.volumeClaimTemplates: Invalid value: [{"name":"data","namespace":"default","Spec":{"AccessModes":["ReadWriteOnce"],` +
			`"Selector":null,"Resources":{"Limits":null,"Requests":{"storage":"20Gi"}},"VolumeName":"","StorageClassName":null,` +
			`"VolumeMode":"Filesystem","DataSource":null,"DataSourceRef":null,"VolumeAttributesClassName":null},"Status":{"Phase":"Pending",` +
			`"AccessModes":null,"Capacity":null,"Conditions":null,"AllocatedResources":null,"AllocatedResourceStatuses":null,` +
			`"CurrentVolumeAttributesClassName":null,"ModifyVolumeStatus":null,"HealthStatus":null}}]: field is immutable`,
	} {
		api := versioned(minor).At(start, nil)
		set := created(t, api, newSet("web")).DeepCopy()
		set.Spec.VolumeClaimTemplates[0].Spec.Resources.Requests["storage"] = resource.MustParse("20Gi")
		_, err := api.Update(set)
		require.EqualError(t, err, `StatefulSet.apps "web" is invalid: `+want)
	}
}

func TestBinding(t *testing.T) {
	s, changes := watched()
	api := s.At(start, nil)
	created(t, api, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{
		corev1.LabelTopologyZone: "z", corev1.LabelTopologyRegion: "r", corev1.LabelHostname: "a",
	}}})
	pod := created(t, api, newPod("web-0"))
	refused := withStatus(t, api, pod, func(pod *corev1.Pod) {
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "no room"}}
	})
	_, err := api.Bind(KeyOf(pod), "other", "a")
	require.EqualError(t, err, `Operation cannot be fulfilled on pods "web-0": Precondition failed: UID in precondition: other, UID in object meta: `+string(pod.UID))
	before := len(*changes)
	_, err = api.Bind(KeyOf(pod), pod.UID, "a")
	require.NoError(t, err)
	require.Len(t, *changes, before+1, "node, labels and condition in one change")
	bound := get[*corev1.Pod](t, s, "web-0")
	require.Equal(t, "a", bound.Spec.NodeName)
	require.Equal(t, map[string]string{"app": "web", corev1.LabelTopologyZone: "z", corev1.LabelTopologyRegion: "r"}, bound.Labels)
	require.Equal(t, []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(start)}}, bound.Status.Conditions)
	require.Equal(t, refused.Generation, bound.Generation)
	require.Equal(t, "Unschedulable", refused.Status.Conditions[0].Reason, "what was stored before is as it was")

	_, err = api.Bind(KeyOf(pod), "", "b")
	require.EqualError(t, err, `Operation cannot be fulfilled on pods/binding "web-0": pod web-0 is already assigned to node "a"`)
	_, err = api.Bind(Key{Kind: Pod, Namespace: "default", Name: "web-9"}, "", "a")
	require.EqualError(t, err, `pods "web-9" not found`)

	held := created(t, api, edited(newPod("held"), func(pod *corev1.Pod) { pod.Finalizers = []string{"example.com/held"} }))
	require.NoError(t, api.Delete(KeyOf(held), DeleteOptions{}))
	_, err = api.Bind(KeyOf(held), "", "a")
	require.EqualError(t, err, `Operation cannot be fulfilled on pods/binding "held": pod held is being deleted, cannot be assigned to a host`)
	gated := created(t, api, edited(newPod("gated"), func(pod *corev1.Pod) {
		pod.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "example.com/wait"}}
	}))
	_, err = api.Bind(KeyOf(gated), "", "a")
	require.EqualError(t, err, `Operation cannot be fulfilled on pods/binding "gated": pod gated has non-empty .spec.schedulingGates`)

	s.Gates = GatesOf(34)
	plain := created(t, api, newPod("plain"))
	_, err = api.Bind(KeyOf(plain), "", "a")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"app": "web"}, get[*corev1.Pod](t, s, "plain").Labels, "before 1.35 a pod's labels do not tell the zone")
}
