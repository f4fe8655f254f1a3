package statefulset

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// All pods of the old template are broken, and the template is mended, under Parallel. Without the gate they are replaced one by
// one; with it as it was before 1.37 they have used up what may be unavailable, and nothing happens; since, all go at once.
func TestBrokenPodsUnderParallel(t *testing.T) {
	for _, c := range []struct {
		minor int
		gate  bool
		want  []string
	}{
		{34, false, []string{"delete Pod web-2"}},
		{35, true, nil},
		{36, true, nil},
		{37, true, []string{"delete Pod web-2", "delete Pod web-1", "delete Pod web-0"}},
	} {
		set := newSet(3)
		set.Spec.PodManagementPolicy = appsv1.ParallelPodManagement
		gates := GatesOf(c.minor)
		gates.MaxUnavailableStatefulSet = c.gate
		w := gated(set, gates)
		w.sync()
		for i := range 3 {
			w.change(w.pod(i), func(pod *corev1.Pod) { pod.Spec.NodeName = "node" }) // and its image is not found
		}
		w.edit(retemplate("t2"))
		require.NoError(t, w.sync().Err)
		require.Equal(t, c.want, deletions(w.log), "1.%d", c.minor)
	}
}

// Under OnDelete all pods get the new template. Since 1.37 its revision then is the current one.
func TestCurrentRevisionUnderOnDelete(t *testing.T) {
	for minor, moves := range map[int]bool{34: false, 36: false, 37: true} {
		set := newSet(2)
		set.Spec.UpdateStrategy = appsv1.StatefulSetUpdateStrategy{Type: appsv1.OnDeleteStatefulSetStrategyType}
		w := gated(set, GatesOf(minor))
		w.rest(t)
		w.edit(retemplate("t2"))
		w.drop(w.pod(0))
		w.drop(w.pod(1))
		w.deliver()
		w.rest(t)
		require.EqualValues(t, 2, w.set.Status.UpdatedReplicas)
		require.Equal(t, moves, w.set.Status.CurrentRevision == w.set.Status.UpdateRevision, "1.%d", minor)
	}
}

// A pod is Ready 3 s after it was made, and has to be so for 10 s. Before 1.36 the look at 10 s is too early, and the next one
// is at 20 s; changes in between move neither.
func TestLooksAgainForAvailability(t *testing.T) {
	for minor, want := range map[int][]time.Duration{35: {10 * time.Second, 7 * time.Second, 10 * time.Second, 0}, 36: {0, 10 * time.Second, 3 * time.Second, 0}} {
		set := newSet(1)
		set.Spec.MinReadySeconds = 10
		w := gated(set, GatesOf(minor))
		var got []time.Duration
		for _, at := range []time.Duration{0, 3 * time.Second, 10 * time.Second, 20*time.Second + 1} {
			w.now = time.Unix(1000, 0).Add(at)
			if at == 3*time.Second {
				w.start(w.pod(0))
			}
			got = append(got, w.sync().Again)
		}
		require.Equal(t, want, got, "1.%d", minor)
	}
}
