package vector

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// statusOf returns the values of a status.
func statusOf(s *appsv1.StatefulSetStatus) Status {
	status := Status{
		ObservedGeneration: s.ObservedGeneration, Replicas: s.Replicas, ReadyReplicas: s.ReadyReplicas,
		AvailableReplicas: s.AvailableReplicas, CurrentReplicas: s.CurrentReplicas, UpdatedReplicas: s.UpdatedReplicas,
		CurrentRevision: s.CurrentRevision, UpdateRevision: s.UpdateRevision,
	}
	if s.CollisionCount != nil {
		status.CollisionCount = new(*s.CollisionCount)
	}
	for _, c := range s.Conditions {
		status.Conditions = append(status.Conditions, Condition{string(c.Type), string(c.Status), c.Reason, c.Message})
	}
	return status
}

// podOf returns the values of a pod.
func podOf(pod *corev1.Pod) Pod {
	v := Pod{
		Name: pod.Name, UID: pod.UID, Labelled: pod.Labels["app"] == selects["app"], Phase: string(pod.Status.Phase),
		Created: pod.CreationTimestamp.Unix(), Node: pod.Spec.NodeName, Template: pod.Spec.Containers[0].Image,
		Revision: pod.Labels[appsv1.StatefulSetRevisionLabel], NameLabel: pod.Labels[appsv1.StatefulSetPodNameLabel],
		IndexLabel: pod.Labels[appsv1.PodIndexLabel], Hostname: pod.Spec.Hostname, Subdomain: pod.Spec.Subdomain,
	}
	if owner := metav1.GetControllerOfNoCopy(pod); owner != nil {
		v.Owner = owner.UID
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			v.Ready = c.Status == corev1.ConditionTrue
			if !c.LastTransitionTime.IsZero() {
				v.ReadySince = c.LastTransitionTime.Unix()
			}
		}
	}
	if pod.DeletionTimestamp != nil {
		v.DeleteAt = pod.DeletionTimestamp.Unix()
	}
	for _, volume := range pod.Spec.Volumes {
		if volume.PersistentVolumeClaim != nil {
			if v.Volumes == nil {
				v.Volumes = map[string]string{}
			}
			v.Volumes[volume.Name] = volume.PersistentVolumeClaim.ClaimName
		}
	}
	return v
}

// ownersOf returns the values of owner references.
func ownersOf(refs []metav1.OwnerReference) []Owner {
	var owners []Owner
	for _, ref := range refs {
		owners = append(owners, Owner{ref.Kind, ref.Name, ref.UID, ref.Controller != nil && *ref.Controller})
	}
	return owners
}

// claimOf returns the values of a claim.
func claimOf(claim *corev1.PersistentVolumeClaim) Claim {
	return Claim{claim.Name, claim.UID, ownersOf(claim.OwnerReferences), claim.DeletionTimestamp != nil}
}

// revisionOf returns the values of a revision.
func revisionOf(revision *appsv1.ControllerRevision) Revision {
	v := Revision{
		Name: revision.Name, UID: revision.UID, Revision: revision.Revision, Template: templateIn(revision.Data.Raw),
		Labelled: revision.Labels["app"] == selects["app"], Created: revision.CreationTimestamp.Unix(),
	}
	if owner := metav1.GetControllerOfNoCopy(revision); owner != nil {
		v.Owner = owner.UID
	}
	return v
}
