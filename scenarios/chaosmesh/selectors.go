package chaosmesh

import (
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/scenarios"
)

// set is a StatefulSet of the scenario.
type set struct{ *appsv1.StatefulSet }

func setsOf(s *scenarios.Scenario) (all []set) {
	for _, m := range s.Objects {
		if o, is := m.Object.(*appsv1.StatefulSet); is {
			o = o.DeepCopy()
			if o.Namespace == "" {
				o.Namespace = corev1.NamespaceDefault
			}
			all = append(all, set{o})
		}
	}
	return all
}

// replicas is how many pods the set has when the run begins.
func (s set) replicas() int {
	if s.Spec.Replicas == nil {
		return 1
	}
	return int(*s.Spec.Replicas)
}

// pods are the names of its pods from one ordinal to before another, counted from the first.
func (s set) pods(from, to int) (names []string) {
	start := 0
	if s.Spec.Ordinals != nil {
		start = int(s.Spec.Ordinals.Start)
	}
	for i := from; i < to; i++ {
		names = append(names, s.Name+"-"+strconv.Itoa(start+i))
	}
	return names
}

// selector says which pods are meant: a PodSelector.
type selector struct {
	namespaces []string
	names      []string // the pods, which are in the only namespace; all other ways to select then mean nothing
	by         []field  // other ways to select
	mode       string   // one or all
	set        *set     // of which they are, if they are of one
}

// fields are those of the selector within a spec.
func (s selector) fields() object {
	spec := object{{"namespaces", texts(s.namespaces...)}}
	if len(s.names) > 0 {
		spec = append(spec, field{"pods", object{{s.namespaces[0], texts(s.names...)}}})
	}
	return object{{"selector", append(spec, s.by...)}, {"mode", s.mode}}
}

// without leaves pods out of a selection; there is false if nobody is left.
func (s selector) without(names []string) (rest selector, there bool) {
	if len(s.names) > 0 {
		s.names = slices.DeleteFunc(slices.Clone(s.names), func(name string) bool { return slices.Contains(names, name) })
		return s, len(s.names) > 0
	}
	others := object{{"key", appsv1.StatefulSetPodNameLabel}, {"operator", "NotIn"}, {"values", texts(names...)}}
	s.by = append(slices.Clone(s.by), field{"expressionSelectors", list{others}})
	return s, true
}

// all selects all pods of the namespaces that are meant so.
func all(namespaces []string, of *set, by ...field) []selector {
	return []selector{{namespaces: namespaces, by: by, mode: "all", set: of}}
}

// named selects pods by their names.
func named(namespace string, names []string, mode string, of *set) []selector {
	return []selector{{namespaces: []string{namespace}, names: names, mode: mode, set: of}}
}

// pods finds the selectors of a target that is made of pods, or of the pods on machines. Without any it cannot be selected, and the
// gap is noted.
func (x *export) pods(p *placed, t scenarios.Target) []selector {
	switch t.Kind {
	case scenarios.TargetPod:
		of, namespace := x.setOfPod(t.Name)
		return named(namespace, []string{t.Name}, "all", of)
	case scenarios.TargetPrimary:
		return x.ofRole(t.Set, "primary", "all")
	case scenarios.TargetReplica:
		x.partly(p, "which replica "+quotedTarget(t)+" is was chosen by the seed, and is chosen by chance", "")
		return x.ofRole(t.Set, "replica", "one")
	case scenarios.TargetPodsOf:
		return x.ofRole(t.Set, "", "all")
	case scenarios.TargetMajority, scenarios.TargetMinority:
		return x.side(p, t)
	case scenarios.TargetLabelled:
		return all(x.namespaces(), x.labelled(t.Labels), field{"labelSelectors", mapping(t.Labels)})
	case scenarios.TargetUnion:
		var joint []selector
		for _, part := range t.Among {
			joint = append(joint, x.pods(p, part)...)
		}
		return joint
	case scenarios.TargetOneOf:
		return x.oneOf(p, t)
	case scenarios.TargetClient:
		x.gap(p, quotedTarget(t)+" is no pod of the cluster", "let a load of your own run in pods with a label, and select by that")
		return nil
	}
	return x.onMachines(p, t)
}

