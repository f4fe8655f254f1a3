package model

import (
	"maps"
	"reflect"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/conformance/vector"
	"statefulsim/controller/statefulset"
)

// Follower keeps the model's State of one set through a history, and tells it of nothing but changes, as an informer would.
type Follower struct {
	state     *statefulset.State
	set       vector.Set
	pods      map[string]followed[vector.Pod, *corev1.Pod]
	claims    map[string]followed[vector.Claim, *corev1.PersistentVolumeClaim]
	revisions map[string]followed[vector.Revision, *appsv1.ControllerRevision]
}

// followed is an object as it was when it was last seen.
type followed[V, O any] struct {
	value  V
	object O
}

// NewFollower returns a follower of a history that begins with in.
func NewFollower(in *vector.In, gates statefulset.Gates) *Follower {
	return &Follower{
		state: statefulset.NewState(in.Set.Object(), gates), set: in.Set,
		pods:      map[string]followed[vector.Pod, *corev1.Pod]{},
		claims:    map[string]followed[vector.Claim, *corev1.PersistentVolumeClaim]{},
		revisions: map[string]followed[vector.Revision, *appsv1.ControllerRevision]{},
	}
}

// Sync takes in what has changed since the last sync, lets the model do one, and returns what it did and the server as it
// left it. The kinds of changes come in an order that changes from sync to sync.
func (f *Follower) Sync(in *vector.In, faults []vector.Fault) (vector.Out, *vector.Server) {
	f.takeIn(in)
	if !reflect.DeepEqual(f.set, in.Set) {
		f.set = in.Set
		f.state.PutSet(in.Set.Object())
	}
	o := &vector.Objects{Set: f.state.Set(), Now: time.Unix(in.Now, 0), NextID: in.NextID}
	for _, name := range slices.Sorted(maps.Keys(f.pods)) {
		o.Pods = append(o.Pods, f.pods[name].object)
	}
	for _, name := range slices.Sorted(maps.Keys(f.claims)) {
		o.Claims = append(o.Claims, f.claims[name].object)
	}
	for _, name := range slices.Sorted(maps.Keys(f.revisions)) {
		o.Revisions = append(o.Revisions, f.revisions[name].object)
	}
	server := vector.NewServer(o, faults)
	outcome := f.state.Sync(o.Set, o.Now, apply(server))
	result := out(server, &outcome)
	for _, action := range result.Actions {
		f.unsee(action.Kind, action.Name)
	}
	return result, server
}

// unsee forgets how an object was seen that a sync wrote: a watch tells of it anew, be it as it was before or not.
func (f *Follower) unsee(kind, name string) {
	switch kind {
	case vector.KindPod:
		unsee(f.pods, name)
	case vector.KindClaim:
		unsee(f.claims, name)
	case vector.KindRevision:
		unsee(f.revisions, name)
	}
}

func unsee[V, O any](seen map[string]followed[V, O], name string) {
	if was, ok := seen[name]; ok {
		seen[name] = followed[V, O]{object: was.object}
	}
}

// takeIn takes in the objects but for the set.
func (f *Follower) takeIn(in *vector.In) {
	kinds := []func(*vector.In){f.takePods, f.takeClaims, f.takeRevisions}
	for i := range kinds {
		kinds[(i+int(in.NextID))%len(kinds)](in)
	}
}

func (f *Follower) takePods(in *vector.In) {
	follow(f.pods, in.Pods, func(v *vector.Pod) string { return v.Name },
		func(v *vector.Pod) *corev1.Pod { return v.Object(in.Set.Name) },
		func(pod *corev1.Pod) { f.state.PutPod(pod) },
		func(pod *corev1.Pod) { f.state.RemovePod(pod.Name) })
}

func (f *Follower) takeClaims(in *vector.In) {
	follow(f.claims, in.Claims, func(v *vector.Claim) string { return v.Name },
		func(v *vector.Claim) *corev1.PersistentVolumeClaim { return v.Object() },
		f.state.PutClaim, f.state.RemoveClaim)
}

func (f *Follower) takeRevisions(in *vector.In) {
	follow(f.revisions, in.Revisions, func(v *vector.Revision) string { return v.Name },
		func(v *vector.Revision) *appsv1.ControllerRevision { return v.Object(in.Set.Name) },
		f.state.PutRevision, f.state.RemoveRevision)
}

// follow brings what was seen up to date with the values, and tells put and remove of the differences.
func follow[V, O any](seen map[string]followed[V, O], values []V, name func(*V) string, object func(*V) O, put, remove func(O)) {
	here := make(map[string]bool, len(values))
	for i := range values {
		here[name(&values[i])] = true
	}
	for _, gone := range slices.Sorted(maps.Keys(seen)) {
		if !here[gone] {
			remove(seen[gone].object)
			delete(seen, gone)
		}
	}
	for i := range values {
		v := &values[i]
		if old, ok := seen[name(v)]; ok && reflect.DeepEqual(old.value, *v) {
			continue
		}
		made := object(v)
		seen[name(v)] = followed[V, O]{*v, made}
		put(made)
	}
}
