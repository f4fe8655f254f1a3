package statefulset

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What follows is odd, and it is what Kubernetes does.

// An update counts each pod that it deletes against currentReplicas, whatever the pod's revision: with three revisions alive
// the number falls below zero.
func TestOddityCurrentReplicasBelowZero(t *testing.T) {
	w := newCluster(newSet(3))
	w.rest(t)
	w.edit(func(set *appsv1.StatefulSet) {
		set.Spec.UpdateStrategy.RollingUpdate.Partition = new(int32(2))
		set.Spec.Template = vectorTemplate("t2")
	})
	w.rest(t)
	stray := w.pod(2).DeepCopy()
	stray.Labels[appsv1.StatefulSetRevisionLabel] = "web-of-the-past"
	w.put(stray)
	for i := range 2 {
		pod := w.pod(i).DeepCopy()
		pod.Labels[appsv1.StatefulSetRevisionLabel] = "web-of-the-past"
		w.put(pod)
	}
	w.deliver()
	outcome := w.sync()
	require.Equal(t, []string{"delete Pod web-2"}, deletions(w.log))
	require.Equal(t, int32(-1), outcome.Status.CurrentReplicas)
}

// With a nil rollingUpdate and the Parallel policy a missing pod is made of the current revision, and deleted again in the
// same sync because that is not the update revision.
func TestOddityMadeAndDeletedInOneSync(t *testing.T) {
	set := newSet(3)
	set.Spec.PodManagementPolicy = appsv1.ParallelPodManagement
	set.Spec.UpdateStrategy.RollingUpdate = nil
	w := newCluster(set)
	w.rest(t)
	w.edit(retemplate("t2"))
	w.drop(w.pod(0))
	w.deliver()
	require.NoError(t, w.sync().Err)
	require.Contains(t, w.log, "create Pod web-0")
	require.Contains(t, w.log, "delete Pod web-0")
}

// Under Parallel an ended pod of an old revision is deleted twice in one sync: because it has ended, and because it is old.
func TestOddityDeletedTwice(t *testing.T) {
	set := newSet(2)
	set.Spec.PodManagementPolicy = appsv1.ParallelPodManagement
	w := newCluster(set)
	w.rest(t)
	w.edit(retemplate("t2"))
	w.change(w.pod(1), func(pod *corev1.Pod) { pod.Status.Phase, pod.Status.Conditions = corev1.PodFailed, nil })
	w.sync()
	require.Equal(t, []string{"delete Pod web-1", "delete Pod web-1"}, deletions(w.log)[:2])
}

// A released pod keeps its name: each sync tries to make a pod of that name, and fails.
func TestOddityReleasedPodOccupiesItsName(t *testing.T) {
	w := newCluster(newSet(1))
	w.rest(t)
	w.change(w.pod(0), func(pod *corev1.Pod) { pod.Labels["app"] = "other" })
	for range 3 {
		require.ErrorContains(t, w.sync().Err, "already exists")
	}
}

// A claim that still belongs to a pod of the past keeps that pod's successor from being made, without an error.
func TestOddityStaleClaimBlocksSilently(t *testing.T) {
	set := newSet(1, "data")
	set.Spec.PersistentVolumeClaimRetentionPolicy = &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{
		WhenScaled: appsv1.DeletePersistentVolumeClaimRetentionPolicyType, WhenDeleted: appsv1.RetainPersistentVolumeClaimRetentionPolicyType,
	}
	w := newCluster(set)
	w.put(&corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "data-web-0", Namespace: "default", UID: "claim",
		OwnerReferences: []metav1.OwnerReference{ownerPod("web-0", "of-the-past").reference()}}})
	w.deliver()
	outcome := w.sync()
	require.NoError(t, outcome.Err)
	require.Zero(t, outcome.Again)
	require.False(t, slices.Contains(w.log, "create Pod web-0"))
}

// A rollout to a revision that never becomes Ready is not healed by going back: somebody has to delete the broken pod. Under
// Parallel it heals by itself.
func TestOddityBrokenRolloutIsNotHealedByReverting(t *testing.T) {
	for policy, healed := range map[appsv1.PodManagementPolicyType]bool{appsv1.OrderedReadyPodManagement: false, appsv1.ParallelPodManagement: true} {
		set := newSet(2)
		set.Spec.PodManagementPolicy = policy
		w := newCluster(set)
		w.rest(t)
		w.edit(retemplate("broken"))
		w.sync()
		require.Equal(t, []string{"delete Pod web-1"}, deletions(w.log))
		w.drop(w.pod(1))
		w.deliver()
		w.sync() // makes web-1 of the broken revision, which never becomes Ready
		w.change(w.pod(1), func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodRunning })
		w.edit(retemplate("t1"))
		w.sync()
		require.Equal(t, healed, len(deletions(w.log)) == 1, "%s: %v", policy, w.log)
	}
}
