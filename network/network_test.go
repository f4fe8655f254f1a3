package network

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// seeded returns a network whose latencies are spread over the one to two times that each name has at least.
func seeded(seed uint64) *Network {
	least := map[string]time.Duration{
		"network": time.Millisecond, "networkZones": 3 * time.Millisecond, "networkOutside": 20 * time.Millisecond,
	}
	draw := func(purpose string, n uint64) uint64 {
		h := fnv.New64a()
		var b [16]byte
		binary.LittleEndian.PutUint64(b[:8], seed)
		binary.LittleEndian.PutUint64(b[8:], n)
		h.Write(b[:])
		h.Write([]byte(purpose))
		return mix(h.Sum64(), 0)
	}
	return New(draw, func(name string, bits uint64) time.Duration {
		return least[name] + time.Duration(unit(bits)*float64(least[name]))
	})
}

func podAt(pod, node, zone string) Place { return Place{Pod: "default/" + pod, Node: node, Zone: zone} }

var (
	web0, web1, web2 = podAt("web-0", "a", "z1"), podAt("web-1", "b", "z2"), podAt("web-2", "c", "z2")
	kubelet          = Place{Node: "a", Zone: "z1"}
	insider          = Place{Client: "insider", Zone: "z1"}
	outsider         = Place{Client: "outsider"}
	controlPlane     = Place{ControlPlane: true}
	places           = []Place{web0, web1, web2, kubelet, insider, outsider, controlPlane}
	kinds            = []string{"AppendEntries", "RequestVote"}
)

// message is one message of a test, sent after the one before it.
type message struct {
	after    time.Duration
	from, to Place
	kind     string
}

func messages(t *rapid.T, most time.Duration) []message {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) message {
		return message{
			after: time.Duration(rapid.Int64Range(0, int64(most)).Draw(t, "after")),
			from:  rapid.SampledFrom(places).Draw(t, "from"), to: rapid.SampledFrom(places).Draw(t, "to"),
			kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
		}
	}), 1, 60).Draw(t, "messages")
}

func drawSide(t *rapid.T, label string) Side {
	some := func(names ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 2, rapid.ID).Draw(t, label)
	}
	return Side{
		Pods: some("default/web-0", "default/web-1"), Nodes: some("a", "b"), Zones: some("z1", "z2"), Clients: some("insider", "outsider"),
		ControlPlane: rapid.Bool().Draw(t, label), Except: rapid.Bool().Draw(t, label),
	}
}

func degradeAtRandom(t *rapid.T, n *Network, name string, a, b Side, reorder float64) {
	up := func(label string) time.Duration { return time.Duration(rapid.Int64Range(0, 1e9).Draw(t, label)) }
	rate := func(label string) float64 { return rapid.Float64Range(0, 0.6).Draw(t, label) }
	n.Degrade(name, a, b, Quality{Latency: up("latency"), Jitter: up("jitter"), Loss: rate("loss"), Duplicate: rate("duplicate"), Reorder: reorder * rate("reorder")})
}

// send sends messages in turn and returns copies of their fates.
func send(n *Network, list []message) []Fate {
	var fates []Fate
	now := epoch
	for _, m := range list {
		now = now.Add(m.after)
		f := n.Send(now, m.from, m.to, m.kind, 200)
		f.Copies = slices.Clone(f.Copies)
		fates = append(fates, f)
	}
	return fates
}

func TestSameSeedSameFates(t *testing.T) {
	differ := 0
	rapid.Check(t, func(t *rapid.T) {
		list := messages(t, time.Millisecond)
		a, b := drawSide(t, "a"), drawSide(t, "b")
		one, other, changed := seeded(1), seeded(1), seeded(2)
		degradeAtRandom(t, one, "slow", a, b, 1)
		other.rules, changed.rules = one.rules, one.rules
		fates := send(one, list)
		require.Equal(t, fates, send(other, list))
		if fmt.Sprint(fates) != fmt.Sprint(send(changed, list)) {
			differ++
		}
	})
	require.NotZero(t, differ, "the seed has no effect")
}

