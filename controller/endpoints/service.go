package endpoints

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"statefulsim/controller/store"
)

// service is what the controller remembers of a Service between two syncs.
type service struct {
	whole    bool                // the next sync looks at every pod and slice
	changed  map[string]struct{} // pods that changed since the last sync
	place    map[string]string   // the slice that a pod's endpoint is in
	written  map[string]int64    // by slice: the resource version that this controller wrote last; 0 for a deleted one
	failures int                 // of syncs in a row
}

func newService() *service {
	return &service{
		whole: true, changed: map[string]struct{}{}, place: map[string]string{}, written: map[string]int64{},
	}
}

// expects tells whether a change of a slice is this controller's own
// (endpointslice util/endpointslice_tracker.go:ShouldSync, HandleDeletion).
func (s *service) expects(change store.Change) bool {
	name := change.Object().GetName()
	version, ok := s.written[name]
	if change.New == nil {
		delete(s.written, name)
		return ok && version == 0
	}
	return ok && (version == 0 || versionOf(change.New) <= version)
}

func versionOf(obj store.Object) int64 {
	version, _ := strconv.ParseInt(obj.GetResourceVersion(), 10, 64)
	return version
}

// sync makes the slices show the pods that changed, or all of them (endpointslice reconciler.go:Reconcile).
func (s *service) sync(svc *corev1.Service, cache *store.View, api *store.Client) error {
	existing, err := s.existing(svc, cache)
	if err != nil {
		return err
	}
	if s.whole {
		s.everything(svc, existing, cache)
	}
	plan := newPlan(svc, existing)
	missing := s.move(plan, cache)
	plan.spread()
	if err := plan.write(s, api); err != nil {
		s.whole = true
		return err
	}
	for name := range s.changed {
		if d := plan.landed[name]; d != nil {
			s.place[name] = d.name
		} else {
			delete(s.place, name)
		}
	}
	s.whole = false
	s.changed = missing.pods
	return errors.Join(missing.errs...)
}

// existing returns the Service's slices in the order of their names, or errStale if the cache lacks a write of this
// controller (endpointslice util/endpointslice_tracker.go:StaleSlices).
func (s *service) existing(svc *corev1.Service, cache *store.View) ([]*discoveryv1.EndpointSlice, error) {
	var existing []*discoveryv1.EndpointSlice
	fresh := 0
	for slice := range store.ControlledBy[*discoveryv1.EndpointSlice](cache, svc.UID) {
		if version, ok := s.written[slice.Name]; ok {
			if version == 0 || versionOf(slice) < version {
				return nil, errStale
			}
			fresh++
		}
		if slice.DeletionTimestamp == nil && slice.Labels[discoveryv1.LabelManagedBy] == ControllerName {
			existing = append(existing, slice)
		}
	}
	for _, version := range s.written {
		if version == 0 {
			fresh++ // it is not in the cache any more, or was found above
		}
	}
	if fresh < len(s.written) {
		return nil, errStale
	}
	return existing, nil
}

// everything marks every pod that is in a slice or that the Service selects as changed.
func (s *service) everything(svc *corev1.Service, existing []*discoveryv1.EndpointSlice, cache *store.View) {
	clear(s.place)
	for _, slice := range existing {
		for i := range slice.Endpoints {
			name := targetName(&slice.Endpoints[i])
			s.place[name] = slice.Name
			s.changed[name] = struct{}{}
		}
	}
	for pod := range store.In[*corev1.Pod](cache, svc.Namespace) {
		if selects(svc, pod.Labels) {
			s.changed[pod.Name] = struct{}{}
		}
	}
}

// unplaced are pods that have no endpoint because their node is not known yet.
type unplaced struct {
	pods map[string]struct{}
	errs []error
}

// move takes the changed pods' endpoints out of the slices of the plan, changes them in place, or notes them to be added.
func (s *service) move(plan *plan, cache *store.View) unplaced {
	missing := unplaced{pods: map[string]struct{}{}}
	for _, name := range slices.Sorted(maps.Keys(s.changed)) {
		pod, ok := store.Get[*corev1.Pod](cache, plan.svc.Namespace, name)
		if !ok || !selects(plan.svc, pod.Labels) || !belongs(pod) {
			plan.remove(name, s.place[name])
			continue
		}
		node, err := nodeOf(pod, plan.svc, cache)
		if err != nil {
			missing.pods[name] = struct{}{}
			missing.errs = append(missing.errs, err)
			plan.remove(name, s.place[name])
			continue
		}
		if endpoint, ok := endpointOf(pod, node, plan.svc); ok {
			plan.put(endpoint, ports(plan.svc, pod), s.place[name])
		} else {
			plan.remove(name, s.place[name])
		}
	}
	return missing
}
