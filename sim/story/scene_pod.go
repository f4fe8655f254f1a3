package story

import (
	"cmp"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/kubectl"
	"statefulsim/controller/store"
	"statefulsim/sim"
)

// findPods finds the pods and puts those that are bound onto their nodes.
func (now *instant) findPods() {
	bound := make(map[string][]Pod, now.view.Len(store.Node))
	for pod := range store.All[*corev1.Pod](now.view) {
		p := now.pod(pod)
		if p.Node == "" {
			now.scene.Unbound = append(now.scene.Unbound, p)
		} else {
			bound[p.Node] = append(bound[p.Node], p)
		}
	}
	for _, pods := range bound {
		slices.SortFunc(pods, comparePods)
	}
	slices.SortFunc(now.scene.Unbound, comparePods)
	now.findNodes(bound)
}

func comparePods(a, b Pod) int {
	return cmp.Or(strings.Compare(a.Namespace, b.Namespace), compareNames(a.Name, b.Name))
}

func (now *instant) pod(pod *corev1.Pod) Pod {
	p := Pod{
		Namespace: pod.Namespace, Name: pod.Name, Node: pod.Spec.NodeName,
		Status: kubectl.PodStatus(pod), State: now.state(pod), Ready: condition.PodReady(pod),
		Role: pod.Labels[roleLabel], Revision: revision(pod), Restarts: restartsOf(pod), Deleting: pod.DeletionTimestamp != nil,
		Volumes: now.volumesOf(pod), Services: now.senders[store.KeyOf(pod)], Ordinal: ordinal(pod),
		Cut: now.cut(sim.Place{Pod: pod.Namespace + "/" + pod.Name}),
	}
	if owner := metav1.GetControllerOfNoCopy(pod); owner != nil && owner.Kind == "StatefulSet" {
		p.Set = owner.Name
		set, ok := store.Get[*appsv1.StatefulSet](now.view, pod.Namespace, owner.Name)
		p.Update = ok && set.Status.CurrentRevision != set.Status.UpdateRevision &&
			set.Status.UpdateRevision == pod.Labels[appsv1.ControllerRevisionHashLabelKey]
	}
	return p
}

// state sorts a pod. Whether one that is not Ready was Ready before is what its lane has seen.
func (now *instant) state(pod *corev1.Pod) State {
	state := podState(pod, true)
	if state == Unready {
		lane := now.story.index.lanes[PodLane][sim.DisplayName(pod.Namespace, pod.Name)]
		if span := now.story.at(lane, now.scene.At); span != nil && span.State == Starting {
			return Starting
		}
	}
	return state
}

func (now *instant) findSets() {
	for set := range store.All[*appsv1.StatefulSet](now.view) {
		s := Set{
			Namespace: set.Namespace, Name: set.Name, Replicas: 1, Ready: set.Status.ReadyReplicas, Updated: set.Status.UpdatedReplicas,
			Strategy: string(set.Spec.UpdateStrategy.Type), Policy: string(set.Spec.PodManagementPolicy),
			Current: revisionHash(set.Status.CurrentRevision), Update: revisionHash(set.Status.UpdateRevision),
			Image: set.Spec.Template.Spec.Containers[0].Image,
		}
		if set.Spec.Replicas != nil {
			s.Replicas = *set.Spec.Replicas
		}
		if rolling := set.Spec.UpdateStrategy.RollingUpdate; rolling != nil && rolling.Partition != nil {
			s.Partition = *rolling.Partition
		}
		now.scene.Sets = append(now.scene.Sets, s)
	}
}