// What goes over a link does not depend on other links' traffic, nor on rules about them.
func TestLinksAreIndependent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := messages(t, time.Millisecond)
		mine := list[0]
		quiet, busy := seeded(7), seeded(7)
		degradeAtRandom(t, quiet, "here", Side{}.Rest(), Side{}.Rest(), 1)
		busy.rules = slices.Clone(quiet.rules)
		busy.Cut("elsewhere", Side{Pods: []string{"default/web-2"}}, sideOf(mine.from, mine.to).Rest(), Side{}, false)

		now := epoch
		for i, fate := range send(busy, list) {
			now = now.Add(list[i].after)
			if list[i].from == mine.from && list[i].to == mine.to && list[i].kind == mine.kind {
				require.Equal(t, quiet.Send(now, mine.from, mine.to, mine.kind, 200), fate)
			}
		}
	})
}

// sideOf returns a side that has these places, and perhaps some others.
func sideOf(list ...Place) (s Side) {
	for _, p := range list {
		s.Pods, s.Nodes, s.Clients = append(s.Pods, p.Pod), append(s.Nodes, p.Node), append(s.Clients, p.Client)
		s.ControlPlane = s.ControlPlane || p.ControlPlane
	}
	return s
}

// No two links, directions or kinds share their draws.
func TestWaysDrawApart(t *testing.T) {
	seen := map[string]way{}
	ends := append(slices.Clone(places), podAt("web-0", "b", "z1"), podAt("web-0", "a", "z2"))
	for _, from := range ends {
		for _, to := range ends {
			for _, kind := range kinds {
				w := way{from, to, kind}
				require.NotContains(t, seen, w.purpose(), "%v", w)
				seen[w.purpose()] = w
			}
		}
	}
}

func TestCutLosesAndHealRestores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := messages(t, time.Millisecond)
		for i := range list {
			list[i].after += time.Second // no message waits for the one before it
		}
		a, b, oneWay := drawSide(t, "a"), drawSide(t, "b"), rapid.Bool().Draw(t, "oneWay")
		except := Side{Nodes: rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b"}), 0, 1).Draw(t, "except")}
		begin := rapid.IntRange(0, len(list)).Draw(t, "begin")
		end := rapid.IntRange(begin, len(list)).Draw(t, "end")
		want := send(seeded(3), list)

		n := seeded(3)
		now := epoch
		for i, m := range list {
			if i == begin {
				n.Cut("split", a, b, except, oneWay)
			}
			if i == end {
				n.Heal("split")
			}
			now = now.Add(m.after)
			isCut := i >= begin && i < end && m.from != m.to && !except.Has(m.from) && !except.Has(m.to) &&
				(a.Has(m.from) && b.Has(m.to) || !oneWay && a.Has(m.to) && b.Has(m.from))
			rule, cuts := n.Cuts(m.from, m.to)
			fate := n.Send(now, m.from, m.to, m.kind, 200)
			require.Equal(t, isCut, cuts)
			if isCut {
				require.Equal(t, "split", rule)
				require.Equal(t, Fate{Lost: "split"}, fate)
			} else {
				require.Equal(t, want[i], fate)
			}
		}
	})
}

func TestOrderIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := messages(t, time.Millisecond)
		n := seeded(5)
		degradeAtRandom(t, n, "rough", drawSide(t, "a"), drawSide(t, "b"), 0)
		degradeAtRandom(t, n, "rougher", drawSide(t, "a"), drawSide(t, "b"), 0)
		last := map[way]time.Time{}
		now := epoch
		for i, fate := range send(n, list) {
			now = now.Add(list[i].after)
			if len(fate.Copies) == 0 {
				continue
			}
			require.Positive(t, fate.Copies[0])
			w := way{list[i].from, list[i].to, list[i].kind}
			arrival := now.Add(fate.Copies[0])
			require.True(t, arrival.After(last[w]), "message %d overtakes", i)
			last[w] = arrival
			if len(fate.Copies) == 2 {
				require.Greater(t, fate.Copies[1], fate.Copies[0])
			}
		}
	})
}

