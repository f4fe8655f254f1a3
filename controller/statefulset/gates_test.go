package statefulset

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// gated is a cluster under other gates.
func gated(set *appsv1.StatefulSet, gates Gates) *cluster {
	c := newCluster(set)
	c.state = NewState(set, gates)
	return c
}

// rest syncs until the set has nothing left to do, with every pod made Ready in between.
func (c *cluster) rest(t *testing.T) {
	for range 100 {
		require.NoError(t, c.sync().Err)
		quiet := len(c.log) == 0
		c.settle()
		if quiet {
			return
		}
	}
	t.Fatal("the set never comes to rest")
}

func retemplate(template string) func(*appsv1.StatefulSet) {
	return func(set *appsv1.StatefulSet) { set.Spec.Template = vectorTemplate(template) }
}

// With the gate MaxUnavailableStatefulSet a rolling update takes two pods down at once if it may; without it, one.
func TestGateMaxUnavailable(t *testing.T) {
	for _, c := range []struct {
		on   bool
		want []string
	}{
		{true, []string{"delete Pod web-3", "delete Pod web-2"}},
		{false, []string{"delete Pod web-3"}},
	} {
		set := newSet(4)
		set.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable = new(intstr.FromInt32(2))
		gates := DefaultGates()
		gates.MaxUnavailableStatefulSet = c.on
		w := gated(set, gates)
		w.rest(t)
		w.edit(retemplate("t2"))
		require.NoError(t, w.sync().Err)
		require.Equal(t, c.want, deletions(w.log), "on: %v", c.on)
	}
}

func deletions(log []string) (pods []string) {
	for _, write := range log {
		if len(write) > 10 && write[:10] == "delete Pod" {
			pods = append(pods, write)
		}
	}
	return pods
}

// Without the gate StatefulSetSemanticRevisionComparison a revision whose bytes alone differ is followed by a new one.
func TestGateSemanticRevisionComparison(t *testing.T) {
	for on, want := range map[bool]int{true: 1, false: 2} {
		gates := DefaultGates()
		gates.StatefulSetSemanticRevisionComparison = on
		w := gated(newSet(0), gates)
		w.rest(t)
		revision := *list[*appsv1.ControllerRevision](w)[0]
		raw := append([]byte(nil), revision.Data.Raw...)
		revision.Data.Raw = append([]byte(" "), raw...)
		w.put(&revision)
		w.deliver()
		require.NoError(t, w.sync().Err)
		require.Len(t, list[*appsv1.ControllerRevision](w), want, "on: %v", on)
	}
}

// A stored template that lacks a default of today means the same as one that has it.
func TestARevisionOfAnOlderAPIServerIsKept(t *testing.T) {
	for _, knows := range []bool{false, true} {
		w := newCluster(newSet(0))
		if knows {
			w.state.Defaults = func(set *appsv1.StatefulSet) { set.Spec.Template.Spec.EnableServiceLinks = new(true) }
		}
		w.rest(t)
		w.edit(func(set *appsv1.StatefulSet) { set.Spec.Template.Spec.EnableServiceLinks = new(true) })
		require.NoError(t, w.sync().Err)
		require.Len(t, list[*appsv1.ControllerRevision](w), map[bool]int{false: 2, true: 1}[knows])
	}
}

// The strategy Recreate: refused without its gate; with it, all old pods go before the first new one comes.
func TestGateRecreate(t *testing.T) {
	recreate := func(set *appsv1.StatefulSet) {
		set.Spec.UpdateStrategy = appsv1.StatefulSetUpdateStrategy{Type: appsv1.RecreateStatefulSetStrategyType}
		set.Spec.Template = vectorTemplate("t2")
	}
	for _, on := range []bool{false, true} {
		gates := DefaultGates()
		gates.StatefulSetRecreateStrategy = on
		w := gated(newSet(3), gates)
		w.rest(t)
		w.edit(recreate)
		outcome := w.sync()
		if !on {
			require.ErrorContains(t, outcome.Err, "feature gate StatefulSetRecreateStrategy is disabled")
			require.Equal(t, "UnknownStrategy", outcome.Events[0].Reason)
			continue
		}
		require.Len(t, deletions(w.log), 3)
		requireProgressing(t, w, corev1.ConditionTrue, "RecreateInProgress")
		w.drop(w.pod(1))
		w.deliver()
		require.NoError(t, w.sync().Err)
		require.Nil(t, w.pod(1), "the others still terminate")
		w.settle()
		w.rest(t)
		requireProgressing(t, w, corev1.ConditionFalse, "RecreateCompleted")
		for _, pod := range list[*corev1.Pod](w) {
			require.Equal(t, w.set.Status.UpdateRevision, pod.Labels[appsv1.StatefulSetRevisionLabel])
		}
	}
}

func requireProgressing(t *testing.T, w *cluster, status corev1.ConditionStatus, reason string) {
	require.Len(t, w.set.Status.Conditions, 1)
	require.Equal(t, appsv1.StatefulSetProgressing, w.set.Status.Conditions[0].Type)
	require.Equal(t, status, w.set.Status.Conditions[0].Status)
	require.Equal(t, reason, w.set.Status.Conditions[0].Reason)
}

// Without the gate MaxUnavailableStatefulSet the next pod has to wait for all above it, and not for those below.
func TestUpdateWithoutMaxUnavailableWaitsForPodsAbove(t *testing.T) {
	for _, c := range []struct {
		sick int
		want []string
	}{{3, nil}, {0, []string{"delete Pod web-2"}}} {
		set := newSet(4)
		set.Spec.PodManagementPolicy = appsv1.ParallelPodManagement // OrderedReady would wait for either.
		gates := DefaultGates()
		gates.MaxUnavailableStatefulSet = false
		w := gated(set, gates)
		w.rest(t)
		w.edit(retemplate("t2"))
		w.sync()
		w.settle()
		w.sync()
		w.settle()
		require.Equal(t, w.set.Status.UpdateRevision, w.pod(3).Labels[appsv1.StatefulSetRevisionLabel])
		w.change(w.pod(c.sick), func(pod *corev1.Pod) { pod.Status.Conditions = nil })
		w.sync()
		require.Equal(t, c.want, deletions(w.log), "%d is not ready", c.sick)
	}
}
