// Package disruption keeps the status of PodDisruptionBudgets: how many pods are expected, how many are healthy, and how
// many evictions that allows. It also takes back what is said of a pod that was to be disrupted, and then was not.
package disruption

import (
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/controller/store"
)

// deletionTimeout is how long an evicted pod counts as gone although it is still there without a deletion timestamp
// (pkg/controller/disruption/disruption.go:DeletionTimeout).
const deletionTimeout = 2 * time.Minute

// errNoController says that the owner of a pod is of a kind without a scale, or does not exist (any more).
var errNoController = errors.New("found no controllers for pod")

// Controller is the disruption controller (pkg/controller/disruption/disruption.go:DisruptionController). Its keys are
// PodDisruptionBudgets, and pods. It counts each budget's pods as changes come in, so that a reconcile does not have to.
type Controller struct {
	budgets map[store.Key]*tally
	shared  map[store.Key]notice // pods that several budgets select
}

// New returns a controller that knows no budgets.
func New() *Controller {
	return &Controller{budgets: map[store.Key]*tally{}, shared: map[store.Key]notice{}}
}

// Keys names a budget that changed, the budgets that select a pod that came, changed or went, and a pod about which there
// is something to tell or to take back. A pod whose labels no
// longer match a budget does not name it: upstream, too, looks at the new labels alone, and the budget's status waits for
// the next pod (disruption.go:updatePod).
func (c *Controller) Keys(change store.Change, cache *store.View) []store.Key {
	switch change.Kind {
	case store.PodDisruptionBudget:
		return []store.Key{c.follow(change, cache)}
	case store.Pod:
		return c.count(change, cache)
	}
	return nil
}

// follow begins, ends or repeats the count of a budget's pods when it came, went or got another selector.
func (c *Controller) follow(change store.Change, cache *store.View) store.Key {
	key := change.Key()
	pdb, ok := change.New.(*policyv1.PodDisruptionBudget)
	if !ok {
		delete(c.budgets, key)
		return key
	}
	selector, err := metav1.LabelSelectorAsSelector(pdb.Spec.Selector)
	if err != nil {
		selector = labels.Nothing()
	}
	if known, ok := c.budgets[key]; ok && known.selector.String() == selector.String() {
		return key
	}
	counted := newTally(selector)
	for pod := range store.In[*corev1.Pod](cache, pdb.Namespace) {
		counted.put(pod)
	}
	c.budgets[key] = counted
	return key
}

func (c *Controller) count(change store.Change, cache *store.View) []store.Key {
	var keys []store.Key
	namespace := change.Object().GetNamespace()
	for pdb := range store.In[*policyv1.PodDisruptionBudget](cache, namespace) {
		key := store.KeyOf(pdb)
		counted, ok := c.budgets[key]
		if !ok {
			continue // the change that brings the budget is still to come, and counts the pods of then
		}
		if pod, ok := change.New.(*corev1.Pod); ok {
			counted.put(pod)
		} else {
			counted.drop(change.Old.GetName())
		}
		if counted.selector.Matches(labels.Set(change.Object().GetLabels())) {
			keys = append(keys, key)
		}
	}
	pod := change.Object().(*corev1.Pod)
	if len(keys) > 1 {
		c.noteShared(pod, keys)
	}
	if len(keys) > 1 || change.New != nil && targeted(pod) {
		keys = append(keys, change.Key())
	}
	return keys
}

// Reconcile brings a budget's status up to date (disruption.go:sync, trySync), or a pod's condition DisruptionTarget. It
// asks to be called again when the first of the budget's disrupted pods stops counting as gone, or when the condition has
// become stale.
func (c *Controller) Reconcile(key store.Key, cache *store.View, api *store.Client) (time.Duration, error) {
	if key.Kind == store.Pod {
		return c.reconcilePod(key, cache, api)
	}
	pdb, ok := store.Get[*policyv1.PodDisruptionBudget](cache, key.Namespace, key.Name)
	counted, known := c.budgets[key]
	if !ok || !known {
		return 0, nil
	}
	if len(counted.members) == 0 {
		api.Event(pdb, corev1.EventTypeNormal, "NoPods", "No matching pods found")
	}
	expected, desired, err := counted.expect(&pdb.Spec, key.Namespace, cache)
	if err != nil {
		api.Event(pdb, corev1.EventTypeWarning, "CalculateExpectedPodCountFailed",
			fmt.Sprintf("Failed to calculate the number of expected pods: %v", err))
		return 0, failSafe(pdb, err, api)
	}
	if counted.unmanaged > 0 && countsOwners(&pdb.Spec) {
		api.Event(pdb, corev1.EventTypeWarning, "UnmanagedPods", unmanagedMessage(pdb))
	}
	disrupted, again := counted.disrupted(pdb, cache, api)
	err = updateStatus(pdb, policyv1.PodDisruptionBudgetStatus{
		ObservedGeneration: pdb.Generation,
		DisruptedPods:      disrupted,
		DisruptionsAllowed: allowed(expected, counted.healthy(disrupted), desired),
		CurrentHealthy:     counted.healthy(disrupted),
		DesiredHealthy:     desired,
		ExpectedPods:       expected,
	}, api)
	if err != nil && !apierrors.IsConflict(err) {
		err = failSafe(pdb, err, api)
	}
	return again, err
}

// allowed is how many of the healthy pods may be disrupted. A budget that expects no pods allows nothing, so that the
// first pods which appear are safe before they have been counted (disruption.go:updatePdbStatus).
func allowed(expected, healthy, desired int32) int32 {
	if expected <= 0 {
		return 0
	}
	return max(0, healthy-desired)
}

func unmanagedMessage(pdb *policyv1.PodDisruptionBudget) string {
	return fmt.Sprintf("Pods selected by this PodDisruptionBudget (selector: %v) were found to be unmanaged. As a result, "+
		"the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these "+
		"pods please set \".spec.minAvailable\" field of the PDB to an integer value.", pdb.Spec.Selector)
}
