package statefulset

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestParentAndOrdinal(t *testing.T) {
	for _, c := range []struct {
		name, parent string
		ordinal      int
	}{
		{"web-0", "web", 0}, {"a-b-12", "a-b", 12}, {"web-01", "web", 1}, {"web-", "", -1}, {"web", "", -1}, {"7", "", -1},
		{"-7", "", 7}, {"web-2147483647", "web", 2147483647}, {"web-2147483648", "web", -1}, {"web-0x", "", -1},
	} {
		parent, ordinal := ParentAndOrdinal(c.name)
		require.Equal(t, c.parent, parent, c.name)
		require.Equal(t, c.ordinal, ordinal, c.name)
	}
}

func TestRetention(t *testing.T) {
	const retain, remove = appsv1.RetainPersistentVolumeClaimRetentionPolicyType, appsv1.DeletePersistentVolumeClaimRetentionPolicyType
	for _, c := range []struct {
		scaled, deleted    appsv1.PersistentVolumeClaimRetentionPolicyType
		inRange, condemned string
	}{
		{retain, retain, "", ""}, {retain, remove, "set", "set"}, {remove, retain, "", "pod"}, {remove, remove, "set", "pod"},
	} {
		set := newSet(1)
		set.Spec.PersistentVolumeClaimRetentionPolicy = &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{WhenScaled: c.scaled, WhenDeleted: c.deleted}
		for _, inRange := range []bool{true, false} {
			keep := retentionOf(set, ownerPod("web-0", "pod"), inRange)
			settled := keep.settle(&corev1.PersistentVolumeClaim{})
			require.True(t, keep.settled(settled))
			want := map[bool]string{true: c.inRange, false: c.condemned}[inRange]
			var got string
			for _, ref := range settled.OwnerReferences {
				got += strings.TrimSuffix(string(ref.UID), "-1")
			}
			require.Equal(t, want, got, "%+v, in range: %v", c, inRange)
		}
	}
}

func TestMaxUnavailable(t *testing.T) {
	for value, want := range map[string]int{"": 1, "3": 3, "10%": 1, "50%": 4, "100%": 9} {
		set := newSet(9)
		if value != "" {
			set.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable = new(intstr.Parse(value))
		}
		got, err := maxUnavailable(set)
		require.NoError(t, err)
		require.Equal(t, want, got, value)
	}
}

func TestBatchEnd(t *testing.T) {
	for i, want := range map[int]int{0: 1, 1: 3, 2: 3, 3: 7, 255: 511, 510: 511, 511: 1011, 1010: 1011, 1011: 1511} {
		require.Equal(t, want, batchEnd(i), i)
	}
}

// Under Parallel the batch of a failed turn is finished, and none is begun after it.
func TestAFailureEndsTheBatches(t *testing.T) {
	set := newSet(9)
	set.Spec.PodManagementPolicy = appsv1.ParallelPodManagement
	var tried []string
	outcome := Decide(Input{Set: set, Live: set}, func(w Write) (metav1.Object, error) {
		if w.Kind() != "Pod" {
			return w.Object, nil
		}
		tried = append(tried, w.Object.GetName())
		if w.Object.GetName() == "web-1" {
			return nil, errors.New("refused")
		}
		return w.Object, nil
	})
	require.EqualError(t, outcome.Err, "refused")
	require.Equal(t, []string{"web-0", "web-1", "web-2"}, tried)
}

// A revision whose bytes differ from the template's, but not its meaning, is kept.
func TestARevisionOfTheSameMeaningIsKept(t *testing.T) {
	c := newCluster(newSet(0))
	require.NoError(t, c.sync().Err)
	revision := *list[*appsv1.ControllerRevision](c)[0]
	revision.Data.Raw = []byte(strings.Replace(string(revision.Data.Raw), `"metadata":{`, `"metadata":{"creationTimestamp":null,`, 1))
	c.put(&revision)
	c.deliver()
	require.NoError(t, c.sync().Err)
	require.Empty(t, c.log)
}

// Two unhealthy pods above the wanted count block an ordered scale-down; one does not.
func TestTwoUnhealthyPodsBlockScaleDown(t *testing.T) {
	for sick, want := range map[int][]string{1: {"delete Pod web-3", "updateStatus StatefulSet web"}, 2: {"updateStatus StatefulSet web"}} {
		c := newCluster(newSet(4))
		for range 5 {
			c.sync()
			c.settle()
		}
		for i := range sick {
			c.change(c.pod(3-i), func(pod *corev1.Pod) { pod.Status.Phase, pod.Status.Conditions = corev1.PodFailed, nil })
		}
		c.edit(func(set *appsv1.StatefulSet) { set.Spec.Replicas = new(int32(2)) })
		require.NoError(t, c.sync().Err)
		require.Equal(t, want, c.log, "%d unhealthy", sick)
	}
}

// A pod that is Ready counts as available only after minReadySeconds, and the next one is made only then.
func TestMinReadySecondsHoldsUpTheNextPod(t *testing.T) {
	set := newSet(2)
	set.Spec.MinReadySeconds = 10
	c := newCluster(set)
	c.sync()
	c.now = c.now.Add(time.Second)
	c.settle()
	require.Equal(t, 10*time.Second, c.sync().Again)
	require.Nil(t, c.pod(1))
	c.now = c.now.Add(10 * time.Second)
	require.Zero(t, c.sync().Again)
	require.NotNil(t, c.pod(1))
}
