package garbagecollector

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/internal/rig"
	"statefulsim/controller/pvcprotection"
	"statefulsim/controller/statefulset/reconcile"
	"statefulsim/controller/store"
)

// shutdown is how long the pods of these tests take to end.
const shutdown = 2 * time.Second

// node stands for the scheduler and a kubelet: pods start at once, and end after a while.
type node struct{}

func (node) Keys(change store.Change, _ *store.View) []store.Key {
	if change.Kind != store.Pod || change.New == nil {
		return nil
	}
	return []store.Key{change.Key()}
}

func (node) Reconcile(key store.Key, _ *store.View, api *store.Client) (time.Duration, error) {
	pod, ok := store.Get[*corev1.Pod](api.View(), key.Namespace, key.Name)
	switch {
	case !ok:
		return 0, nil
	case pod.DeletionTimestamp != nil:
		begun := pod.DeletionTimestamp.Add(-time.Duration(*pod.DeletionGracePeriodSeconds) * time.Second)
		if left := begun.Add(shutdown).Sub(api.Now); left > 0 {
			return left, nil
		}
		return 0, api.Delete(key, store.DeleteOptions{UID: pod.UID, GracePeriodSeconds: new(int64)})
	case pod.Spec.NodeName == "":
		bound, err := api.Bind(key, pod.UID, "a")
		if err != nil {
			return 0, err
		}
		running := *bound.(*corev1.Pod)
		running.Status.Phase = corev1.PodRunning
		rig.SetReady(&running, true)
		_, err = api.UpdateStatus(&running)
		return 0, err
	}
	return 0, nil
}

// say puts into words what happens to sets, pods and claims.
func say(change store.Change) string {
	switch change.Kind {
	case store.StatefulSet, store.Pod, store.PersistentVolumeClaim, store.ControllerRevision:
	default:
		return ""
	}
	name := change.Kind.String() + " " + change.Object().GetName()
	if change.Kind == store.ControllerRevision {
		name = "the ControllerRevision"
	}
	switch {
	case change.Old == nil:
		return name + " comes" + owned(change.New)
	case change.New == nil:
		return name + " is gone"
	case change.Old.GetDeletionTimestamp() == nil && change.New.GetDeletionTimestamp() != nil:
		return fmt.Sprint(name, " is being deleted ", change.New.GetFinalizers())
	case !slices.EqualFunc(change.Old.GetOwnerReferences(), change.New.GetOwnerReferences(), sameOwner):
		return name + owned(change.New)
	}
	return ""
}

func sameOwner(a, b metav1.OwnerReference) bool { return a.UID == b.UID }

func owned(obj store.Object) string {
	if len(obj.GetOwnerReferences()) == 0 {
		return ", nobody's"
	}
	return ", " + obj.GetOwnerReferences()[0].Name + "'s"
}

// setWorld is three pods of a set with a claim each.
func setWorld(t *testing.T, whenDeleted appsv1.PersistentVolumeClaimRetentionPolicyType) *rig.Rig {
	r := rig.New(reconcile.New(reconcile.DefaultGates()), New(), pvcprotection.New(), node{})
	create(t, r, whenDeleted)
	r.Watch = say
	return r
}

func create(t *testing.T, r *rig.Rig, whenDeleted appsv1.PersistentVolumeClaimRetentionPolicyType) {
	set := rig.Set("web", 3)
	set.Spec.PersistentVolumeClaimRetentionPolicy = &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{WhenDeleted: whenDeleted}
	set.Spec.VolumeClaimTemplates = []corev1.PersistentVolumeClaim{{
		ObjectMeta: metav1.ObjectMeta{Name: "data"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	}}
	r.Create(t, set)
	r.Advance(time.Minute)
	require.Equal(t, 3, r.API().View().Len(store.Pod))
}

func deleteSet(t *testing.T, r *rig.Rig, propagation metav1.DeletionPropagation) {
	key := store.Key{Kind: store.StatefulSet, Namespace: "default", Name: "web"}
	require.NoError(t, r.API().Delete(key, store.DeleteOptions{Propagation: string(propagation)}))
	r.Advance(time.Minute)
}

// In the background the set goes first, and its pods after it, all at once. In the foreground it stays until its pods,
// revision and claims are gone, and makes no pod anew meanwhile. Claims go only if the set says so, and not before their pods.
func TestDeletionOfASet(t *testing.T) {
	for _, propagation := range []metav1.DeletionPropagation{metav1.DeletePropagationBackground, metav1.DeletePropagationForeground} {
		for _, whenDeleted := range []appsv1.PersistentVolumeClaimRetentionPolicyType{"Retain", "Delete"} {
			t.Run(fmt.Sprint(propagation, whenDeleted), func(t *testing.T) {
				r := setWorld(t, whenDeleted)
				r.Note(fmt.Sprint("the set is deleted: ", propagation, ", claims ", whenDeleted))
				deleteSet(t, r, propagation)
				rig.Golden(t, fmt.Sprint("set-", propagation, "-", whenDeleted), r.Transcript())
				claims := 3
				if whenDeleted == "Delete" {
					claims = 0
				}
				require.Equal(t, claims, r.API().View().Len(store.PersistentVolumeClaim))
				require.Zero(t, r.API().View().Len(store.Pod))
			})
		}
	}
}

// Orphaned pods go on as they are, and a set of the same name takes them over: the very same pods.
func TestOrphansAreAdoptedAgain(t *testing.T) {
	r := setWorld(t, "Retain")
	before := uids(r)
	r.Note("the set is deleted: Orphan")
	deleteSet(t, r, metav1.DeletePropagationOrphan)
	r.Note("a set of that name comes")
	create(t, r, "Retain")
	rig.Golden(t, "set-orphan", r.Transcript())
	require.Equal(t, before, uids(r))
	set, _ := store.Get[*appsv1.StatefulSet](r.API().View(), "default", "web")
	require.EqualValues(t, 3, set.Status.ReadyReplicas)
}

func uids(r *rig.Rig) (all []string) {
	for pod := range store.All[*corev1.Pod](r.API().View()) {
		all = append(all, string(pod.UID))
	}
	return all
}

// A set that comes while pods of its predecessor still end adopts none of them: they are its namesake's, and collected.
func TestASuccessorWaitsForTheNames(t *testing.T) {
	r := setWorld(t, "Retain")
	before := uids(r)
	require.NoError(t, r.API().Delete(store.Key{Kind: store.StatefulSet, Namespace: "default", Name: "web"}, store.DeleteOptions{}))
	r.Create(t, rig.Set("web", 3))
	r.Advance(time.Second)
	r.Note("a second later")
	r.Advance(time.Minute)
	require.Len(t, uids(r), 3)
	for _, uid := range uids(r) {
		require.NotContains(t, before, uid)
	}
	require.NotContains(t, r.Transcript(), "PersistentVolumeClaim", "they stay")
}
