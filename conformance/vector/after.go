package vector

import (
	"cmp"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// After returns what the next sync would read if nothing else happened: in with the server's objects in the place of its own.
func (s *Server) After(in *In) In {
	after := In{Now: in.Now, NextID: in.NextID + 1, Set: in.Set}
	for _, obj := range s.held {
		switch obj := obj.(type) {
		case *corev1.Pod:
			after.Pods = append(after.Pods, podOf(obj))
		case *corev1.PersistentVolumeClaim:
			after.Claims = append(after.Claims, claimOf(obj))
		case *appsv1.ControllerRevision:
			after.Revisions = append(after.Revisions, revisionOf(obj))
		case *appsv1.StatefulSet:
			after.Set.Status = statusOf(&obj.Status)
		}
	}
	slices.SortFunc(after.Pods, func(a, b Pod) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(after.Claims, func(a, b Claim) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(after.Revisions, func(a, b Revision) int { return cmp.Compare(a.Name, b.Name) })
	return after
}

// Apart returns the kind and name of each object that two servers don't hold alike after the same sync, every field of the
// objects looked at. The order of a pod's volumes is left to chance upstream, and times of conditions are the wall clock's.
func Apart(a, b *Server) []string {
	var apart []string
	for k, obj := range a.held {
		if other := b.held[k]; other == nil || obj != other && !equality.Semantic.DeepEqual(plain(obj), plain(other)) {
			apart = append(apart, k.kind+" "+k.name)
		}
	}
	for k := range b.held {
		if a.held[k] == nil {
			apart = append(apart, k.kind+" "+k.name)
		}
	}
	slices.Sort(apart)
	return apart
}

// Object returns an object as it is compared, nil if there is none.
func (s *Server) Object(kind, name string) metav1.Object {
	if obj := s.held[key{kind, name}]; obj != nil {
		return plain(obj)
	}
	return nil
}

// plain puts an object into the form in which it is compared.
func plain(obj metav1.Object) metav1.Object {
	switch obj := obj.(type) {
	case *corev1.Pod:
		if len(obj.Spec.Volumes) > 1 {
			sorted := *obj
			sorted.Spec.Volumes = slices.SortedFunc(slices.Values(obj.Spec.Volumes), func(a, b corev1.Volume) int {
				return cmp.Compare(a.Name, b.Name)
			})
			return &sorted
		}
	case *appsv1.StatefulSet:
		timeless := *obj
		timeless.Status.Conditions = slices.Clone(obj.Status.Conditions)
		for i := range timeless.Status.Conditions {
			timeless.Status.Conditions[i].LastTransitionTime = metav1.Time{}
		}
		return &timeless
	}
	return obj
}
