package sim

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"

	"statefulsim/raftnode"
	"statefulsim/scenarios"
	"statefulsim/sim/engine"
)

// The whole story of the first scenario. Compare with BenchmarkBarePeers, which has the same peers, writes, reads and
// elections with nothing around them.
func BenchmarkPrimaryCrash(b *testing.B) {
	s := load(b, "primary-crash")
	var virtual time.Duration
	b.ReportAllocs()
	for b.Loop() {
		virtual += run(b, s, 1).Virtual
	}
	b.ReportMetric(virtual.Seconds()/b.Elapsed().Seconds(), "virtual/wall")
}

// Sets of plain pods, started one after the other: the cost of a pod must not grow with how many there are.
func BenchmarkOrderedStart(b *testing.B) {
	for _, replicas := range []int{100, 1000} {
		b.Run(fmt.Sprint(replicas), func(b *testing.B) {
			s := orderedStart(b, replicas)
			for b.Loop() {
				rec := run(b, s, 1)
				require.True(b, rec.Passed(), "%+v", rec.Expectations)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*replicas), "µs/pod")
		})
	}
}

// The same with all pods at once, up to ten thousand on two hundred nodes.
func BenchmarkParallelStart(b *testing.B) {
	for _, replicas := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(replicas), func(b *testing.B) {
			s := orderedStart(b, replicas)
			for _, m := range s.Objects {
				if set, ok := m.Object.(*appsv1.StatefulSet); ok {
					set.Spec.PodManagementPolicy = appsv1.ParallelPodManagement
				}
			}
			s.For = 2 * time.Minute
			for b.Loop() {
				rec := run(b, s, 1)
				require.True(b, rec.Passed(), "%+v", rec.Expectations)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*replicas), "µs/pod")
		})
	}
}

// orderedStart is the shipped scenario with more replicas, on twenty nodes or as many more as hold them, for as long as they need.
func orderedStart(b *testing.B, replicas int) *scenarios.Scenario {
	manifest, err := os.ReadFile("../scenarios/manifests/web.yaml")
	require.NoError(b, err)
	text := strings.Replace(string(manifest), "replicas: 5", fmt.Sprintf("replicas: %d", replicas), 1)
	s, err := scenarios.Parse("ordered-start.yaml", []byte(fmt.Sprintf(`
for: %ds
cluster: {zones: [a, b, c, d], nodesPerZone: %d, node: {cpu: "64", memory: 256Gi, pods: 110}}
manifests:
- |
  %s
expect: [{name: all are ready, finally: set.web.readyReplicas == %d}]
`, replicas*15, max(5, replicas/200), strings.ReplaceAll(text, "\n", "\n  "), replicas)), nil)
	require.NoError(b, err)
	return s
}

// Three bare peers with the writes, reads and elections of primary-crash, in the same kind of bubble: joined in turn, 420
// writes and 210 reads, the leader killed and started again.
func BenchmarkBarePeers(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		dir := b.TempDir()
		require.NoError(b, engine.Bubble(1, func() { bareStory(dir) }))
	}
}

// bare is the least that peers need: a loop that carries their messages.
type bare struct {
	loop  *engine.Loop
	mail  *engine.Mailbox[outgoing]
	dice  *engine.Dice
	dir   string
	peers map[string]*raftnode.Peer
	ended []*raftnode.Peer
	asked uint64
}

