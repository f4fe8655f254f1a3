package sim

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/controller/store"
	"statefulsim/network"
	"statefulsim/scenarios"
)

// meant is what a target means at one instant.
type meant struct {
	pods                  []*sandbox // as they are on their machines
	nodes, zones, clients []string
	controlPlane          bool
}

// meaning finds out what a target means at this instant.
func (w *world) meaning(t scenarios.Target) (meant, error) {
	switch t.Kind {
	case scenarios.TargetUnion:
		return w.together(t)
	case scenarios.TargetOneOf:
		return w.chosen(t)
	case scenarios.TargetNode:
		return meant{nodes: []string{t.Name}}, nil
	case scenarios.TargetEveryNode, scenarios.TargetNodesWith, scenarios.TargetNodesOf, scenarios.TargetNodeOf:
		return w.someNodes(t)
	case scenarios.TargetZone:
		return meant{zones: []string{t.Name}}, nil
	case scenarios.TargetEveryZone, scenarios.TargetZoneOf:
		return w.someZones(t)
	case scenarios.TargetClient:
		return meant{clients: []string{t.Name}}, nil
	case scenarios.TargetControlPlane:
		return meant{controlPlane: true}, nil
	}
	pods, err := w.somePods(t)
	if err == nil && len(pods) == 0 {
		err = fmt.Errorf("%s: there is no such running pod now", t.Text)
	}
	return meant{pods: pods}, err
}

// pods finds the pods that a target means at this instant.
func (w *world) pods(t scenarios.Target) ([]*sandbox, error) {
	m, err := w.meaning(t)
	if err == nil && len(m.pods) == 0 {
		err = fmt.Errorf("%s is not a pod", t.Text)
	}
	return m.pods, err
}

// somePods finds the pods of a target that is neither composed nor a place.
func (w *world) somePods(t scenarios.Target) (found []*sandbox, err error) {
	switch t.Kind {
	case scenarios.TargetPod:
		return w.sandboxesWhere(func(pod *corev1.Pod) bool { return pod.Name == t.Name }), nil
	case scenarios.TargetLabelled:
		selector := labels.SelectorFromSet(t.Labels)
		return w.sandboxesWhere(func(pod *corev1.Pod) bool { return selector.Matches(labels.Set(pod.Labels)) }), nil
	case scenarios.TargetPodsOf:
		return w.podsOf(t.Set), nil
	case scenarios.TargetMajority:
		found, _, err = w.sidesOf(t.Set)
		return found, err
	case scenarios.TargetMinority:
		_, found, err = w.sidesOf(t.Set)
		return found, err
	case scenarios.TargetPrimary:
		if p := w.failovers.primaries[w.setNamed(t.Set)]; p != nil {
			found = append(found, p.sandbox)
		}
	case scenarios.TargetReplica:
		for _, p := range w.members(w.setNamed(t.Set)) {
			if w.failovers.primaries[p.sandbox.set] != p {
				found = append(found, p.sandbox)
			}
		}
		if len(found) > 0 {
			i := w.dice.Choose("target", t.Text, len(found))
			found = found[i : i+1]
		}
	}
	return found, nil
}

// podsOf lists the running pods of a set.
func (w *world) podsOf(set string) []*sandbox {
	return w.sandboxesWhere(func(pod *corev1.Pod) bool { return ownerOf(pod, store.StatefulSet) == set })
}

// setNamed is the key of the set of that name which had members last: no two sets have one name, whatever their namespaces.
func (w *world) setNamed(name string) (key store.Key) {
	for _, p := range w.everyMember() {
		if p.sandbox.set.Name == name {
			key = p.sandbox.set
		}
	}
	return key
}

// sandboxesWhere lists the running pods for which the test holds, in the order of their names.
func (w *world) sandboxesWhere(test func(*corev1.Pod) bool) (found []*sandbox) {
	for pod := range store.All[*corev1.Pod](w.store.View()) {
		if !test(pod) {
			continue
		}
		for _, m := range w.machines {
			if s := m.pods[pod.UID]; s != nil {
				found = append(found, s)
			}
		}
	}
	return found
}

// sides finds what two targets mean at this instant, as sides of a link. "everything else" is the complement of the other.
func (w *world) sides(a, b scenarios.Target) (from, to network.Side, err error) {
	if a.Kind == scenarios.TargetRest {
		to, from, err = w.sides(b, a)
		return from, to, err
	}
	if from, err = w.side(a); err != nil {
		return from, to, err
	}
	if b.Kind == scenarios.TargetRest {
		return from, from.Rest(), nil
	}
	to, err = w.side(b)
	return from, to, err
}

// machinesOf finds the machines that a target means at this instant.
func (w *world) machinesOf(t scenarios.Target) (found []*machine, err error) {
	side, err := w.side(t)
	for _, m := range w.machines {
		if err == nil && side.Has(m.place) {
			found = append(found, m)
		}
	}
	return found, err
}

// side is what a target means at this instant, as a side of a link.
func (w *world) side(t scenarios.Target) (network.Side, error) {
	m, err := w.meaning(t)
	side := network.Side{Nodes: m.nodes, Zones: m.zones, Clients: m.clients, ControlPlane: m.controlPlane}
	for _, s := range m.pods {
		side.Pods = append(side.Pods, s.place.Pod)
	}
	return side, err
}
