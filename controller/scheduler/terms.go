package scheduler

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/controller/store"
)

// matcher says which pods an affinity term or a spread constraint speaks of.
type matcher struct {
	id         string          // equal for equal matchers
	namespaces []string        // in sorted order
	others     labels.Selector // namespaces by their labels; nil for none
	selector   labels.Selector
}

// matches judges one pod; view is where the labels of its namespace are read.
func (m *matcher) matches(pod *corev1.Pod, view *store.View) bool {
	return m.covers(pod.Namespace, view) && m.selector.Matches(labels.Set(pod.Labels))
}

func (m *matcher) covers(namespace string, view *store.View) bool {
	if slices.Contains(m.namespaces, namespace) {
		return true
	}
	if m.others == nil {
		return false
	}
	var own labels.Set
	if ns, ok := store.Get[*corev1.Namespace](view, "", namespace); ok {
		own = ns.Labels
	}
	return m.others.Matches(own)
}

func newMatcher(namespaces []string, others, selector labels.Selector) matcher {
	id := strings.Join(namespaces, ",") + "\x00" + selector.String()
	if others != nil {
		id += "\x00" + others.String()
	}
	return matcher{id: id, namespaces: namespaces, others: others, selector: selector}
}

// term is one term of pod affinity or anti-affinity.
type term struct {
	matcher
	topologyKey string
	weight      int64 // of a preferred term; positive for affinity, negative for anti-affinity
}

// terms are all that a pod wants of other pods.
type terms struct {
	affinity, antiAffinity []term // required
	preferred              []term
}

// hardAffinityWeight is the score that a required affinity term of a pod that is placed already gives to a newcomer that
// it matches (pkg/scheduler/apis/config/v1/defaults.go: HardPodAffinityWeight).
const hardAffinityWeight = 1

func termsOf(pod *corev1.Pod) terms {
	var t terms
	if pod.Spec.Affinity == nil {
		return t
	}
	if a := pod.Spec.Affinity.PodAffinity; a != nil {
		t.affinity = required(pod, a.RequiredDuringSchedulingIgnoredDuringExecution)
		t.preferred = preferred(t.preferred, pod, a.PreferredDuringSchedulingIgnoredDuringExecution, 1)
	}
	if a := pod.Spec.Affinity.PodAntiAffinity; a != nil {
		t.antiAffinity = required(pod, a.RequiredDuringSchedulingIgnoredDuringExecution)
		t.preferred = preferred(t.preferred, pod, a.PreferredDuringSchedulingIgnoredDuringExecution, -1)
	}
	return t
}

func required(pod *corev1.Pod, list []corev1.PodAffinityTerm) []term {
	out := make([]term, 0, len(list))
	for i := range list {
		out = append(out, newTerm(pod, &list[i], 0))
	}
	return out
}

func preferred(out []term, pod *corev1.Pod, list []corev1.WeightedPodAffinityTerm, sign int64) []term {
	for i := range list {
		out = append(out, newTerm(pod, &list[i].PodAffinityTerm, sign*int64(list[i].Weight)))
	}
	return out
}

// newTerm reads a term. Without namespaces it means the pod's own.
func newTerm(pod *corev1.Pod, t *corev1.PodAffinityTerm, weight int64) term {
	namespaces := slices.Sorted(slices.Values(t.Namespaces))
	var others labels.Selector
	if t.NamespaceSelector != nil {
		others = parsed(t.NamespaceSelector)
	} else if len(namespaces) == 0 {
		namespaces = []string{pod.Namespace}
	}
	return term{matcher: newMatcher(namespaces, others, parsed(t.LabelSelector)), topologyKey: t.TopologyKey, weight: weight}
}

// parsed reads a label selector; one that cannot be read selects nothing.
func parsed(s *metav1.LabelSelector) labels.Selector {
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return labels.Nothing()
	}
	return selector
}

// selection is a set of pods that somebody counts: those that all of its matchers match.
type selection struct {
	all     []*matcher
	domains map[string]counted // by topology key: see cluster.members
}

func (s *selection) contains(pod *corev1.Pod, view *store.View) bool {
	for _, m := range s.all {
		if !m.matches(pod, view) {
			return false
		}
	}
	return true
}
