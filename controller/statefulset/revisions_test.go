package statefulset

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// revisionNames returns the names of the revisions that there are.
func (c *cluster) revisionNames() (names []string) {
	for _, revision := range list[*appsv1.ControllerRevision](c) {
		names = append(names, revision.Name)
	}
	return names
}

func TestContentOfARevision(t *testing.T) {
	set := newSet(0)
	set.Annotations = map[string]string{"why": "first"}
	w := newCluster(set)
	w.rest(t)
	revision := list[*appsv1.ControllerRevision](w)[0]
	require.Equal(t, "web-"+revision.Labels[hashLabel], revision.Name)
	require.Equal(t, selects["app"], revision.Labels["app"])
	require.Equal(t, set.Annotations, revision.Annotations)
	require.Equal(t, int64(1), revision.Revision)
	require.True(t, metav1.IsControlledBy(revision, set))
	require.Regexp(t, `^{"spec":{"template":{"\$patch":"replace","metadata":{"labels":{.*}},"spec":{.*}}}}$`, string(revision.Data.Raw))
}

// A name that other content has is left to it, and the next one tried; one that the same content has is used, whosever it is.
func TestARevisionWhoseNameIsTaken(t *testing.T) {
	for same, collisions := range map[bool]int32{false: 1, true: 0} {
		w := newCluster(newSet(0))
		w.rest(t)
		taken := *list[*appsv1.ControllerRevision](w)[0]
		taken.OwnerReferences = []metav1.OwnerReference{owner{"apps/v1", "StatefulSet", "other", "other-1"}.reference()}
		if !same {
			taken.Data.Raw = []byte(`{}`)
		}
		fresh := newCluster(newSet(0))
		fresh.put(&taken)
		fresh.deliver()
		require.NoError(t, fresh.sync().Err)
		require.Equal(t, collisions, *fresh.set.Status.CollisionCount)
		require.Len(t, fresh.revisionNames(), 1+int(collisions))
		require.Equal(t, same, fresh.set.Status.UpdateRevision == taken.Name)
	}
}

// Of revisions with one number the later is the newer, of those of one time the one whose name comes later.
func TestOrderOfRevisions(t *testing.T) {
	revision := func(number int64, name string, seconds int64) *appsv1.ControllerRevision {
		return &appsv1.ControllerRevision{Revision: number, ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: "default", Labels: selects, CreationTimestamp: metav1.NewTime(time.Unix(seconds, 0)),
		}}
	}
	s := NewState(newSet(0), DefaultGates())
	for _, r := range []*appsv1.ControllerRevision{
		revision(2, "a", 1), revision(1, "e", 9), revision(1, "d", 5), revision(1, "b", 9), revision(1, "c", 9),
	} {
		s.PutRevision(r)
	}
	var names []string
	for _, r := range s.revisions {
		names = append(names, r.Name)
	}
	require.Equal(t, []string{"d", "b", "c", "e", "a"}, names)
}

// The oldest go beyond the limit, counting only those that nobody refers to; a negative limit keeps all.
func TestRevisionHistoryLimit(t *testing.T) {
	for limit, kept := range map[int32]int{-1: 4, 0: 1, 1: 2, 10: 4} {
		set := newSet(1)
		set.Spec.RevisionHistoryLimit = &limit
		w := newCluster(set)
		for _, template := range []string{"t1", "t2", "t3", "t4"} {
			w.edit(retemplate(template))
			w.rest(t)
		}
		w.sync()
		left := list[*appsv1.ControllerRevision](w)
		require.Len(t, left, kept, "limit %d", limit)
		for _, revision := range left {
			require.Greater(t, revision.Revision, int64(4-kept))
		}
	}
}

// A sync takes orphaned revisions first, and then orphaned pods.
func TestAdoptsRevisionsBeforePods(t *testing.T) {
	w := newCluster(newSet(1))
	w.rest(t)
	revision := *list[*appsv1.ControllerRevision](w)[0]
	revision.OwnerReferences = nil
	w.put(&revision)
	orphan := *w.pod(0)
	orphan.OwnerReferences = nil
	w.put(&orphan)
	w.deliver()
	require.NoError(t, w.sync().Err)
	require.Equal(t, []string{"patch ControllerRevision " + revision.Name, "patch Pod web-0"}, w.log)
}
