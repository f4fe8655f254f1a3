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
		w.rest(t)
		for _, pod := range list[*corev1.Pod](w) {
			require.Equal(t, w.set.Status.UpdateRevision, pod.Labels[appsv1.StatefulSetRevisionLabel])
		}
	}
}
