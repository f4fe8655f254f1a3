package why

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// byNode says of each node why a pod cannot go there; where none of what is looked at here forbids it, the scheduler's own message stands
// alone. At most so many nodes are told one by one.
func (s *scene) byNode(pod *corev1.Pod) (lines []string) {
	const most = 12
	for node := range store.All[*corev1.Node](s.view) {
		why := s.refusals(pod, node)
		if len(why) == 0 {
			continue
		}
		if len(lines) == most {
			return append(lines, "and other nodes")
		}
		lines = append(lines, node.Name+": "+strings.Join(why, "; "))
	}
	return lines
}

// refusals are what keeps a pod from a node, in the order of the scheduler's filters.
func (s *scene) refusals(pod *corev1.Pod, node *corev1.Node) (why []string) {
	if node.Spec.Unschedulable {
		why = append(why, "cordoned")
	}
	if !condition.NodeReady(node) {
		why = append(why, "not Ready")
	}
	for i := range node.Spec.Taints {
		if t := &node.Spec.Taints[i]; t.Effect == corev1.TaintEffectNoSchedule && !strings.HasPrefix(t.Key, "node.kubernetes.io/") && !tolerates(pod, t) {
			why = append(why, "has the taint "+t.ToString())
		}
	}
	if !wants(pod, node) {
		why = append(why, "is not what its node selector or node affinity asks for")
	}
	why = append(why, s.shortage(pod, node)...)
	why = append(why, s.unreachable(pod, node)...)
	if other := s.repelledBy(pod, node); other != "" {
		why = append(why, "its anti-affinity forbids to be with "+other)
	}
	return why
}

func tolerates(pod *corev1.Pod, taint *corev1.Taint) bool {
	return slices.ContainsFunc(pod.Spec.Tolerations, func(t corev1.Toleration) bool {
		return (t.Key == "" || t.Key == taint.Key) && (t.Effect == "" || t.Effect == taint.Effect) &&
			(t.Operator == corev1.TolerationOpExists || t.Value == taint.Value)
	})
}

func wants(pod *corev1.Pod, node *corev1.Node) bool {
	if !labels.SelectorFromSet(pod.Spec.NodeSelector).Matches(labels.Set(node.Labels)) {
		return false
	}
	if pod.Spec.Affinity == nil || pod.Spec.Affinity.NodeAffinity == nil {
		return true
	}
	required := pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	return required == nil || pv.MatchesNode(required, node)
}

// shortage compares what a pod asks for with what the pods on a node leave.
func (s *scene) shortage(pod *corev1.Pod, node *corev1.Node) (why []string) {
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		asked, free := requested(pod, name), node.Status.Allocatable[name].DeepCopy()
		for other := range store.PodsOn(s.view, node.Name) {
			if !condition.PodTerminal(other) {
				used := requested(other, name)
				free.Sub(used)
			}
		}
		if !asked.IsZero() && asked.Cmp(free) > 0 {
			why = append(why, fmt.Sprintf("the pod asks for %s %s, and %s is left", asked.String(), name, free.String()))
		}
	}
	return why
}

// requested adds up what a pod's containers ask for.
func requested(pod *corev1.Pod, name corev1.ResourceName) (sum resource.Quantity) {
	for i := range pod.Spec.Containers {
		sum.Add(pod.Spec.Containers[i].Resources.Requests[name])
	}
	return sum
}

// unreachable names the pod's volumes that cannot be used on a node.
func (s *scene) unreachable(pod *corev1.Pod, node *corev1.Node) (why []string) {
	for _, name := range claimsOf(pod) {
		volume := s.volumeOf(pod.Namespace, name)
		if volume == nil || volume.Spec.NodeAffinity == nil || volume.Spec.NodeAffinity.Required == nil {
			continue
		}
		if !pv.MatchesNode(volume.Spec.NodeAffinity.Required, node) {
			why = append(why, "the volume of its claim "+name+" is not to be had there (it belongs to "+places(volume.Spec.NodeAffinity.Required)+")")
		}
	}
	return why
}

// places words where a volume can be used, by the values of its node affinity.
func places(required *corev1.NodeSelector) string {
	var values []string
	for i := range required.NodeSelectorTerms {
		for _, e := range required.NodeSelectorTerms[i].MatchExpressions {
			values = append(values, e.Values...)
		}
	}
	return strings.Join(values, ", ")
}

// repelledBy names a pod that a required anti-affinity term of this one keeps it away from on a node.
func (s *scene) repelledBy(pod *corev1.Pod, node *corev1.Node) string {
	if pod.Spec.Affinity == nil || pod.Spec.Affinity.PodAntiAffinity == nil {
		return ""
	}
	for _, term := range pod.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution {
		selector, err := metav1.LabelSelectorAsSelector(term.LabelSelector)
		if err != nil {
			continue
		}
		for other := range store.In[*corev1.Pod](s.view, pod.Namespace) {
			host, ok := store.Get[*corev1.Node](s.view, "", other.Spec.NodeName)
			if ok && other.UID != pod.UID && !condition.PodTerminal(other) && selector.Matches(labels.Set(other.Labels)) &&
				host.Labels[term.TopologyKey] == node.Labels[term.TopologyKey] {
				return nameOf(other)
			}
		}
	}
	return ""
}
