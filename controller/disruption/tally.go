package disruption

import (
	"fmt"
	"maps"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
)

// tally is the count of the pods that one budget selects.
type tally struct {
	selector  labels.Selector
	members   map[string]member // by the pod's name
	ready     int32             // members that are Ready and not terminating
	unmanaged int               // members without a controlling owner
	owners    map[types.UID]*owner
}

// member is what counts of one pod.
type member struct {
	ready, terminating bool
	owner              types.UID // empty without one
}

// owner is a controller of at least one member.
type owner struct {
	kind, name string
	pods       int
}

func newTally(selector labels.Selector) *tally {
	return &tally{selector: selector, members: map[string]member{}, owners: map[types.UID]*owner{}}
}

// put counts a pod as it is now, if the selector matches it.
func (t *tally) put(pod *corev1.Pod) {
	t.drop(pod.Name)
	if !t.selector.Matches(labels.Set(pod.Labels)) {
		return
	}
	m := member{terminating: pod.DeletionTimestamp != nil}
	m.ready = !m.terminating && condition.PodReady(pod)
	if ref := metav1.GetControllerOfNoCopy(pod); ref != nil {
		m.owner = ref.UID
		if t.owners[ref.UID] == nil {
			t.owners[ref.UID] = &owner{kind: ref.Kind, name: ref.Name}
		}
		t.owners[ref.UID].pods++
	} else {
		t.unmanaged++
	}
	if m.ready {
		t.ready++
	}
	t.members[pod.Name] = m
}

// drop takes a pod out of the count.
func (t *tally) drop(name string) {
	m, ok := t.members[name]
	if !ok {
		return
	}
	delete(t.members, name)
	if m.ready {
		t.ready--
	}
	if m.owner == "" {
		t.unmanaged--
		return
	}
	t.owners[m.owner].pods--
	if t.owners[m.owner].pods == 0 {
		delete(t.owners, m.owner)
	}
}

// countsOwners tells whether a budget is measured against its owners' scales rather than against the pods there are.
func countsOwners(spec *policyv1.PodDisruptionBudgetSpec) bool {
	return spec.MaxUnavailable != nil || spec.MinAvailable != nil && spec.MinAvailable.Type == intstr.String
}

// expect returns how many pods there should be, and how many of them must stay healthy
// (pkg/controller/disruption/disruption.go:getExpectedPodCount). Percentages are rounded up.
func (t *tally) expect(spec *policyv1.PodDisruptionBudgetSpec, namespace string, cache *store.View) (expected, desired int32, err error) {
	if !countsOwners(spec) {
		if spec.MinAvailable == nil {
			return 0, 0, nil
		}
		return int32(len(t.members)), spec.MinAvailable.IntVal, nil
	}
	if expected, err = t.scale(namespace, cache); err != nil {
		return 0, 0, err
	}
	share := spec.MaxUnavailable
	if share == nil {
		share = spec.MinAvailable
	}
	n, err := intstr.GetScaledValueFromIntOrPercent(share, int(expected), true)
	if err != nil {
		return 0, 0, err
	}
	if spec.MaxUnavailable != nil {
		return expected, max(0, expected-int32(n)), nil
	}
	return expected, int32(n), nil
}

// scale adds up the replicas that the members' owners want, each owner once (disruption.go:getExpectedScale). StatefulSets
// are the only owners known here.
func (t *tally) scale(namespace string, cache *store.View) (int32, error) {
	var sum int32
	for uid, o := range t.owners {
		set, ok := store.Get[*appsv1.StatefulSet](cache, namespace, o.name)
		if !ok || o.kind != "StatefulSet" || set.UID != uid {
			return 0, fmt.Errorf("%w %q", errNoController, t.firstOrphan(namespace, cache))
		}
		sum += replicas(set)
	}
	return sum, nil
}

// firstOrphan names the first of the members whose owner has no scale.
func (t *tally) firstOrphan(namespace string, cache *store.View) string {
	for _, name := range slices.Sorted(maps.Keys(t.members)) {
		uid := t.members[name].owner
		if uid == "" {
			continue
		}
		o := t.owners[uid]
		set, ok := store.Get[*appsv1.StatefulSet](cache, namespace, o.name)
		if !ok || o.kind != "StatefulSet" || set.UID != uid {
			return name
		}
	}
	return ""
}

// replicas is the scale that a set asks for; the API server has defaulted it to 1.
func replicas(set *appsv1.StatefulSet) int32 {
	if set.Spec.Replicas == nil {
		return 1
	}
	return *set.Spec.Replicas
}

// healthy counts the members that are Ready, not terminating and not about to be deleted
// (disruption.go:countHealthyPods).
func (t *tally) healthy(disrupted map[string]metav1.Time) int32 {
	n := t.ready
	for name := range disrupted {
		if t.members[name].ready {
			n--
		}
	}
	return n
}

// disrupted returns those of the budget's disrupted pods that still count as gone, and how long until the first of them
// does not (disruption.go:buildDisruptedPodMap). A pod that outlived its eviction is told of in an Event. At the very end of
// the two minutes upstream still keeps the entry, which counts no more, and looks again at once: a moment later it is gone.
func (t *tally) disrupted(pdb *policyv1.PodDisruptionBudget, cache *store.View, api *store.Client) (map[string]metav1.Time, time.Duration) {
	still := map[string]metav1.Time{}
	var again time.Duration
	for _, name := range slices.Sorted(maps.Keys(pdb.Status.DisruptedPods)) {
		m, ok := t.members[name]
		if !ok || m.terminating {
			continue
		}
		since := pdb.Status.DisruptedPods[name]
		left := since.Add(deletionTimeout).Sub(api.Now)
		if left <= 0 {
			if pod, ok := store.Get[*corev1.Pod](cache, pdb.Namespace, name); ok {
				// Upstream's message has the namespace twice, where the budget's name was meant.
				api.Event(pod, corev1.EventTypeWarning, "NotDeleted",
					fmt.Sprintf("Pod was expected by PDB %s/%s to be deleted but it wasn't", pdb.Namespace, pdb.Namespace))
			}
			continue
		}
		still[name] = since
		if again == 0 || left < again {
			again = left
		}
	}
	return still, again
}
