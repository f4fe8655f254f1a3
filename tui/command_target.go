package tui

import (
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
)

// target returns the words of the scenario language for what somebody calls a pod, a machine or a place, if there is one now. A bare name is
// enough, whatever has it.
func (t *typist) target(text, typ string) (target string, fits bool) {
	if !strings.HasPrefix(text, "one of ") && strings.Contains(text, " and ") {
		var parts []string
		for part := range strings.SplitSeq(text, " and ") {
			one, fits := t.target(part, typ)
			if !fits {
				return "", false
			}
			parts = append(parts, one)
		}
		return strings.Join(parts, " and "), true
	}
	text = t.longName(text)
	meant, err := targetOf(text)
	if err != nil {
		return "", false
	}
	return text, suits(meant.Kind, typ) && t.there(meant) == nil
}

// longName writes a target as the language does: "node node-a" for node-a, "the primary of mysql" for leader.
func (t *typist) longName(text string) string {
	for _, kind := range []struct {
		word  string
		names []string
	}{{"", t.pods()}, {"node ", t.nodes()}, {"zone ", t.zones()}, {"client ", t.clients()}} {
		if slices.Contains(kind.names, text) {
			return kind.word + text
		}
	}
	bare := strings.TrimPrefix(text, "the ")
	for _, leader := range []string{"leader", "primary"} {
		if of, is := strings.CutPrefix(bare, leader+" of "); is {
			return "the primary of " + of
		}
		if sets := t.leading(); bare == leader && len(sets) == 1 {
			return "the primary of " + sets[0]
		}
	}
	for _, place := range []string{"node of ", "zone of "} {
		if of, is := strings.CutPrefix(bare, place); is {
			return "the " + place + t.longName(of)
		}
	}
	if bare == "control plane" || bare == "controlplane" {
		return "the control plane"
	}
	return text
}

// targetOf reads the words of a target, whatever kind it is of: making an action of them looks at their form alone.
func targetOf(text string) (scenarios.Target, error) {
	do, err := kindOf("kill").Make(map[string]string{"target": text})
	if err != nil {
		return scenarios.Target{}, err
	}
	return do.(scenarios.Kill).Target, nil
}

// suits tells whether a target of a kind can be meant for a field of a type.
func suits(kind scenarios.TargetKind, typ string) bool {
	switch kind {
	case scenarios.TargetOneOf, scenarios.TargetUnion:
		return true
	case scenarios.TargetClient, scenarios.TargetControlPlane, scenarios.TargetRest:
		return typ == "places"
	case scenarios.TargetNode, scenarios.TargetNodeOf, scenarios.TargetZone, scenarios.TargetZoneOf, scenarios.TargetEveryNode,
		scenarios.TargetEveryZone, scenarios.TargetNodesWith, scenarios.TargetNodesOf:
		return typ != "pods"
	}
	return typ != "machines"
}

// there is the error for a target that names what is not there now.
func (t *typist) there(what scenarios.Target) error {
	switch what.Kind {
	case scenarios.TargetPod:
		return refused("pod", what.Name, t.pods())
	case scenarios.TargetNode:
		return refused("node", what.Name, t.nodes())
	case scenarios.TargetZone:
		return refused("zone", what.Name, t.zones())
	case scenarios.TargetClient:
		return refused("client", what.Name, t.clients())
	case scenarios.TargetPrimary, scenarios.TargetReplica, scenarios.TargetMajority, scenarios.TargetMinority:
		return refused("StatefulSet with a primary", what.Set, t.leading())
	case scenarios.TargetPodsOf, scenarios.TargetNodesOf:
		return refused("StatefulSet", what.Set, t.sets())
	case scenarios.TargetNodeOf, scenarios.TargetZoneOf:
		return t.there(*what.Of)
	}
	return nil
}

// noTarget says why a text is no target for a field of a type.
func (t *typist) noTarget(text, typ string) error {
	kinds := map[string]string{"pods": "a pod", "machines": "a node or a zone", "places": "a pod, a node, a zone or a client"}
	full := t.longName(text)
	meant, err := targetOf(full)
	if err != nil {
		return mistake(words.Quoted(text)+" is not "+kinds[typ], words.DidYouMean(text, t.targets(typ)))
	}
	switch {
	case typ == "machines" && slices.Contains(t.pods(), text):
		return mistake(text+" is a pod, and not "+kinds[typ], "the node of "+text)
	case t.there(meant) == nil:
		return mistake(full+" is not "+kinds[typ], "known are: "+words.OneOf(t.targets(typ)))
	case meant.Kind == scenarios.TargetPod:
		return refusedTarget(text, kinds[typ], t.targets(typ))
	}
	return t.there(meant)
}

// refusedTarget is refused for a bare name that can be of several kinds.
func refusedTarget(name, kinds string, known []string) error {
	return mistake(words.Quoted(name)+" is not "+kinds+" that there is now", words.DidYouMean(name, known))
}

// targets are what can be typed where pods, machines or places are meant, the likeliest first.
func (t *typist) targets(typ string) (all []string) {
	if typ == "machines" {
		all = t.nodes()
		for _, set := range t.leading() {
			all = append(all, "the node of the primary of "+set)
		}
		return append(all, prefixed("zone ", t.zones())...)
	}
	pods := slices.Clone(t.pods())
	for _, set := range t.leading() {
		pods = append(pods, "the primary of "+set, "a replica of "+set)
	}
	if typ == "pods" {
		return pods
	}
	all = append(t.nodes(), pods...)
	all = append(all, prefixed("zone ", t.zones())...)
	return append(append(all, prefixed("client ", t.clients())...), "the control plane")
}

func prefixed(prefix string, names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = prefix + name
	}
	return all
}

// setsOf are the StatefulSets of a scenario's manifests, and of those that its steps apply.
func setsOf(s *scenarios.Scenario) (sets []*appsv1.StatefulSet) {
	all := slices.Clone(s.Objects)
	for _, step := range s.Steps {
		if command, is := step.Do.(scenarios.Kubectl); is {
			for _, file := range slices.Sorted(maps.Keys(command.Files)) {
				all = append(all, command.Files[file]...)
			}
		}
	}
	for _, m := range all {
		if set, is := m.Object.(*appsv1.StatefulSet); is {
			sets = append(sets, set)
		}
	}
	return sets
}
