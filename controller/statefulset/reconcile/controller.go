// Package reconcile runs the StatefulSet controller's decision against an API server: it keeps what is known of each set in
// step with the controller's cache, and carries out the decision's writes as calls.
package reconcile

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/statefulset"
	"statefulsim/controller/store"
)

// Controller is the StatefulSet controller of kube-controller-manager. Keys must hear of every change of StatefulSets, pods,
// claims and ControllerRevisions that the cache takes in, in order, so that a sync need not read the cache through.
type Controller struct {
	gates   Gates
	sets    map[types.NamespacedName]*tracked
	order   []*tracked // the same, by namespace and name
	read    versions
	started bool
}

// tracked is one set, and what the controller has written for it.
type tracked struct {
	key    store.Key
	state  *statefulset.State
	wrote  versions
	putOff bool // a sync didn't take place because the cache lagged behind
}

// Gates are the feature gates that the controller knows, by Kubernetes' own names. The zero value has all of them off.
type Gates struct {
	statefulset.Gates
	// StaleControllerConsistencyStatefulSet puts a sync off until the cache shows what the controller itself wrote for the set.
	// Without it, as up to Kubernetes 1.35, the controller may do on an old cache what it has done already.
	StaleControllerConsistencyStatefulSet bool
}

// DefaultGates returns the gates as Kubernetes 1.37 has them by default.
func DefaultGates() Gates {
	return Gates{Gates: statefulset.DefaultGates(), StaleControllerConsistencyStatefulSet: true}
}

// New returns a controller that has seen nothing yet. It makes itself familiar with the cache at its first call.
func New(gates Gates) *Controller {
	return &Controller{gates: gates, sets: make(map[types.NamespacedName]*tracked)}
}

// Reconcile runs one sync of the set of that key, and records the Events that belong to it. again is when the next pod that
// is Ready becomes available, if minReadySeconds makes that a matter of time. Errors are those of the writes; they ask for
// another try after a back-off. With the gate StaleControllerConsistencyStatefulSet nothing happens as long as the cache
// doesn't show the pods, claims and status that this controller wrote for the set before: Keys names the set again once it
// does, where upstream asks again after a back-off (pkg/controller/statefulset/stateful_set.go:sync).
func (c *Controller) Reconcile(key store.Key, cache *store.View, api *store.Client) (again time.Duration, err error) {
	c.start(cache)
	t := c.sets[types.NamespacedName{Namespace: key.Namespace, Name: key.Name}]
	if t == nil {
		return 0, nil
	}
	if c.gates.StaleControllerConsistencyStatefulSet && !t.sees(&c.read) {
		t.putOff = true
		return 0, nil
	}
	live, _ := store.Get[*appsv1.StatefulSet](api.View(), key.Namespace, key.Name)
	w := writer{api: api, tracked: t}
	outcome := t.state.Sync(live, api.Now, w.apply)
	for _, event := range outcome.Events {
		api.Event(t.state.Set(), event.Type, event.Reason, event.Message)
	}
	return outcome.Again, outcome.Err
}
