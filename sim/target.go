package sim

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/controller/store"
	"statefulsim/network"
	"statefulsim/scenarios"
)

// pods finds the pods that a target means at this instant, as they are on their machines.
func (w *world) pods(t scenarios.Target) ([]*sandbox, error) {
	var found []*sandbox
	switch t.Kind {
	case scenarios.TargetPod:
		found = w.sandboxesWhere(func(pod *corev1.Pod) bool { return pod.Name == t.Name })
	case scenarios.TargetLabelled:
		selector := labels.SelectorFromSet(t.Labels)
		found = w.sandboxesWhere(func(pod *corev1.Pod) bool { return selector.Matches(labels.Set(pod.Labels)) })
	case scenarios.TargetPrimary:
		if r := w.failovers.primaries[setKey(t.Set)]; r != nil {
			found = append(found, r.process.sandbox)
		}
	case scenarios.TargetReplica:
		var replicas []*sandbox
		for _, r := range w.peers {
			if r.set == setKey(t.Set) && w.failovers.primaries[r.set] != r {
				replicas = append(replicas, r.process.sandbox)
			}
		}
		if len(replicas) > 0 {
			found = append(found, replicas[w.dice.Choose("target", t.Text, len(replicas))])
		}
	default:
		return nil, fmt.Errorf("%s is not a pod", t.Text)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: there is no such running pod now", t.Text)
	}
	return found, nil
}

func setKey(name string) store.Key {
	return store.Key{Kind: store.StatefulSet, Namespace: corev1.NamespaceDefault, Name: name}
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

func (w *world) side(t scenarios.Target) (network.Side, error) {
	switch t.Kind {
	case scenarios.TargetNode:
		return network.Side{Nodes: []string{t.Name}}, nil
	case scenarios.TargetZone:
		return network.Side{Zones: []string{t.Name}}, nil
	case scenarios.TargetClient:
		return network.Side{Clients: []string{t.Name}}, nil
	case scenarios.TargetControlPlane:
		return network.Side{ControlPlane: true}, nil
	case scenarios.TargetNodeOf:
		pods, err := w.pods(*t.Of)
		if err != nil {
			return network.Side{}, err
		}
		var nodes []string
		for _, s := range pods {
			nodes = append(nodes, s.place.Node)
		}
		slices.Sort(nodes)
		return network.Side{Nodes: slices.Compact(nodes)}, nil
	}
	pods, err := w.pods(t)
	if err != nil {
		return network.Side{}, err
	}
	var names []string
	for _, s := range pods {
		names = append(names, s.place.Pod)
	}
	return network.Side{Pods: names}, nil
}