func bareStory(dir string) {
	w := &bare{loop: engine.NewLoop(), dice: engine.NewDice(1), dir: dir, peers: map[string]*raftnode.Peer{}}
	w.mail = engine.NewMailbox[outgoing](w.loop)
	for i, at := range []time.Duration{19, 35, 51} {
		name := fmt.Sprint("peer-", i)
		w.loop.Push(at*time.Second, func() { w.start(name, i == 0) })
		if i > 0 {
			w.onLeader(at*time.Second+1, func(p *raftnode.Peer) { p.Join(w.next(), name, name) })
		}
	}
	for i := range 420 {
		w.onLeader(70*time.Second+time.Duration(i)*107*time.Millisecond, func(p *raftnode.Peer) {
			p.Write(w.next(), fmt.Sprint("k", i%8), fmt.Sprint("writer-", i))
		})
	}
	for i := range 210 {
		w.onLeader(70*time.Second+time.Duration(i)*214*time.Millisecond, func(p *raftnode.Peer) { p.Read(w.next(), fmt.Sprint("k", i%8), true) })
	}
	w.loop.Push(76_700*time.Millisecond, w.crash)
	for w.loop.Now() < 120*time.Second {
		w.loop.Settle()
		w.loop.Collect()
		w.carry()
		if at, ok := w.loop.Head(); ok && at <= w.loop.Now() {
			w.loop.Apply()
		} else if ok {
			w.loop.Sleep(min(at, 120*time.Second))
		} else {
			w.loop.Sleep(120 * time.Second)
		}
	}
	for _, p := range w.peers {
		p.Kill()
		w.ended = append(w.ended, p)
	}
	for _, p := range w.ended {
		for !p.Gone() {
			w.loop.Sleep(w.loop.Now() + time.Second)
			w.loop.Settle()
		}
	}
}

func (w *bare) next() uint64 { w.asked++; return w.asked }

func (w *bare) start(name string, found bool) {
	p, err := raftnode.Start(raftnode.Config{
		ID: name, Address: name, Dir: w.dir + "/" + name, Bootstrap: found,
		DiskLatency: func(n uint64) time.Duration {
			return 100*time.Microsecond + time.Duration(w.dice.At("disk", name, n)%200_000)
		},
		Send:   func(m raftnode.Message) { w.mail.Put(outgoing{message: m}) },
		Answer: func(raftnode.Answer) {},
		Exited: func(error) {},
	})
	if err != nil {
		panic(err)
	}
	w.peers[name] = p
}

func (w *bare) leader() (string, *raftnode.Peer) {
	for i := range 3 {
		if p := w.peers[fmt.Sprint("peer-", i)]; p != nil && p.Status().Serving {
			return fmt.Sprint("peer-", i), p
		}
	}
	return "", nil
}

func (w *bare) onLeader(at time.Duration, do func(*raftnode.Peer)) {
	w.loop.Push(at, func() {
		if _, p := w.leader(); p != nil {
			do(p)
		} else {
			w.onLeader(w.loop.Now()+200*time.Millisecond, do)
		}
	})
}

func (w *bare) crash() {
	name, p := w.leader()
	p.Kill()
	w.ended = append(w.ended, p)
	delete(w.peers, name)
	w.loop.Push(w.loop.Now()+8*time.Second, func() { w.start(name, false) })
}

func (w *bare) carry() {
	sent := w.mail.Take()
	slices.SortFunc(sent, func(a, b outgoing) int { return raftnode.Compare(a.message, b.message) })
	for _, s := range sent {
		m := s.message
		w.loop.Push(w.loop.Now()+500*time.Microsecond+time.Duration(w.dice.Throw(m.From, m.To)%500_000), func() {
			if p := w.peers[m.To]; p != nil {
				p.Deliver(m)
			} else if from := w.peers[m.From]; from != nil && !m.Answer {
				from.Fail(m, errRefused)
			}
		})
	}
}

// Nodes on which nothing runs: what their leases, their status and the passes over them cost.
func BenchmarkIdleNodes(b *testing.B) {
	for _, perZone := range []int{5, 50} {
		b.Run(fmt.Sprint(4*perZone), func(b *testing.B) {
			s, err := scenarios.Parse("idle.yaml", []byte(fmt.Sprintf("for: 1000s\ncluster: {zones: [a, b, c, d], nodesPerZone: %d}\n", perZone)), nil)
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				run(b, s, 1)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*4*perZone*100), "µs/heartbeat")
		})
	}
}
