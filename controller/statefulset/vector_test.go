package statefulset

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// vector is one line of a recording: what a sync read, and what it did.
type vector struct {
	Faults []vectorAction `json:"faults"`
	In     vectorIn       `json:"in"`
	Out    vectorOut      `json:"out"`
}

type vectorIn struct {
	Now       int64            `json:"now"`
	NextID    int64            `json:"nextID"`
	Set       vectorSet        `json:"set"`
	Pods      []vectorPod      `json:"pods"`
	Claims    []vectorClaim    `json:"claims"`
	Revisions []vectorRevision `json:"revisions"`
}

type vectorSet struct {
	Name          string        `json:"name"`
	UID           types.UID     `json:"uid"`
	Generation    int64         `json:"generation"`
	Replicas      int32         `json:"replicas"`
	Start         int32         `json:"start"`
	Policy        string        `json:"policy"`
	Strategy      string        `json:"strategy"`
	RollingUpdate *vectorUpdate `json:"rollingUpdate"`
	MinReady      int32         `json:"minReadySeconds"`
	WhenDeleted   string        `json:"whenDeleted"`
	WhenScaled    string        `json:"whenScaled"`
	HistoryLimit  int32         `json:"revisionHistoryLimit"`
	Template      string        `json:"template"`
	Claims        []string      `json:"claimTemplates"`
	Deleting      bool          `json:"deleting"`
	Status        vectorStatus  `json:"status"`
}

type vectorUpdate struct {
	Partition      int32  `json:"partition"`
	MaxUnavailable string `json:"maxUnavailable"`
}

type vectorPod struct {
	Name       string            `json:"name"`
	UID        types.UID         `json:"uid"`
	Owner      types.UID         `json:"owner"`
	Labelled   bool              `json:"labelled"`
	Phase      string            `json:"phase"`
	Ready      bool              `json:"ready"`
	ReadySince int64             `json:"readySince"`
	DeleteAt   int64             `json:"deleteAt"`
	Created    int64             `json:"created"`
	Node       string            `json:"node"`
	Template   string            `json:"template"`
	Revision   string            `json:"revision"`
	NameLabel  string            `json:"nameLabel"`
	IndexLabel string            `json:"indexLabel"`
	Hostname   string            `json:"hostname"`
	Subdomain  string            `json:"subdomain"`
	Volumes    map[string]string `json:"volumes"`
}

type vectorClaim struct {
	Name     string        `json:"name"`
	UID      types.UID     `json:"uid"`
	Owners   []vectorOwner `json:"owners"`
	Deleting bool          `json:"deleting"`
}

type vectorOwner struct {
	Kind       string    `json:"kind"`
	Name       string    `json:"name"`
	UID        types.UID `json:"uid"`
	Controller bool      `json:"controller,omitempty"`
}

type vectorRevision struct {
	Name     string    `json:"name"`
	UID      types.UID `json:"uid"`
	Revision int64     `json:"revision"`
	Template string    `json:"template"`
	Owner    types.UID `json:"owner"`
	Labelled bool      `json:"labelled"`
	Created  int64     `json:"created"`
}

type vectorOut struct {
	Actions      []vectorAction `json:"actions"`
	Errors       []string       `json:"errors,omitempty"`
	Failed       bool           `json:"failed"`
	Status       *vectorStatus  `json:"status"`
	Events       []string       `json:"events"`
	RequeueAfter float64        `json:"requeueAfter"`
}

type vectorAction struct {
	Verb     string        `json:"verb"`
	Kind     string        `json:"kind"`
	Name     string        `json:"name"`
	Failed   string        `json:"failed,omitempty"`
	Template string        `json:"template,omitempty"`
	Revision string        `json:"revision,omitempty"`
	Number   int64         `json:"number,omitempty"`
	Owners   []vectorOwner `json:"owners,omitempty"`
	Status   *vectorStatus `json:"status,omitempty"`
}

type vectorStatus struct {
	ObservedGeneration int64  `json:"observedGeneration"`
	Replicas           int32  `json:"replicas"`
	ReadyReplicas      int32  `json:"readyReplicas"`
	AvailableReplicas  int32  `json:"availableReplicas"`
	CurrentReplicas    int32  `json:"currentReplicas"`
	UpdatedReplicas    int32  `json:"updatedReplicas"`
	CurrentRevision    string `json:"currentRevision"`
	UpdateRevision     string `json:"updateRevision"`
	CollisionCount     *int32 `json:"collisionCount"`
}

// selects are the labels that the sets of a recording select by. A recording doesn't say what they were; the names of its
// revisions hash the whole template, labels included, and with this value the hashes come out as recorded.
var selects = map[string]string{"app": "uanvttm"}

// vectorTemplate returns the pod template of an opaque id, with the API server's defaults.
func vectorTemplate(id string) corev1.PodTemplateSpec {
	grace := int64(30)
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: selects},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{{
				Name: "main", Image: id, ImagePullPolicy: corev1.PullIfNotPresent,
				TerminationMessagePath:   corev1.TerminationMessagePathDefault,
				TerminationMessagePolicy: corev1.TerminationMessageReadFile,
			}},
			DNSPolicy: corev1.DNSClusterFirst, RestartPolicy: corev1.RestartPolicyAlways, SchedulerName: "default-scheduler",
			SecurityContext: &corev1.PodSecurityContext{}, TerminationGracePeriodSeconds: &grace,
		},
	}
}

