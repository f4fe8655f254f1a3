package tui

import (
	"slices"
	"strings"

	"statefulsim/scenarios"
	"statefulsim/sim/story"
)

// object is a named object that commands can be about.
type object struct{ kind, namespace, name string }

// objectsIn are the pods, sets, nodes, services and claims that there are.
func objectsIn(scene *story.Scene) (all []object) {
	for _, pod := range podsOf(scene) {
		all = append(all, object{"Pod", pod.Namespace, pod.Name})
	}
	for _, set := range scene.Sets {
		all = append(all, object{"StatefulSet", set.Namespace, set.Name})
	}
	for _, node := range nodesOf(scene) {
		all = append(all, object{"Node", "", node.Name})
	}
	for _, service := range scene.Services {
		all = append(all, object{"Service", service.Namespace, service.Name})
	}
	for _, claim := range scene.Claims {
		all = append(all, object{"PersistentVolumeClaim", claim.Namespace, claim.Claim})
	}
	return all
}

func (t *typist) pods() []string  { return slices.Clip(t.names["Pod"]) }
func (t *typist) nodes() []string { return slices.Clip(t.names["Node"]) }
func (t *typist) sets() []string  { return slices.Clip(t.names["StatefulSet"]) }

func (t *typist) zones() (names []string) {
	for _, zone := range t.scene.Zones {
		if zone.Name != "" {
			names = append(names, zone.Name)
		}
	}
	return names
}

func (t *typist) clients() (names []string) {
	for _, c := range t.scenario.Clients {
		names = append(names, c.Name)
	}
	return names
}

// leading are the sets whose pods lead each other.
func (t *typist) leading() (sets []string) {
	for _, set := range t.sets() {
		if t.scenario.Runs[set].Leads() {
			sets = append(sets, set)
		}
	}
	return sets
}

// components are the parts of the control plane.
func (t *typist) components() []string {
	all := slices.Clone(scenarios.Components())
	for _, runs := range t.scenario.Runs {
		if runs.Kind == scenarios.Replicated {
			return append(all, scenarios.DatabaseOperator)
		}
	}
	return all
}

// containers are the names of all containers that pods have, as far as sets say.
func (t *typist) containers() (names []string) {
	for _, set := range setsOf(t.scenario) {
		for _, c := range set.Spec.Template.Spec.Containers {
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	return names
}

// healable are the names of steps that a command can heal: the faults in force, and what else goes on or comes again.
func (t *typist) healable() []string {
	names := []string{"all"}
	for _, f := range t.scene.Faults {
		names = append(names, f.Step)
	}
	for _, step := range t.scenario.Steps {
		_, command := step.Do.(scenarios.Kubectl)
		if (command || step.Every > 0) && step.Name != "" && !slices.Contains(names, step.Name) {
			names = append(names, step.Name)
		}
	}
	return names
}

// podsOf are all pods of a scene, by namespace and name.
func podsOf(scene *story.Scene) []story.Pod {
	all := slices.Clone(scene.Unbound)
	for _, node := range nodesOf(scene) {
		all = append(all, node.Pods...)
	}
	slices.SortStableFunc(all, func(a, b story.Pod) int {
		if a.Namespace != b.Namespace {
			return strings.Compare(a.Namespace, b.Namespace)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

// nodesOf are all nodes of a scene, zone by zone.
func nodesOf(scene *story.Scene) (all []story.Node) {
	for _, zone := range scene.Zones {
		all = append(all, zone.Nodes...)
	}
	return all
}
