package disruption

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"statefulsim/controller/internal/rig"
	"statefulsim/controller/store"
)

// Three of the five pods of one set and both of another one's two are there, all of them Ready.
func TestDesiredHealthy(t *testing.T) {
	for _, c := range []struct {
		name                       string
		min, max                   *intstr.IntOrString
		expected, desired, allowed int32
	}{
		{"maxUnavailable is taken off the scale", nil, count(2), 7, 5, 0},
		{"maxUnavailable leaves no less than none", nil, count(9), 7, 0, 5},
		{"a share of maxUnavailable is rounded up", nil, percent(30), 7, 4, 1},
		{"minAvailable is of the pods that are there", count(2), nil, 5, 2, 3},
		{"a share of minAvailable is rounded up, of the scale", percent(30), nil, 7, 3, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rig.New(New())
			for name, n := range map[string]int{"a": 3, "b": 2} {
				set := r.Create(t, rig.Set(name, int32(map[string]int{"a": 5, "b": 2}[name]))).(*appsv1.StatefulSet)
				for i := range n {
					pod := rig.Owned(rig.Pod(fmt.Sprintf("%s-%d", name, i), "n"), set)
					pod.Labels = map[string]string{"app": "web"}
					rig.SetReady(pod, true)
					r.Create(t, pod)
				}
			}
			r.Create(t, budget("web", c.min, c.max))
			r.Advance(time.Second)
			pdb, _ := store.Get[*policyv1.PodDisruptionBudget](r.API().View(), "default", "web")
			require.Equal(t, []int32{c.expected, c.desired, c.allowed},
				[]int32{pdb.Status.ExpectedPods, pdb.Status.DesiredHealthy, pdb.Status.DisruptionsAllowed})
		})
	}
}

// A budget that expects no pods allows nothing, even if some are Ready.
func TestNothingIsAllowedWhereNothingIsExpected(t *testing.T) {
	r := rig.New(New())
	set := r.Create(t, rig.Set("web", 0)).(*appsv1.StatefulSet)
	r.Create(t, podOf(set, 0, true))
	r.Create(t, budget("web", nil, count(1)))
	r.Advance(time.Second)
	pdb, _ := store.Get[*policyv1.PodDisruptionBudget](r.API().View(), "default", "web")
	require.Equal(t, int32(1), pdb.Status.CurrentHealthy)
	require.Zero(t, pdb.Status.DisruptionsAllowed)
}