// onMachines finds the selectors of the pods on machines.
func (x *export) onMachines(p *placed, t scenarios.Target) []selector {
	here := x.namespaces()
	switch t.Kind {
	case scenarios.TargetNode:
		return all(here, nil, field{"nodes", texts(t.Name)})
	case scenarios.TargetZone:
		return all(here, nil, field{"nodeSelectors", object{{corev1.LabelTopologyZone, t.Name}}})
	case scenarios.TargetNodesWith:
		return all(here, nil, field{"nodeSelectors", mapping(t.Labels)})
	case scenarios.TargetEveryNode, scenarios.TargetEveryZone:
		return all(here, nil)
	case scenarios.TargetNodeOf, scenarios.TargetZoneOf:
		x.partly(p, "what "+quotedTarget(t)+" is, is known only then, so that it is "+quotedTarget(*t.Of)+" alone that is hit",
			"write its name or its zone into the selector before you apply this")
		return x.pods(p, *t.Of)
	case scenarios.TargetNodesOf:
		x.partly(p, "what "+quotedTarget(t)+" are, is known only then, so that it is the pods of "+t.Set+" alone that are hit", "")
		return x.ofRole(t.Set, "", "all")
	}
	x.gap(p, quotedTarget(t)+" cannot be selected by pods", "a rule of the firewall between the machines")
	return nil
}

// ofRole selects pods of a set by their role; "" is any.
func (x *export) ofRole(name, role, mode string) []selector {
	of := x.set(name)
	if of == nil {
		return nil
	}
	labels := map[string]string{"role": role}
	if role == "" {
		labels = map[string]string{}
	}
	for key, value := range of.Spec.Template.Labels {
		labels[key] = value
	}
	return []selector{{namespaces: []string{of.Namespace}, by: []field{{"labelSelectors", mapping(labels)}}, mode: mode, set: of}}
}

// side selects the majority or the minority of a set by names: the first ordinals, or those that they leave over.
func (x *export) side(p *placed, t scenarios.Target) []selector {
	of := x.set(t.Set)
	if of == nil {
		return nil
	}
	n := of.replicas()
	names := of.pods(0, n/2+1)
	if t.Kind == scenarios.TargetMinority {
		names = of.pods(n/2+1, n)
	}
	if len(names) == 0 {
		x.gap(p, quotedTarget(t)+" is nobody", "give the set more replicas")
		return nil
	}
	x.partly(p, "who "+quotedTarget(t)+" is, is known only then: here it is "+strings.Join(names, ", "),
		"exchange the names if the primary is on the wrong side")
	return named(of.Namespace, names, "all", of)
}

// oneOf leaves a choice to chance, if what is chosen from can be said in one selector; or else it takes the first.
func (x *export) oneOf(p *placed, t scenarios.Target) []selector {
	if pods := podNames(t); len(pods) > 0 {
		x.partly(p, "the choice in "+quotedTarget(t)+" was the seed's, and is left to chance", "")
		of, namespace := x.setOfPod(pods[0])
		return named(namespace, pods, "one", of)
	}
	first := t.Among[0]
	if len(t.Among) == 1 && slices.Contains([]scenarios.TargetKind{scenarios.TargetLabelled, scenarios.TargetPodsOf}, first.Kind) {
		x.partly(p, "the choice in "+quotedTarget(t)+" was the seed's, and is left to chance", "")
		chosen := x.pods(p, first)
		for i := range chosen {
			chosen[i].mode = "one"
		}
		return chosen
	}
	if first.Kind == scenarios.TargetEveryNode || first.Kind == scenarios.TargetEveryZone || len(t.Among) == 1 {
		x.gap(p, "a choice among machines, as in "+quotedTarget(t)+", cannot be said", "name one of them in the scenario")
		return nil
	}
	x.partly(p, "the choice in "+quotedTarget(t)+" cannot be said: it is always "+quotedTarget(first), "")
	return x.pods(p, first)
}

// podNames are the pods to choose from, if they are all pods by name.
func podNames(t scenarios.Target) (names []string) {
	for _, of := range t.Among {
		if of.Kind != scenarios.TargetPod {
			return nil
		}
		names = append(names, of.Name)
	}
	return names
}

func (x *export) set(name string) *set {
	for i := range x.sets {
		if x.sets[i].Name == name {
			return &x.sets[i]
		}
	}
	return nil
}

// setOfPod is the set that a pod belongs to by its name, or nil, and the namespace that it is in.
func (x *export) setOfPod(name string) (of *set, namespace string) {
	if dash := strings.LastIndexByte(name, '-'); dash >= 0 {
		if of = x.set(name[:dash]); of != nil {
			return of, of.Namespace
		}
	}
	return nil, corev1.NamespaceDefault
}

// labelled is the only set whose pods can have those labels; nil if there are several, or none.
func (x *export) labelled(labels map[string]string) (of *set) {
	for i := range x.sets {
		fits := true
		for key, value := range labels {
			if key != "role" && x.sets[i].Spec.Template.Labels[key] != value {
				fits = false
			}
		}
		if fits && of != nil {
			return nil
		}
		if fits {
			of = &x.sets[i]
		}
	}
	return of
}

func quotedTarget(t scenarios.Target) string { return `"` + t.Text + `"` }
