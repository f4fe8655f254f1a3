package battery

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"statefulsim/scenarios"
)

// budget is a PodDisruptionBudget, and where it stands.
type budget struct {
	*policyv1.PodDisruptionBudget
	in scenarios.Manifest
}

// budgets are the PodDisruptionBudgets that select the set's pods.
func (s *subject) budgets() []budget { return budgetsOf(s.StatefulSet, s.stage.objects) }

func budgetsOf(s *appsv1.StatefulSet, objects []scenarios.Manifest) (found []budget) {
	for _, m := range objects {
		b, is := m.Object.(*policyv1.PodDisruptionBudget)
		if !is || b.Namespace != s.Namespace {
			continue
		}
		if selector, err := metav1.LabelSelectorAsSelector(b.Spec.Selector); err == nil && selector.Matches(labels.Set(s.Spec.Template.Labels)) {
			found = append(found, budget{b, m})
		}
	}
	return found
}

func noBudget(s *subject) []spot {
	if wanted(s.StatefulSet) < 2 || len(s.budgets()) > 0 {
		return nil
	}
	return one("spec.template.metadata.labels", "no PodDisruptionBudget selects the pods", "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: "+s.named(s.Name)+"\nspec:\n"+
		"  maxUnavailable: 1\n  selector: {matchLabels: "+s.labels()+"}")
}

func budgetBlocks(s *subject) []spot {
	budgets := s.budgets()
	if len(budgets) > 1 {
		return []spot{{"spec.selector", fmt.Sprintf("the budgets %s and %s both select the pods of %s, and the API server then refuses every eviction", budgets[0].Name, budgets[1].Name, s.Name),
			"# leave one of the two out", "PodDisruptionBudget " + display(s.Namespace, budgets[1].Name), budgets[1].in}}
	}
	for _, b := range budgets {
		if allowed(b.PodDisruptionBudget, wanted(s.StatefulSet)) <= 0 {
			path := "spec.minAvailable"
			if b.Spec.MaxUnavailable != nil {
				path = "spec.maxUnavailable"
			}
			return []spot{{path, fmt.Sprintf("it allows no disruption of the %d pods of %s", wanted(s.StatefulSet), s.Name), "maxUnavailable: 1", "PodDisruptionBudget " + display(s.Namespace, b.Name), b.in}}
		}
	}
	return nil
}

// allowed is how many of so many healthy pods a budget lets go (pkg/controller/disruption/disruption.go:getExpectedPodCount). A
// percentage is rounded up.
func allowed(b *policyv1.PodDisruptionBudget, pods int) int {
	switch {
	case b.Spec.MaxUnavailable != nil:
		n, _ := intstr.GetScaledValueFromIntOrPercent(b.Spec.MaxUnavailable, pods, true)
		return n
	case b.Spec.MinAvailable != nil:
		n, _ := intstr.GetScaledValueFromIntOrPercent(b.Spec.MinAvailable, pods, true)
		return pods - n
	}
	return pods - 1
}

// spreadBy tells whether something keeps the set's pods from sharing a value of the node label.
func (s *subject) spreadBy(key string) bool {
	pod := labels.Set(s.Spec.Template.Labels)
	for _, c := range s.Spec.Template.Spec.TopologySpreadConstraints {
		if c.TopologyKey == key && matches(c.LabelSelector, pod) {
			return true
		}
	}
	affinity := s.Spec.Template.Spec.Affinity
	if affinity == nil || affinity.PodAntiAffinity == nil {
		return false
	}
	terms := affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	for _, preferred := range affinity.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution {
		terms = append(terms[:len(terms):len(terms)], preferred.PodAffinityTerm)
	}
	for _, term := range terms {
		if term.TopologyKey == key && matches(term.LabelSelector, pod) {
			return true
		}
	}
	return false
}

func matches(by *metav1.LabelSelector, pod labels.Set) bool {
	selector, err := metav1.LabelSelectorAsSelector(by)
	return err == nil && selector.Matches(pod)
}

func noSpread(s *subject) []spot {
	if wanted(s.StatefulSet) < 2 || s.spreadBy(corev1.LabelHostname) {
		return nil
	}
	return one(podSpec, "neither podAntiAffinity nor topologySpreadConstraints keep the pods on different nodes", s.spread(corev1.LabelHostname, "DoNotSchedule"))
}

func noZoneSpread(s *subject) []spot {
	if wanted(s.StatefulSet) < 2 || !s.spreadBy(corev1.LabelHostname) || s.spreadBy(corev1.LabelTopologyZone) {
		return nil
	}
	return one(podSpec, "nothing keeps the pods in different zones", s.spread(corev1.LabelTopologyZone, "ScheduleAnyway"))
}

func (s *subject) spread(key, otherwise string) string {
	return "topologySpreadConstraints:\n  - maxSkew: 1\n    topologyKey: " + key + "\n    whenUnsatisfiable: " + otherwise + "\n    labelSelector: {matchLabels: " + s.labels() + "}"
}
