package story

import (
	"testing"

	"github.com/stretchr/testify/require"

	"statefulsim/sim"
)

// What faults of the network say, and whom they mark.
func TestLinks(t *testing.T) {
	node := func(name string) sim.Side { return sim.Side{Nodes: []string{name}} }
	pod := sim.Side{Pods: []string{"default/mysql-0", "shop/mysql-0"}}
	control := sim.Side{ControlPlane: true}
	places := []struct {
		name  string
		place sim.Place
	}{
		{"a", sim.Place{Node: "a", Zone: "west"}},
		{"b", sim.Place{Node: "b", Zone: "east"}},
		{"mysql-0", sim.Place{Pod: "default/mysql-0"}},
	}
	for _, test := range []struct {
		cut    sim.Cut
		text   string
		marked []string
	}{
		{sim.Cut{Action: "partition", From: node("a"), To: node("b")}, "a ✂ b", []string{"a", "b"}},
		{sim.Cut{Action: "partition", From: node("a"), To: node("a").Rest()}, "a ✂ everything else", []string{"a"}},
		{sim.Cut{Action: "partition", From: pod.Rest(), To: pod, OneWay: true}, "everything else ✂→ mysql-0, shop/mysql-0", []string{"mysql-0"}},
		{sim.Cut{Action: "partition", From: control, To: control.Rest()}, "the control plane ✂ everything else", []string{"a", "b"}},
		{sim.Cut{Action: "hold", From: control, To: sim.Side{Zones: []string{"west"}, Clients: []string{"writer"}}},
			"the control plane ‖ zone west, client writer", []string{"a"}},
		{sim.Cut{Action: "degrade", From: node("a"), To: control.Rest(), Except: node("b")}, "a ≈ everything but the control plane, except b", []string{"a"}},
	} {
		now := instant{scene: &Scene{Links: []Link{{Cut: &test.cut}}}}
		var marked []string
		for _, p := range places {
			if now.cut(p.place) || p.place.Node != "" && now.lonely(p.place) {
				marked = append(marked, p.name)
			}
		}
		require.Equal(t, test.text, cutInWords(&test.cut))
		require.Equal(t, test.marked, marked, test.text)
	}
}
