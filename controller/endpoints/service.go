package endpoints

import (
	"errors"
	"iter"
	"maps"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

// service is what the controller remembers of a Service between two syncs.
type service struct {
	whole    bool                // the next sync looks at every pod and slice
	changed  map[string]struct{} // pods that changed since the last sync
	place    map[string]string   // the slice that a pod's endpoint is in
	written  map[string]int64    // by slice: the version of a write that the cache did not show yet; 0 for a deletion
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
	if s.stale(svc.Namespace, cache) {
		return errStale
	}
	if s.whole {
		s.everything(svc, cache)
	}
	plan := newPlan(svc, cache)
	missing := s.move(plan, cache)
	plan.complete(s.whole)
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

// stale tells whether the cache lacks a write of this controller (endpointslice util/endpointslice_tracker.go:StaleSlices).
// What the cache shows is forgotten.
func (s *service) stale(namespace string, cache *store.View) bool {
	for name, version := range s.written {
		slice, ok := store.Get[*discoveryv1.EndpointSlice](cache, namespace, name)
		if version == 0 && ok || version > 0 && (!ok || versionOf(slice) < version) {
			return true
		}
		if version > 0 {
			delete(s.written, name) // a deletion is waited for by expects
		}
	}
	return false
}

// existing walks over the Service's slices in the order of their names.
func existing(svc *corev1.Service, cache *store.View) iter.Seq[*discoveryv1.EndpointSlice] {
	return func(yield func(*discoveryv1.EndpointSlice) bool) {
		for slice := range store.ControlledBy[*discoveryv1.EndpointSlice](cache, svc.UID) {
			if serves(slice, svc) && !yield(slice) {
				return
			}
		}
	}
}

// serves tells whether a slice is one that this controller keeps for the Service.
func serves(slice *discoveryv1.EndpointSlice, svc *corev1.Service) bool {
	owner := metav1.GetControllerOfNoCopy(slice)
	return owner != nil && owner.UID == svc.UID && slice.DeletionTimestamp == nil && slice.Labels[discoveryv1.LabelManagedBy] == ControllerName
}

// everything marks every pod that is in a slice or that the Service selects as changed.
func (s *service) everything(svc *corev1.Service, cache *store.View) {
	clear(s.place)
	for slice := range existing(svc, cache) {
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
