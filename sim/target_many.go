package sim

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
)

// someNodes finds the nodes of a target that can be several. Those of labels are looked up in the API server.
func (w *world) someNodes(t scenarios.Target) (m meant, err error) {
	switch t.Kind {
	case scenarios.TargetEveryNode:
		for _, machine := range w.machines {
			m.nodes = append(m.nodes, machine.place.Node)
		}
	case scenarios.TargetNodesWith:
		selector := labels.SelectorFromSet(t.Labels)
		for node := range store.All[*corev1.Node](w.store.View()) {
			if selector.Matches(labels.Set(node.Labels)) {
				m.nodes = append(m.nodes, node.Name)
			}
		}
	case scenarios.TargetNodesOf:
		m.nodes = placesOf(w.podsOf(t.Set), func(s *sandbox) string { return s.place.Node })
	case scenarios.TargetNodeOf:
		of, err := w.pods(*t.Of)
		if err != nil {
			return m, err
		}
		m.nodes = placesOf(of, func(s *sandbox) string { return s.place.Node })
	}
	if len(m.nodes) == 0 {
		return m, fmt.Errorf("%s: there is no such node now", t.Text)
	}
	return m, nil
}

// someZones finds the zones of a target that can be several.
func (w *world) someZones(t scenarios.Target) (m meant, err error) {
	if t.Kind == scenarios.TargetZoneOf {
		of, err := w.pods(*t.Of)
		if err != nil {
			return m, err
		}
		m.zones = placesOf(of, func(s *sandbox) string { return s.place.Zone })
	} else {
		for _, machine := range w.machines {
			if zone := machine.place.Zone; zone != "" && !slices.Contains(m.zones, zone) {
				m.zones = append(m.zones, zone)
			}
		}
	}
	if len(m.zones) == 0 {
		return m, fmt.Errorf("%s: there is no such zone", t.Text)
	}
	return m, nil
}

// placesOf lists where pods are, each place once and none without a name, sorted.
func placesOf(pods []*sandbox, place func(*sandbox) string) (names []string) {
	for _, s := range pods {
		if name := place(s); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// together is all that the parts of a target mean. Each of them must be there.
func (w *world) together(t scenarios.Target) (all meant, err error) {
	for _, of := range t.Among {
		m, err := w.meaning(of)
		if err != nil {
			return all, err
		}
		for _, s := range m.pods {
			if !slices.Contains(all.pods, s) {
				all.pods = append(all.pods, s)
			}
		}
		all.nodes, all.zones = append(all.nodes, m.nodes...), append(all.zones, m.zones...)
		all.clients, all.controlPlane = append(all.clients, m.clients...), all.controlPlane || m.controlPlane
	}
	return all, nil
}

// chosen is one of the parts of a target that are there or, if it has one part only, one of the many that this means.
func (w *world) chosen(t scenarios.Target) (meant, error) {
	var there []meant
	var missing error
	for _, of := range t.Among {
		if m, err := w.meaning(of); err != nil {
			missing = cmp.Or(missing, err)
		} else {
			there = append(there, m)
		}
	}
	if len(t.Among) == 1 && len(there) == 1 {
		there = w.singles(there[0])
	}
	if len(there) == 0 {
		return meant{}, missing
	}
	return there[w.dice.Choose("target", t.Text, len(there))], nil
}

// singles takes apart what a target means. Machines without power are left out, unless there are no others.
func (w *world) singles(m meant) (all []meant) {
	for _, s := range m.pods {
		all = append(all, meant{pods: []*sandbox{s}})
	}
	up := slices.DeleteFunc(slices.Clone(m.nodes), func(name string) bool { return w.machineOf[name] != nil && w.machineOf[name].down != nil })
	if len(up) == 0 {
		up = m.nodes
	}
	for _, name := range up {
		all = append(all, meant{nodes: []string{name}})
	}
	for _, name := range m.zones {
		all = append(all, meant{zones: []string{name}})
	}
	return all
}

// sidesOf divides the running members of a set at this instant. The majority are so many as are more than half of the voters: the
// primary, if there is one, and others by a seeded choice, which is the same all through the instant. The minority are the rest.
func (w *world) sidesOf(set string) (majority, minority []*sandbox, err error) {
	members := w.members(w.setNamed(set))
	voters, primary := 0, w.failovers.primaries[w.setNamed(set)]
	drawn := map[*process]uint64{}
	for _, p := range members {
		drawn[p] = w.dice.At("side", p.sandbox.name(), uint64(w.loop.Now()))
		if r, is := p.program.(*raftPeer); is {
			voters = max(voters, len(r.status.Voters))
		}
	}
	if primary != nil {
		drawn[primary] = 0
	}
	slices.SortStableFunc(members, func(a, b *process) int { return cmp.Compare(drawn[a], drawn[b]) })
	if voters == 0 {
		voters = len(members)
	}
	half := voters/2 + 1
	if len(members) < half {
		return nil, nil, fmt.Errorf("%d of the %d members of %s run, which is no majority", len(members), voters, set)
	}
	for i, p := range members {
		if i < half {
			majority = append(majority, p.sandbox)
		} else {
			minority = append(minority, p.sandbox)
		}
	}
	return majority, minority, nil
}
