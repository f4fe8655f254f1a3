package network

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestRulesPrintThemselves(t *testing.T) {
	n := seeded(1)
	zone := Side{Zones: []string{"z1"}}
	n.Cut("split", zone, zone.Rest(), Side{}, false)
	n.Cut("bridge", zone, zone.Rest(), Side{Pods: []string{"default/web-2"}}, false)
	n.Cut("deaf", Side{}.Rest(), Side{Pods: []string{"default/web-0", "default/web-1"}}, Side{}, true)
	n.Hold("pause", Side{Nodes: []string{"a"}, ControlPlane: true}, Side{})
	n.Degrade("rough", Side{Clients: []string{"writer"}}, Side{}.Rest(), Quality{
		Latency: 20 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: 0.125, Duplicate: 0.5, Reorder: 0.25, Bandwidth: 1000})
	n.Degrade("far", zone, zone.Rest(), Quality{Latency: time.Second})

	var got []string
	for _, rule := range n.rules {
		got = append(got, rule.String())
	}
	require.Equal(t, []string{
		"split: cut between zone z1 and everything but zone z1",
		"bridge: cut between zone z1 and everything but zone z1 except pod default/web-2",
		"deaf: cut from everything to pod default/web-0 and pod default/web-1, one way",
		"pause: hold between node a and control plane and nothing",
		"rough: degrade between client writer and everything: latency +20ms, jitter 5ms, loss 12.5%, duplicate 50%, reorder 25%, bandwidth 1000 B/s",
		"far: degrade between zone z1 and everything but zone z1: latency +1s",
	}, got)
}

func TestRulesComposeAndHealByName(t *testing.T) {
	n := seeded(1)
	a, b := Side{Nodes: []string{"a"}}, Side{Nodes: []string{"b"}}
	fate := func() Fate { return n.Send(epoch, web0, web1, "x", 200) }

	n.Hold("pause", a, b)
	require.Equal(t, Fate{Held: "pause"}, fate())
	n.Cut("split", b, a, Side{}, false)
	n.Cut("other", a, b, Side{}, false)
	require.Equal(t, Fate{Lost: "split"}, fate(), "a cut wins over a hold, and the first cut names itself")
	require.True(t, n.Heal("split"))
	require.False(t, n.Heal("split"))
	require.Equal(t, Fate{Lost: "other"}, fate())
	require.True(t, n.Heal("other"))
	require.Equal(t, Fate{Held: "pause"}, fate())

	n.Cut("twice", a, b, Side{}, true)
	n.Cut("twice", b, a, Side{}, true)
	require.True(t, n.Heal("twice"))
	require.Len(t, n.rules, 1, "all rules of a name are healed at once")
	require.True(t, n.Heal(n.rules[0].Name))
	require.Empty(t, n.rules)
	require.Len(t, fate().Copies, 1)
}

func TestNothingCutsAPlaceFromItself(t *testing.T) {
	n := seeded(1)
	n.Cut("all", Side{}.Rest(), Side{}.Rest(), Side{}, false)
	require.Len(t, n.Send(epoch, web0, web0, "x", 200).Copies, 1)
	_, isCut := n.Cuts(web0, web0)
	require.False(t, isCut)
	require.Equal(t, "all", n.Send(epoch, web0, kubelet, "x", 200).Lost)
}

func TestSidesTakeInWhatStandsThere(t *testing.T) {
	for _, c := range []struct {
		side Side
		has  []Place
	}{
		{Side{}, nil},
		{Side{}.Rest(), places},
		{Side{Pods: []string{"default/web-0"}}, []Place{web0}},
		{Side{Nodes: []string{"a"}}, []Place{web0, kubelet}},
		{Side{Zones: []string{"z1"}}, []Place{web0, kubelet, insider}},
		{Side{Zones: []string{"z1"}, Clients: []string{"outsider"}}.Rest(), []Place{web1, web2, controlPlane}},
		{Side{Clients: []string{"insider"}, ControlPlane: true}, []Place{insider, controlPlane}},
	} {
		var has []Place
		for _, p := range places {
			if c.side.Has(p) {
				has = append(has, p)
			}
		}
		require.Equal(t, c.has, has, "%s", c.side)
	}
	rapid.Check(t, func(t *rapid.T) {
		side, p := drawSide(t, "side"), rapid.SampledFrom(places).Draw(t, "place")
		require.NotEqual(t, side.Has(p), side.Rest().Has(p))
		require.Equal(t, side, side.Rest().Rest())
	})
}

func TestPlacesPrintThemselves(t *testing.T) {
	var got []string
	for _, p := range append(places, Place{Zone: "z1"}) {
		got = append(got, p.String())
	}
	require.Equal(t, []string{"pod default/web-0", "pod default/web-1", "pod default/web-2", "node a", "client insider",
		"client outsider", "control plane", "zone z1"}, got)
}
