package why

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// unscheduled returns the scheduler's last word about a pod that found no node, and since when it is told so; "" for a pod that has a
// node or that was told nothing yet.
func (s *scene) unscheduled(pod *corev1.Pod) (message string, f Finding) {
	c := condition.Pod(&pod.Status, corev1.PodScheduled)
	if pod.Spec.NodeName != "" || pod.DeletionTimestamp != nil || c == nil || c.Status != corev1.ConditionFalse {
		return "", f
	}
	first, last := s.told(pod, "FailedScheduling")
	if first == nil || !s.impatient(first.At) {
		return "", f
	}
	return c.Message, Finding{State: stateOf(pod), Since: first.At, Forever: true, from: []int{last.Seq}, Details: []string{"the scheduler says: " + c.Message}}
}

// storageRule is what a piece of the scheduler's message says about a pod's volumes.
type storageRule struct {
	says, rule, source string
	links              []string
	cure               func(s *scene, pod *corev1.Pod) []string
}

var storageRules = []storageRule{
	{
		"didn't match PersistentVolume's node affinity",
		"A volume can be used only on the nodes that its node affinity names, and a StatefulSet's pod comes back to the claim of its ordinal, and so to " +
			"that volume: no node that the volume can be on takes the pod.",
		"pkg/scheduler/framework/plugins/volumebinding/binder.go:FindPodVolumes",
		[]string{"https://github.com/kubernetes/kubernetes/issues/113139", "https://github.com/kubernetes/kubernetes/issues/91299"}, pinnedCure,
	}, {
		"volume node affinity conflict", "A volume can be used only on the nodes that its node affinity names, and none of these takes the pod.",
		"pkg/scheduler/framework/plugins/volumebinding/binder.go:FindPodVolumes",
		[]string{"https://github.com/kubernetes/kubernetes/issues/113139", "https://github.com/kubernetes/kubernetes/issues/91299"}, pinnedCure,
	}, {
		"unbound immediate PersistentVolumeClaims",
		"A claim of a class that binds at once has to be Bound before a pod that mounts it is scheduled, and one of the pod's is not.",
		"pkg/scheduler/framework/plugins/volumebinding/volume_binding.go:PreFilter", nil, claimCure,
	}, {
		"didn't find available persistent volumes to bind",
		"A claim whose class makes no volumes is bound to a volume that is there already and that the pod's node can reach, and none suits.",
		"pkg/scheduler/framework/plugins/volumebinding/binder.go:findMatchingVolumes", nil, claimCure,
	}, {
		"is being deleted", "A pod that is not scheduled yet cannot use a claim that is being deleted, and no other one can be made while that is there.",
		"pkg/scheduler/framework/plugins/volumebinding/volume_binding.go:podHasPVCs",
		[]string{"https://github.com/kubernetes/kubernetes/issues/89910"}, claimCure,
	}, {
		"persistentvolumeclaim", "A pod is scheduled only when each claim that it mounts exists and has its volume.",
		"pkg/scheduler/framework/plugins/volumebinding/volume_binding.go:podHasPVCs",
		[]string{"https://github.com/kubernetes/kubernetes/issues/89910"}, goneCure,
	},
}

// volumeElsewhere explains a pod that finds no node because of its volumes.
func volumeElsewhere(s *scene, pod *corev1.Pod) *Finding {
	message, f := s.unscheduled(pod)
	for i := range storageRules {
		r := &storageRules[i]
		if message == "" || !strings.Contains(message, r.says) {
			continue
		}
		f.Rule, f.Source, f.Links, f.Cure = r.rule, r.source, r.links, r.cure(s, pod)
		f.Details = append(f.Details, s.byNode(pod)...)
		return &f
	}
	return nil
}

func pinnedCure(s *scene, pod *corev1.Pod) (cure []string) {
	for _, name := range claimsOf(pod) {
		cure = append(cure, "kubectl delete pvc "+name+inNamespace(pod)+" --wait=false   # DANGER: its data is lost, unless the database can fill a new volume from its peers",
			"kubectl delete pod "+flagged(pod)+"   # after that: the set makes the claim anew, and the pod finds a node")
	}
	return append([]string{"# make room in the volume's zone: a node there that is Ready, not cordoned and large enough"}, cure...)
}

func claimCure(_ *scene, pod *corev1.Pod) (cure []string) {
	for _, name := range claimsOf(pod) {
		cure = append(cure, "kubectl get pvc "+name+inNamespace(pod)+"   # its own trouble first: see PersistentVolumeClaim "+name)
	}
	return cure
}

func goneCure(_ *scene, pod *corev1.Pod) []string {
	return []string{"kubectl delete pod " + flagged(pod) + "   # the set makes the pod and the claims that are missing; what was on a deleted claim's volume is gone"}
}

func inNamespace(obj store.Object) string {
	if ns := obj.GetNamespace(); ns != corev1.NamespaceDefault {
		return " -n " + ns
	}
	return ""
}

// noNode explains any other pod that finds no node.
func noNode(s *scene, pod *corev1.Pod) *Finding {
	message, f := s.unscheduled(pod)
	if message == "" {
		return nil
	}
	f.Rule = "A pod is bound to a node that passes all of the scheduler's filters, and none does. Nothing is made room for: the pod waits until a node or another pod changes."
	f.Source = "pkg/scheduler/schedule_one.go:findNodesThatFitPod"
	f.Details = append(f.Details, s.byNode(pod)...)
	f.Cure = append(s.renewal(pod), s.roomCure(pod, message)...)
	return &f
}

// placed counts a set's pods that have a node.
func (s *scene) placed(set *appsv1.StatefulSet) (n int) {
	for _, pod := range s.podsOf(set) {
		if pod.Spec.NodeName != "" {
			n++
		}
	}
	return n
}

// roomCure has a command for each of the reasons in the scheduler's message.
func (s *scene) roomCure(pod *corev1.Pod, message string) (cure []string) {
	says := func(words string) bool { return strings.Contains(message, words) }
	if says("were unschedulable") {
		for node := range store.All[*corev1.Node](s.view) {
			if node.Spec.Unschedulable {
				cure = append(cure, "kubectl uncordon "+node.Name+"   # if its maintenance is over")
			}
		}
	}
	set := s.setOf(pod)
	switch {
	case set == nil:
	case says("Insufficient") || says("Too many pods"):
		cure = append(cure, `kubectl patch statefulset `+flagged(set)+` --type=json -p '[{"op":"replace","path":"/spec/template/spec/containers/0/resources/requests/cpu","value":"250m"}]'   # ask for less, and then delete the pod; or add nodes`)
	case says("anti-affinity") || says("topology spread") || says("affinity/selector") || says("pod affinity"):
		cure = append(cure, "kubectl scale statefulset "+flagged(set)+" --replicas="+count(s.placed(set))+
			"   # as many as there are places; or add a node, or make the rule preferred instead of required")
	}
	if says("untolerated taint") {
		cure = append(cure, "kubectl get nodes   # bring back those that are not Ready, or take away the taint (kubectl taint nodes NODE KEY-), or tolerate it in the template")
	}
	return append(cure, "# add a node that the pod fits on")
}
