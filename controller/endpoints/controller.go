// Package endpoints keeps the EndpointSlices of Services that have a selector, and answers DNS questions from them.
package endpoints

import (
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"statefulsim/controller/store"
)

const (
	// ControllerName is the value of the label endpointslice.kubernetes.io/managed-by on this controller's slices.
	ControllerName = "endpointslice-controller.k8s.io"

	maxEndpoints = 100 // in one slice (--max-endpoints-per-slice)

	// sliceDelay is how long a change of a slice by somebody else is left alone before the Service is looked at again
	// (pkg/controller/endpointslice/endpointslice_controller.go:endpointSliceChangeMinSyncDelay). A changed pod is not
	// waited for: --endpointslice-updates-batch-period is 0.
	sliceDelay = time.Second

	minBackOff = time.Second        // before a failed sync is tried again; doubles with each failure
	maxBackOff = 1000 * time.Second // endpointslice_controller.go:maxSyncBackOff
)

// errStale says that the cache does not yet have what this controller itself wrote.
var errStale = errors.New("EndpointSlice informer cache is out of date")

// Controller is the endpoint slice controller (pkg/controller/endpointslice/endpointslice_controller.go:Controller). Its
// keys are Services; a key of kind EndpointSlice with a Service's name stands for a Service whose slices were touched by
// somebody else.
//
// It remembers which pods changed since a Service was last synced, so that a sync costs what changed and not what there is.
type Controller struct {
	services map[store.Key]*service
	touched  map[store.Key]time.Time // when the touched slices of a Service are to be looked at
}

// New returns a controller that knows no Services.
func New() *Controller {
	return &Controller{services: map[store.Key]*service{}, touched: map[store.Key]time.Time{}}
}

// Keys names a Service that came, changed or went, the Services that select a pod of which something changed that its
// endpoint shows, and those whose slices somebody else changed.
func (c *Controller) Keys(change store.Change, cache *store.View) []store.Key {
	switch change.Kind {
	case store.Service:
		key := change.Key()
		if change.New == nil {
			delete(c.services, key)
			return nil
		}
		c.service(key).whole = true
		return []store.Key{key}
	case store.Pod:
		return c.podKeys(change, cache)
	case store.EndpointSlice:
		return c.sliceKeys(change)
	}
	return nil
}

func (c *Controller) podKeys(change store.Change, cache *store.View) []store.Key {
	before, _ := change.Old.(*corev1.Pod)
	after, _ := change.New.(*corev1.Pod)
	if before != nil && after != nil && !endpointChanged(before, after) && !membershipChanged(before, after) {
		return nil
	}
	var keys []store.Key
	pod := change.Object()
	for svc := range store.In[*corev1.Service](cache, pod.GetNamespace()) {
		if before != nil && selects(svc, before.Labels) || after != nil && selects(svc, after.Labels) {
			key := store.KeyOf(svc)
			c.service(key).changed[pod.GetName()] = struct{}{}
			keys = append(keys, key)
		}
	}
	return keys
}

func (c *Controller) sliceKeys(change store.Change) []store.Key {
	slice := change.Object().(*discoveryv1.EndpointSlice)
	if slice.Labels[discoveryv1.LabelManagedBy] != ControllerName {
		return nil
	}
	key := store.Key{Kind: store.Service, Namespace: slice.Namespace, Name: slice.Labels[discoveryv1.LabelServiceName]}
	svc, ok := c.services[key]
	if !ok || svc.expects(change) {
		return nil
	}
	svc.whole = true
	key.Kind = store.EndpointSlice
	return []store.Key{key}
}

func (c *Controller) service(key store.Key) *service {
	if c.services[key] == nil {
		c.services[key] = newService()
	}
	return c.services[key]
}

// Reconcile brings a Service's slices up to date with the pods that changed. It asks to be called again when a sync failed
// or the cache was stale, with this controller's own back-off from 1 s, which is longer than that of the others
// (endpointslice_controller.go:NewController); an Event tells of the failure.
func (c *Controller) Reconcile(key store.Key, cache *store.View, api *store.Client) (time.Duration, error) {
	if key.Kind == store.EndpointSlice {
		if wait := c.untilTouched(key, api.Now); wait > 0 {
			return wait, nil
		}
		key.Kind = store.Service
	}
	svc, ok := store.Get[*corev1.Service](cache, key.Namespace, key.Name)
	if !ok || svc.Spec.Type == corev1.ServiceTypeExternalName || svc.Spec.Selector == nil {
		return 0, nil
	}
	state := c.service(key)
	err := state.sync(svc, cache, api)
	if err == nil {
		state.failures = 0
		return 0, nil
	}
	if !errors.Is(err, errStale) {
		api.Event(svc, corev1.EventTypeWarning, "FailedToUpdateEndpointSlices",
			fmt.Sprintf("Error updating Endpoint Slices for Service %s/%s: %v", svc.Namespace, svc.Name, err))
	}
	state.failures++
	return min(maxBackOff, minBackOff<<min(state.failures-1, 10)), nil
}

// untilTouched returns how long the touched slices of a Service are still to be left alone.
func (c *Controller) untilTouched(key store.Key, now time.Time) time.Duration {
	due, ok := c.touched[key]
	if !ok {
		due = now.Add(sliceDelay)
		c.touched[key] = due
	}
	if wait := due.Sub(now); wait > 0 {
		return wait
	}
	delete(c.touched, key)
	return 0
}
