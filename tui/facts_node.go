package tui

import (
	"slices"
	"strings"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

func (v *view) nodeFacts() *facts {
	n := v.scene.Node(v.selected.name)
	if n == nil {
		return nil
	}
	machine, is := "runs", "its Node object is gone"
	if n.Down != "" {
		machine = n.Down
	}
	if n.Ready != "" {
		is = "condition Ready is " + n.Ready
	}
	if n.Cordoned {
		is += ", cordoned"
	}
	f := &facts{state: nodeState(n), rules: nodeRules(n), lines: []fact{{"is", is}, {"machine", machine}}}
	if n.Down != "" { // and that is what its lane is about
		slices.Reverse(f.lines)
	}
	if n.Zone != "" {
		f.lines = append(f.lines, fact{"zone", n.Zone})
	}
	if len(n.Taints) > 0 {
		f.lines = append(f.lines, fact{"taints", strings.Join(n.Taints, ", ")})
	}
	if n.Cut {
		f.lines = append(f.lines, fact{"network", hitByFault})
	}
	return adding(f, "pods", podNames(n.Pods))
}

const hitByFault = "a fault in force hits messages from it or to it"

func podNames(pods []story.Pod) (names []string) {
	for i := range pods {
		names = append(names, sim.DisplayName(pods[i].Namespace, pods[i].Name)+" "+pods[i].Status)
	}
	return names
}

func (v *view) zoneFacts() *facts {
	i := slices.IndexFunc(v.scene.Zones, func(z story.Zone) bool { return z.Name == v.selected.name })
	if i < 0 {
		return nil
	}
	f := &facts{state: story.Serving}
	var names []string
	for j := range v.scene.Zones[i].Nodes {
		n := &v.scene.Zones[i].Nodes[j]
		names = append(names, strings.TrimSpace(n.Name+" "+nodeTrouble(n)))
		if nodeState(n) != story.Serving {
			f.state = story.Unready
		}
	}
	if len(names) == 0 {
		names = []string{"none"}
	}
	return adding(f, "nodes", names)
}
