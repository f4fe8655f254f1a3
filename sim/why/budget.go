package why

import (
	"fmt"
	"regexp"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/sim"
)

// evictionRetry is how long a drain waits before it asks for an eviction again (k8s.io/kubectl pkg/drain/drain.go:evictPods).
const evictionRetry = 5 * time.Second

// refusedEviction is what a drain says of a pod that a budget protects.
var refusedEviction = regexp.MustCompile(`^error when evicting pods/"([^"]+)" -n "([^"]+)" \(will retry after 5s\)`)

// refusedEvictions tells of budgets that a drain is held up by: one that allows nothing, and that nobody asks, holds up nothing.
func refusedEvictions(s *scene) {
	told := map[string]bool{}
	for i := len(s.events) - 1; i >= 0 && s.at-s.events[i].At <= evictionRetry; i-- {
		e := &s.events[i]
		if e.Kind != "Terminal" || e.Verb != "print" {
			continue
		}
		m := refusedEviction.FindStringSubmatch(e.Detail)
		if m == nil || told[m[2]+"/"+m[1]] {
			continue
		}
		told[m[2]+"/"+m[1]] = true
		if pod, ok := store.Get[*corev1.Pod](s.view, m[2], m[1]); ok {
			s.refused(pod, e)
		}
	}
}

// refused judges the budget of a pod that a drain cannot evict.
func (s *scene) refused(pod *corev1.Pod, refusal *sim.Event) {
	first := s.firstRefusal(refusal)
	pdb := s.budgetOf(pod)
	if pdb == nil || pdb.Status.DisruptionsAllowed > 0 || !s.impatient(first.At) {
		return
	}
	status := &pdb.Status
	f := Finding{
		State: fmt.Sprintf("ALLOWED DISRUPTIONS %d", status.DisruptionsAllowed), Since: first.At, Forever: true, from: []int{first.Seq},
		Source: "pkg/registry/core/pod/storage/eviction.go:checkAndDecrement",
		Details: []string{fmt.Sprintf("%d of its %d pods are healthy, and %d have to be", status.CurrentHealthy, status.ExpectedPods, status.DesiredHealthy),
			"the drain asks for the eviction of " + nameOf(pod) + " every 5 s"},
		Links: []string{"https://github.com/kubernetes/kubernetes/pull/105296", "https://github.com/kubernetes/enhancements/pull/3677"},
	}
	f.Rule = "A pod is evicted only if its PodDisruptionBudget allows one disruption more, and " + nameOf(pdb) + " allows none."
	switch {
	case status.DesiredHealthy >= status.ExpectedPods:
		f.Rule += " It asks for all of its pods: it never allows one."
		f.Cure = []string{"kubectl patch pdb " + flagged(pdb) + ` --type=merge -p '{"spec":{"minAvailable":null,"maxUnavailable":1}}'   # one pod at a time may then be down`}
	case !condition.PodReady(pod):
		f.Rule += " The pod that is to go is not Ready, so that its eviction would disrupt nothing; but the policy IfHealthyBudget, the default, counts it while others are missing."
		f.Cure = []string{"kubectl patch pdb " + flagged(pdb) + ` --type=merge -p '{"spec":{"unhealthyPodEvictionPolicy":"AlwaysAllow"}}'   # pods that are not Ready may always be evicted`}
	default:
		f.Rule += " Others of its pods are not Ready."
		f.Cure = []string{"# cure its pods that are not Ready first: the drain then goes on by itself"}
	}
	for other := range store.In[*corev1.Pod](s.view, pdb.Namespace) {
		if b := s.about(objectOf(other)); b != nil && selects(pdb, other) {
			f.from = append(f.from, b.from...)
			f.Cure = append(f.Cure, "# cure Pod "+nameOf(other)+" ("+b.State+")")
		}
	}
	f.Cure = append(f.Cure, "kubectl delete pod "+flagged(pod)+"   # asks no budget: what that protects is broken")
	s.add(objectOf(pdb), f)
}

// firstRefusal is the first of the refusals in a row that ends with this one.
func (s *scene) firstRefusal(last *sim.Event) *sim.Event {
	first := last
	for i := last.Seq - 1; i >= 0; i-- {
		if e := &s.events[i]; e.Kind == last.Kind && e.Name == last.Name && e.Detail == last.Detail {
			if first.At-e.At > 2*evictionRetry {
				break
			}
			first = e
		}
	}
	return first
}

func selects(pdb *policyv1.PodDisruptionBudget, pod *corev1.Pod) bool {
	selector, err := metav1.LabelSelectorAsSelector(pdb.Spec.Selector)
	return err == nil && selector.Matches(labels.Set(pod.Labels))
}

// budgetOf is the budget that selects a pod, or nil.
func (s *scene) budgetOf(pod *corev1.Pod) *policyv1.PodDisruptionBudget {
	for pdb := range store.In[*policyv1.PodDisruptionBudget](s.view, pod.Namespace) {
		if selects(pdb, pod) {
			return pdb
		}
	}
	return nil
}
