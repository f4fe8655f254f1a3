package network

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// steady returns a network in which every message takes a millisecond.
func steady() *Network {
	return New(seeded(1).draw, func(string, uint64) time.Duration { return time.Millisecond })
}

func TestReorderedMessagesOvertake(t *testing.T) {
	n := steady()
	all := Side{}.Rest()
	n.Degrade("mixed", all, all, Quality{Latency: 100 * time.Millisecond, Reorder: 0.25})
	const many = 4000
	early, overtaken := 0, 0
	var last time.Time
	for i := range many {
		now := epoch.Add(time.Duration(i) * time.Millisecond)
		arrival := now.Add(n.Send(now, web0, web1, "x", 200).Copies[0])
		switch {
		case arrival.Sub(now) < 2*time.Millisecond:
			early++
			if arrival.Before(last) {
				overtaken++
			}
		default:
			require.True(t, arrival.After(last), "those that are not reordered keep their order")
			require.Less(t, arrival.Sub(now), 102*time.Millisecond, "and none that overtook holds them up")
			last = arrival
		}
	}
	require.InDelta(t, 0.25, float64(early)/many, 0.02)
	require.Greater(t, overtaken, many/5)
}

func TestBandwidthQueues(t *testing.T) {
	n := steady()
	a, b := Side{Nodes: []string{"a"}}, Side{Nodes: []string{"b", "c"}}
	n.Degrade("thin", a, b, Quality{Bandwidth: 1000})
	took := func(from, to Place, kind string, size int) time.Duration {
		return n.Send(epoch, from, to, kind, size).Copies[0].Truncate(time.Millisecond)
	}
	ms := time.Millisecond
	require.Equal(t, 101*ms, took(web0, web1, "x", 100))
	require.Equal(t, 301*ms, took(web0, web2, "y", 200), "whatever goes that way shares the line")
	require.Equal(t, 51*ms, took(web1, web0, "x", 50), "the line back is another")
	require.Equal(t, ms, took(web1, web2, "x", 1000), "and other links are none of it")
	later := n.Send(epoch.Add(10*time.Second), web0, web1, "x", 100).Copies[0].Truncate(ms)
	require.Equal(t, 101*ms, later, "an idle line saves nothing up")
	require.True(t, n.Heal("thin"))
	require.Equal(t, ms, took(web0, web1, "x", 100))
}

// What a thin line carries moves no draw of anything.
func TestBandwidthMovesNoDraws(t *testing.T) {
	quiet, busy := seeded(3), seeded(3)
	for _, n := range []*Network{quiet, busy} {
		n.Degrade("thin", Side{}.Rest(), Side{}.Rest(), Quality{Bandwidth: 1000, Loss: 0.5})
	}
	for i := range 200 {
		now := epoch.Add(time.Duration(i) * time.Second)
		busy.Send(now, web2, web1, "y", 5000)
		mine, others := quiet.Send(now, web0, web1, "x", 100), busy.Send(now, web0, web1, "x", 100)
		require.Equal(t, mine.Lost, others.Lost)
	}
}

func TestBridgeReachesBothSides(t *testing.T) {
	n := steady()
	n.Cut("bridge", Side{Pods: []string{"default/web-0"}}, Side{Pods: []string{"default/web-0"}}.Rest(), Side{Pods: []string{"default/web-1"}}, false)
	for _, c := range []struct {
		from, to Place
		lost     string
	}{{web0, web2, "bridge"}, {web2, web0, "bridge"}, {web0, web1, ""}, {web1, web0, ""}, {web1, web2, ""}, {web2, web1, ""}} {
		require.Equal(t, c.lost, n.Send(epoch, c.from, c.to, "x", 200).Lost, "%s to %s", c.from, c.to)
	}
}
