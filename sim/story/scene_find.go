package story

import "iter"

// Nodes walks over the nodes, zone by zone.
func (s *Scene) Nodes() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for i := range s.Zones {
			for j := range s.Zones[i].Nodes {
				if !yield(&s.Zones[i].Nodes[j]) {
					return
				}
			}
		}
	}
}

// Pods walks over the pods: those that are on nodes, node by node, then those that have none.
func (s *Scene) Pods() iter.Seq[*Pod] {
	return func(yield func(*Pod) bool) {
		for node := range s.Nodes() {
			for i := range node.Pods {
				if !yield(&node.Pods[i]) {
					return
				}
			}
		}
		for i := range s.Unbound {
			if !yield(&s.Unbound[i]) {
				return
			}
		}
	}
}

// Node finds a node, or is nil.
func (s *Scene) Node(name string) *Node {
	for node := range s.Nodes() {
		if node.Name == name {
			return node
		}
	}
	return nil
}

// Pod finds a pod by its name, with its namespace in front unless that is "default", as events have it, or is nil.
func (s *Scene) Pod(name string) *Pod {
	namespace, plain := splitName(name)
	for pod := range s.Pods() {
		if pod.Name == plain && pod.Namespace == namespace {
			return pod
		}
	}
	return nil
}

// Set finds a StatefulSet likewise.
func (s *Scene) Set(name string) *Set {
	return named(s.Sets, name, func(s *Set) (string, string) { return s.Namespace, s.Name })
}

// Service finds a Service likewise.
func (s *Scene) Service(name string) *Service {
	return named(s.Services, name, func(s *Service) (string, string) { return s.Namespace, s.Name })
}

// Claim finds a claim likewise.
func (s *Scene) Claim(name string) *Volume {
	return named(s.Claims, name, func(v *Volume) (string, string) { return v.Namespace, v.Claim })
}

func named[T any](all []T, display string, nameOf func(*T) (namespace, name string)) *T {
	namespace, name := splitName(display)
	for i := range all {
		if ns, n := nameOf(&all[i]); n == name && ns == namespace {
			return &all[i]
		}
	}
	return nil
}
