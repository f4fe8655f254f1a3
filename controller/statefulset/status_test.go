package statefulset

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The status is not written for an older generation, nor for a count of collisions alone.
func TestStatusIsWrittenOnlyForAReason(t *testing.T) {
	w := newCluster(newSet(0))
	w.rest(t)
	for name, c := range map[string]struct {
		change func(*appsv1.StatefulSet)
		want   []string
	}{
		"an older generation": {func(set *appsv1.StatefulSet) { set.Status.ObservedGeneration = 9 }, nil},
		"a later generation":  {func(set *appsv1.StatefulSet) { set.Status.ObservedGeneration = 0 }, []string{"updateStatus StatefulSet web"}},
		"no collisions":       {func(set *appsv1.StatefulSet) { set.Status.CollisionCount = nil }, nil},
		"another count":       {func(set *appsv1.StatefulSet) { set.Status.ReadyReplicas = 1 }, []string{"updateStatus StatefulSet web"}},
	} {
		set := w.set.DeepCopy()
		c.change(set)
		fresh := newCluster(set)
		for _, revision := range list[*appsv1.ControllerRevision](w) {
			fresh.put(revision)
		}
		fresh.deliver()
		require.NoError(t, fresh.sync().Err)
		require.Equal(t, c.want, fresh.log, name)
	}
}

// A maxUnavailable that makes no sense fails each sync, unless the gate is off and nobody looks.
func TestMaxUnavailableThatMakesNoSense(t *testing.T) {
	for on, message := range map[bool]string{true: "invalid value for IntOrString", false: ""} {
		set := newSet(0)
		set.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable = new(intstr.FromString("many"))
		gates := DefaultGates()
		gates.MaxUnavailableStatefulSet = on
		err := gated(set, gates).sync().Err
		require.Equal(t, on, err != nil)
		if on {
			require.ErrorContains(t, err, message)
		}
	}
}

// Under Recreate condemned pods of the old revision go with the others, and the condition Progressing tells what is waited for.
func TestRecreateTakesCondemnedPodsToo(t *testing.T) {
	gates := DefaultGates()
	gates.StatefulSetRecreateStrategy = true
	w := gated(newSet(3), gates)
	w.rest(t)
	w.edit(func(set *appsv1.StatefulSet) {
		set.Spec.UpdateStrategy = appsv1.StatefulSetUpdateStrategy{Type: appsv1.RecreateStatefulSetStrategyType}
		set.Spec.Template = vectorTemplate("t2")
		set.Spec.Replicas = new(int32(1))
	})
	require.NoError(t, w.sync().Err)
	require.Equal(t, []string{"delete Pod web-0", "delete Pod web-2", "delete Pod web-1"}, deletions(w.log))
	requireProgressing(t, w, corev1.ConditionTrue, "RecreateInProgress")
	require.Equal(t, "Deleting old revision pods", w.set.Status.Conditions[0].Message)
	w.settle()
	require.NoError(t, w.sync().Err)
	require.Equal(t, "Waiting for new-revision pods to be created", w.set.Status.Conditions[0].Message)
	w.rest(t)
	require.Equal(t, "All pods recreated successfully", w.set.Status.Conditions[0].Message)
}
