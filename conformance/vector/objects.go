package vector

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Namespace is where everything is.
const Namespace = "default"

// selects are the labels that a set selects by. The names of revisions hash the whole template, labels included: with this
// value they come out as in the recordings that this format was first used for.
var selects = map[string]string{"app": "uanvttm"}

// Objects are what an In stands for. They are never changed once made.
type Objects struct {
	Set       *appsv1.StatefulSet
	Pods      []*corev1.Pod
	Claims    []*corev1.PersistentVolumeClaim
	Revisions []*appsv1.ControllerRevision
	Now       time.Time
	NextID    int64
}

// Objects makes the objects that the values stand for.
func (in *In) Objects() *Objects {
	o := &Objects{Set: in.Set.Object(), Now: time.Unix(in.Now, 0), NextID: in.NextID}
	for i := range in.Pods {
		o.Pods = append(o.Pods, in.Pods[i].Object(in.Set.Name))
	}
	for i := range in.Claims {
		o.Claims = append(o.Claims, in.Claims[i].Object())
	}
	for i := range in.Revisions {
		o.Revisions = append(o.Revisions, in.Revisions[i].Object(in.Set.Name))
	}
	return o
}

// podTemplate returns the pod template of an opaque id as the API server stores it, its defaults filled in.
func podTemplate(id string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: selects},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{{
				Name: "main", Image: id, ImagePullPolicy: corev1.PullIfNotPresent,
				TerminationMessagePath:   corev1.TerminationMessagePathDefault,
				TerminationMessagePolicy: corev1.TerminationMessageReadFile,
			}},
			DNSPolicy: corev1.DNSClusterFirst, RestartPolicy: corev1.RestartPolicyAlways, SchedulerName: "default-scheduler",
			SecurityContext: &corev1.PodSecurityContext{}, TerminationGracePeriodSeconds: new(int64(30)),
		},
	}
}

// deletedAt is when the deletion of sets and claims was asked for, in seconds; nobody looks at more than that it was.
const deletedAt = 1000