func TestHealedDelayHoldsNothingUp(t *testing.T) {
	n := seeded(1)
	n.Degrade("slow", Side{Nodes: []string{"a"}}, Side{Nodes: []string{"b"}}, Quality{Latency: time.Minute})
	require.Greater(t, n.Send(epoch, web0, web1, "x", 200).Copies[0], time.Minute)
	require.Greater(t, n.Send(epoch.Add(time.Second), web0, web1, "x", 200).Copies[0], 59*time.Second)
	require.True(t, n.Heal("slow"))
	require.Less(t, n.Send(epoch.Add(2*time.Second), web0, web1, "x", 200).Copies[0], 10*time.Millisecond)
}

func TestRatesAreAboutRight(t *testing.T) {
	const many = 20_000
	n := seeded(11)
	everything := Side{}.Rest()
	n.Degrade("rough", everything, everything, Quality{Loss: 0.10, Duplicate: 0.30})
	n.Degrade("rougher", everything, everything, Quality{Loss: 0.20})
	lost, twice := map[string]int{}, 0
	for i := range many {
		fate := n.Send(epoch.Add(time.Duration(i)*time.Second), web0, web1, "x", 200)
		lost[fate.Lost]++
		if len(fate.Copies) == 2 {
			twice++
		}
	}
	require.InDelta(t, 0.10, float64(lost["rough"])/many, 0.01)
	require.InDelta(t, 0.90*0.20, float64(lost["rougher"])/many, 0.01)
	require.InDelta(t, 0.30, float64(twice)/float64(lost[""]), 0.015)
}

func TestLatencyFollowsPlaces(t *testing.T) {
	for _, c := range []struct {
		from, to    Place
		least, most time.Duration
	}{
		{web0, web1, 3 * time.Millisecond, 6 * time.Millisecond},
		{web1, web2, time.Millisecond, 2 * time.Millisecond},
		{web0, kubelet, 100 * time.Microsecond, 200 * time.Microsecond},
		{insider, web0, time.Millisecond, 2 * time.Millisecond},
		{insider, web1, 3 * time.Millisecond, 6 * time.Millisecond},
		{outsider, web0, 20 * time.Millisecond, 40 * time.Millisecond},
		{web0, outsider, 20 * time.Millisecond, 40 * time.Millisecond},
		{kubelet, controlPlane, time.Millisecond, 2 * time.Millisecond},
	} {
		n := seeded(2)
		for i := range 50 {
			d := n.Send(epoch.Add(time.Duration(i)*time.Second), c.from, c.to, "x", 200).Copies[0]
			require.GreaterOrEqual(t, d, c.least, "%s to %s", c.from, c.to)
			require.Less(t, d, c.most+time.Microsecond, "%s to %s", c.from, c.to)
		}
	}
}

func TestConstantLatencyIsOdd(t *testing.T) {
	n := New(seeded(1).draw, func(string, uint64) time.Duration { return time.Millisecond })
	seen := map[time.Duration]bool{}
	for i := range 100 {
		d := n.Send(epoch.Add(time.Duration(i)*time.Second), web0, web1, "x", 200).Copies[0]
		require.Greater(t, d, time.Millisecond)
		require.Less(t, d, time.Millisecond+time.Microsecond)
		seen[d] = true
	}
	require.Greater(t, len(seen), 80)
}

func TestSendDoesNotAllocate(t *testing.T) {
	n := New(func(string, uint64) uint64 { return 42 }, func(string, uint64) time.Duration { return time.Millisecond })
	n.Degrade("rough", Side{Zones: []string{"z1"}}, Side{}.Rest(), Quality{Duplicate: 1, Reorder: 0.5, Bandwidth: 1e9})
	n.Send(epoch, web0, web1, "x", 200)
	require.Zero(t, testing.AllocsPerRun(100, func() { n.Send(epoch, web0, web1, "x", 200) }))
}

func BenchmarkSend(b *testing.B) {
	n := New(func(string, uint64) uint64 { return 42 }, func(string, uint64) time.Duration { return time.Millisecond })
	for b.Loop() {
		n.Send(epoch, web0, web1, "AppendEntries", 200)
	}
}
