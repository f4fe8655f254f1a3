package raftnode_test

import (
	"testing"
	"time"

	"statefulsim/raftnode"
)

// BenchmarkBarePeers is a minute of three peers with 300 writes, in which the leader crashes and comes back: what a run costs
// before there is a cluster around it.
func BenchmarkBarePeers(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		simulate(b, 1, time.Minute, func(w *world) {
			w.quiet = true
			w.three()
			for i := range 300 {
				w.write(4*time.Second + time.Duration(i)*170*time.Millisecond)
			}
			w.onLeader(20*time.Second, func(name string, _ *raftnode.Peer) { w.crash(name, 5*time.Second) })
		})
	}
	b.ReportMetric(time.Minute.Seconds()*float64(b.N)/b.Elapsed().Seconds(), "virtual-s/s")
}