func (in *vectorIn) input() Input {
	set := in.Set.set(in.Now)
	input := Input{Set: set, Live: set, Now: time.Unix(in.Now, 0)}
	for i := range in.Pods {
		input.Pods = append(input.Pods, in.Pods[i].pod(set))
	}
	for i := range in.Claims {
		input.Claims = append(input.Claims, in.Claims[i].claim(in.Now))
	}
	for i := range in.Revisions {
		input.Revisions = append(input.Revisions, in.Revisions[i].revision(set))
	}
	return input
}

func (v *vectorSet) set(now int64) *appsv1.StatefulSet {
	set := &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: v.Name, Namespace: "default", UID: v.UID, Generation: v.Generation},
		Spec: appsv1.StatefulSetSpec{
			ServiceName: "headless", Replicas: &v.Replicas, Selector: &metav1.LabelSelector{MatchLabels: selects},
			Template: vectorTemplate(v.Template), Ordinals: &appsv1.StatefulSetOrdinals{Start: v.Start},
			PodManagementPolicy:  appsv1.PodManagementPolicyType(v.Policy),
			UpdateStrategy:       appsv1.StatefulSetUpdateStrategy{Type: appsv1.StatefulSetUpdateStrategyType(v.Strategy)},
			RevisionHistoryLimit: &v.HistoryLimit, MinReadySeconds: v.MinReady,
			PersistentVolumeClaimRetentionPolicy: &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{
				WhenDeleted: appsv1.PersistentVolumeClaimRetentionPolicyType(v.WhenDeleted),
				WhenScaled:  appsv1.PersistentVolumeClaimRetentionPolicyType(v.WhenScaled),
			},
		},
		Status: appsv1.StatefulSetStatus{
			ObservedGeneration: v.Status.ObservedGeneration, Replicas: v.Status.Replicas, ReadyReplicas: v.Status.ReadyReplicas,
			AvailableReplicas: v.Status.AvailableReplicas, CurrentReplicas: v.Status.CurrentReplicas,
			UpdatedReplicas: v.Status.UpdatedReplicas, CurrentRevision: v.Status.CurrentRevision,
			UpdateRevision: v.Status.UpdateRevision, CollisionCount: v.Status.CollisionCount,
		},
	}
	if u := v.RollingUpdate; u != nil {
		rolling := &appsv1.RollingUpdateStatefulSetStrategy{Partition: &u.Partition}
		if u.MaxUnavailable != "" {
			rolling.MaxUnavailable = new(intstr.Parse(u.MaxUnavailable))
		}
		set.Spec.UpdateStrategy.RollingUpdate = rolling
	}
	for _, name := range v.Claims {
		set.Spec.VolumeClaimTemplates = append(set.Spec.VolumeClaimTemplates,
			corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
	if v.Deleting {
		set.DeletionTimestamp = new(at(now))
	}
	return set
}

func (v *vectorPod) pod(set *appsv1.StatefulSet) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: v.Name, Namespace: "default", UID: v.UID, Labels: map[string]string{}, CreationTimestamp: at(v.Created),
			OwnerReferences: ownedBy(set, v.Owner),
		},
		Spec:   vectorTemplate(v.Template).Spec,
		Status: corev1.PodStatus{Phase: corev1.PodPhase(v.Phase)},
	}
	pod.Spec.NodeName, pod.Spec.Hostname, pod.Spec.Subdomain = v.Node, v.Hostname, v.Subdomain
	label(pod.Labels, appsv1.StatefulSetPodNameLabel, v.NameLabel)
	label(pod.Labels, appsv1.PodIndexLabel, v.IndexLabel)
	label(pod.Labels, revisionLabel, v.Revision)
	if v.Labelled {
		label(pod.Labels, "app", selects["app"])
	}
	if v.Ready || v.ReadySince != 0 {
		condition := corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionFalse}
		if v.Ready {
			condition.Status = corev1.ConditionTrue
		}
		if v.ReadySince != 0 {
			condition.LastTransitionTime = at(v.ReadySince)
		}
		pod.Status.Conditions = append(pod.Status.Conditions, condition)
	}
	if v.DeleteAt != 0 {
		pod.DeletionTimestamp = new(at(v.DeleteAt))
	}
	for name, claim := range v.Volumes {
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim},
		}})
	}
	return pod
}

func (v *vectorClaim) claim(now int64) *corev1.PersistentVolumeClaim {
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: v.Name, Namespace: "default", UID: v.UID}}
	for _, o := range v.Owners {
		ref := metav1.OwnerReference{APIVersion: "v1", Kind: o.Kind, Name: o.Name, UID: o.UID, Controller: &o.Controller}
		if o.Kind == "StatefulSet" {
			ref.APIVersion = "apps/v1"
		}
		claim.OwnerReferences = append(claim.OwnerReferences, ref)
	}
	if v.Deleting {
		claim.DeletionTimestamp = new(at(now))
	}
	return claim
}

func (v *vectorRevision) revision(set *appsv1.StatefulSet) *appsv1.ControllerRevision {
	template := vectorTemplate(v.Template)
	patch, err := patchOf(&template)
	if err != nil {
		panic(err)
	}
	revision := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Name: v.Name, Namespace: "default", UID: v.UID, CreationTimestamp: at(v.Created), OwnerReferences: ownedBy(set, v.Owner),
		},
		Data:     runtime.RawExtension{Raw: patch},
		Revision: v.Revision,
	}
	if v.Labelled {
		revision.Labels = selects
	}
	return revision
}

func ownedBy(set *appsv1.StatefulSet, uid types.UID) []metav1.OwnerReference {
	if uid == "" {
		return nil
	}
	return []metav1.OwnerReference{owner{"apps/v1", "StatefulSet", set.Name, uid}.reference()}
}

func label(labels map[string]string, key, value string) {
	if value != "" {
		labels[key] = value
	}
}
