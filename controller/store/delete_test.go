package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// boundPod is a pod on a node, with a grace period of 30 s.
func boundPod(t *testing.T, s *Store) *corev1.Pod {
	api := s.At(start, nil)
	pod := created(t, api, newPod("web-0"))
	bound, err := api.Bind(KeyOf(pod), pod.UID, "a")
	require.NoError(t, err)
	return bound.(*corev1.Pod)
}

func TestGracefulDeletionOfPods(t *testing.T) {
	const gone = -1
	for name, c := range map[string]struct {
		before  func(*corev1.Pod)
		deletes []*int64
		grace   int64 // gone: the pod is no more
	}{
		"the pod's own period":          {deletes: []*int64{nil}, grace: 30},
		"a period that is asked for":    {deletes: []*int64{new(int64(50))}, grace: 50},
		"none":                          {deletes: []*int64{new(int64(0))}, grace: gone},
		"a negative one is a second":    {deletes: []*int64{new(int64(-5))}, grace: 1},
		"a second delete shortens":      {deletes: []*int64{nil, new(int64(10))}, grace: 10},
		"a second delete never extends": {deletes: []*int64{nil, new(int64(60)), nil}, grace: 30},
		"a second delete without grace": {deletes: []*int64{nil, new(int64(0))}, grace: gone},
		"failed":                        {before: func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodFailed }, deletes: []*int64{nil}, grace: gone},
		"succeeded":                     {before: func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodSucceeded }, deletes: []*int64{nil}, grace: gone},
	} {
		t.Run(name, func(t *testing.T) {
			s := New()
			pod := boundPod(t, s)
			if c.before != nil {
				withStatus(t, s.At(start, nil), pod, c.before)
			}
			for i, grace := range c.deletes {
				at := s.At(start.Add(time.Duration(i)*5*time.Second), nil)
				require.NoError(t, at.Delete(KeyOf(pod), DeleteOptions{GracePeriodSeconds: grace}))
			}
			stored, ok := Get[*corev1.Pod](s.View(), "default", "web-0")
			require.Equal(t, c.grace != gone, ok)
			if ok {
				require.Equal(t, c.grace, *stored.DeletionGracePeriodSeconds)
				requested := start.Truncate(time.Second)
				require.Equal(t, time.Duration(c.grace)*time.Second, stored.DeletionTimestamp.Sub(requested))
				require.EqualValues(t, 2, stored.Generation, "created, deleted; a binding makes no new one")
			}
		})
	}
}

func TestAPodThatIsOnNoNodeGoesAtOnce(t *testing.T) {
	s, changes := watched()
	pod := created(t, s.At(start, nil), newPod("web-0"))
	require.NoError(t, s.At(start, nil).Delete(KeyOf(pod), DeleteOptions{}))
	require.Zero(t, s.View().Len(Pod))
	require.Len(t, *changes, 3, "watches see it marked, then gone")
	require.NotNil(t, (*changes)[1].New.GetDeletionTimestamp())
	require.Nil(t, (*changes)[2].New)
	require.Same(t, (*changes)[1].New, (*changes)[2].Old)
}

func TestFinalizersHold(t *testing.T) {
	s := New()
	api := s.At(start, nil)
	set := newSet("web")
	set.Finalizers = []string{"example.com/a", "example.com/b"}
	set = created(t, api, set)
	require.NoError(t, api.Delete(KeyOf(set), DeleteOptions{}))
	set = get[*appsv1.StatefulSet](t, s, "web")
	require.NotNil(t, set.DeletionTimestamp)
	require.EqualValues(t, 2, set.Generation)

	more := set.DeepCopy()
	more.Finalizers = append(more.Finalizers, "example.com/c")
	_, err := api.Update(more)
	require.ErrorContains(t, err, `metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/c"}`)

	set = changed(t, api, set, func(set *appsv1.StatefulSet) { set.Finalizers = set.Finalizers[:1] })
	require.Equal(t, 1, s.View().Len(StatefulSet))
	changed(t, api, set, func(set *appsv1.StatefulSet) { set.Finalizers = nil })
	require.Zero(t, s.View().Len(StatefulSet))
}

func TestAPodWithAFinalizerOutlivesItsGracePeriod(t *testing.T) {
	s := New()
	pod := boundPod(t, s)
	api := s.At(start, nil)
	pod = changed(t, api, pod, func(pod *corev1.Pod) { pod.Finalizers = []string{"example.com/a"} })
	require.NoError(t, api.Delete(KeyOf(pod), DeleteOptions{}))
	require.NoError(t, api.Delete(KeyOf(pod), DeleteOptions{GracePeriodSeconds: new(int64(0))}))
	require.NoError(t, api.Delete(KeyOf(pod), DeleteOptions{GracePeriodSeconds: new(int64(0))}))
	pod = get[*corev1.Pod](t, s, "web-0")
	require.Zero(t, *pod.DeletionGracePeriodSeconds)
	changed(t, api, pod, func(pod *corev1.Pod) { pod.Finalizers = nil })
	require.Zero(t, s.View().Len(Pod))
}

func TestAFinalizerThatGoesEarlyDoesNotCutTheGracePeriodShort(t *testing.T) {
	s := New()
	pod := boundPod(t, s)
	api := s.At(start, nil)
	pod = changed(t, api, pod, func(pod *corev1.Pod) { pod.Finalizers = []string{"example.com/a"} })
	require.NoError(t, api.Delete(KeyOf(pod), DeleteOptions{}))
	changed(t, api, get[*corev1.Pod](t, s, "web-0"), func(pod *corev1.Pod) { pod.Finalizers = nil })
	require.Equal(t, 1, s.View().Len(Pod))
}

func TestPropagationIsWrittenAsFinalizers(t *testing.T) {
	for propagation, want := range map[string][]string{
		"":           {"example.com/a"},
		"Background": {"example.com/a"},
		"Foreground": {"example.com/a", metav1.FinalizerDeleteDependents},
		"Orphan":     {"example.com/a", metav1.FinalizerOrphanDependents},
	} {
		s := New()
		api := s.At(start, nil)
		set := newSet("web")
		set.Finalizers = []string{"example.com/a"}
		set = created(t, api, set)
		require.NoError(t, api.Delete(KeyOf(set), DeleteOptions{Propagation: propagation}))
		require.Equal(t, want, get[*appsv1.StatefulSet](t, s, "web").Finalizers, propagation)

		require.NoError(t, api.Delete(KeyOf(set), DeleteOptions{Propagation: "Background"}))
		require.Equal(t, []string{"example.com/a"}, get[*appsv1.StatefulSet](t, s, "web").Finalizers, "a later delete has the last word")
	}
}