// Object makes the set.
func (v *Set) Object() *appsv1.StatefulSet {
	set := &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: v.Name, Namespace: Namespace, UID: v.UID, Generation: v.Generation},
		Spec: appsv1.StatefulSetSpec{
			ServiceName: "headless", Replicas: &v.Replicas, Selector: &metav1.LabelSelector{MatchLabels: selects},
			Template: podTemplate(v.Template), Ordinals: &appsv1.StatefulSetOrdinals{Start: v.Start},
			PodManagementPolicy:  appsv1.PodManagementPolicyType(v.Policy),
			UpdateStrategy:       appsv1.StatefulSetUpdateStrategy{Type: appsv1.StatefulSetUpdateStrategyType(v.Strategy)},
			RevisionHistoryLimit: &v.RevisionHistoryLimit, MinReadySeconds: v.MinReadySeconds,
			PersistentVolumeClaimRetentionPolicy: &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{
				WhenDeleted: appsv1.PersistentVolumeClaimRetentionPolicyType(v.WhenDeleted),
				WhenScaled:  appsv1.PersistentVolumeClaimRetentionPolicyType(v.WhenScaled),
			},
		},
		Status: v.Status.object(),
	}
	if u := v.RollingUpdate; u != nil {
		set.Spec.UpdateStrategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{Partition: &u.Partition}
		if u.MaxUnavailable != "" {
			set.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable = new(intstr.Parse(u.MaxUnavailable))
		}
	}
	for _, name := range v.ClaimTemplates {
		set.Spec.VolumeClaimTemplates = append(set.Spec.VolumeClaimTemplates,
			corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
	if v.Deleting {
		set.DeletionTimestamp = new(at(deletedAt))
	}
	return set
}

func (v *Status) object() appsv1.StatefulSetStatus {
	status := appsv1.StatefulSetStatus{
		ObservedGeneration: v.ObservedGeneration, Replicas: v.Replicas, ReadyReplicas: v.ReadyReplicas,
		AvailableReplicas: v.AvailableReplicas, CurrentReplicas: v.CurrentReplicas, UpdatedReplicas: v.UpdatedReplicas,
		CurrentRevision: v.CurrentRevision, UpdateRevision: v.UpdateRevision, CollisionCount: v.CollisionCount,
	}
	for _, c := range v.Conditions {
		status.Conditions = append(status.Conditions, appsv1.StatefulSetCondition{
			Type: appsv1.StatefulSetConditionType(c.Type), Status: corev1.ConditionStatus(c.Status), Reason: c.Reason, Message: c.Message,
		})
	}
	return status
}

// Object makes the pod of a set of that name.
func (v *Pod) Object(set string) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: v.Name, Namespace: Namespace, UID: v.UID, Labels: map[string]string{}, CreationTimestamp: at(v.Created),
			OwnerReferences: ownedBy(set, v.Owner),
		},
		Spec:   podTemplate(v.Template).Spec,
		Status: corev1.PodStatus{Phase: corev1.PodPhase(v.Phase)},
	}
	pod.Spec.NodeName, pod.Spec.Hostname, pod.Spec.Subdomain = v.Node, v.Hostname, v.Subdomain
	label(pod.Labels, appsv1.StatefulSetPodNameLabel, v.NameLabel)
	label(pod.Labels, appsv1.PodIndexLabel, v.IndexLabel)
	label(pod.Labels, appsv1.StatefulSetRevisionLabel, v.Revision)
	if v.Labelled {
		label(pod.Labels, "app", selects["app"])
	}
	if v.Ready || v.ReadySince != 0 {
		pod.Status.Conditions = []corev1.PodCondition{v.readyCondition()}
	}
	if v.DeleteAt != 0 {
		pod.DeletionTimestamp = new(at(v.DeleteAt))
	}
	for name, claim := range sorted(v.Volumes) {
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim},
		}})
	}
	return pod
}

func (v *Pod) readyCondition() corev1.PodCondition {
	condition := corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionFalse}
	if v.Ready {
		condition.Status = corev1.ConditionTrue
	}
	if v.ReadySince != 0 {
		condition.LastTransitionTime = at(v.ReadySince)
	}
	return condition
}

// Object makes the claim.
func (v *Claim) Object() *corev1.PersistentVolumeClaim {
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: v.Name, Namespace: Namespace, UID: v.UID}}
	for _, o := range v.Owners {
		ref := metav1.OwnerReference{APIVersion: "v1", Kind: o.Kind, Name: o.Name, UID: o.UID, Controller: new(o.Controller)}
		if o.Kind == "StatefulSet" {
			ref.APIVersion = "apps/v1"
		}
		claim.OwnerReferences = append(claim.OwnerReferences, ref)
	}
	if v.Deleting {
		claim.DeletionTimestamp = new(at(deletedAt))
	}
	return claim
}

// Object makes the revision of a set of that name.
func (v *Revision) Object(set string) *appsv1.ControllerRevision {
	revision := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Name: v.Name, Namespace: Namespace, UID: v.UID, CreationTimestamp: at(v.Created), OwnerReferences: ownedBy(set, v.Owner),
		},
		Data:     runtime.RawExtension{Raw: patchOf(v.Template)},
		Revision: v.Revision,
	}
	if v.Labelled {
		revision.Labels = selects
	}
	return revision
}

func ownedBy(set string, uid types.UID) []metav1.OwnerReference {
	if uid == "" {
		return nil
	}
	return []metav1.OwnerReference{{
		APIVersion: "apps/v1", Kind: "StatefulSet", Name: set, UID: uid, Controller: new(true), BlockOwnerDeletion: new(true),
	}}
}

func label(labels map[string]string, key, value string) {
	if value != "" {
		labels[key] = value
	}
}

func at(seconds int64) metav1.Time { return metav1.NewTime(time.Unix(seconds, 0)) }
