package sim

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
)

// More raft clusters out of one are two writable primaries, from the moment at which the second leads.
func TestSplitRaft(t *testing.T) {
	s, err := scenarios.Parse("split.yaml", []byte("for: 70s\n"+head("OrderedReady", 3)+"- {at: 1s, heal: all}\n"), fstest.MapFS{})
	require.NoError(t, err)
	rec, err := runWith(context.Background(), s, Options{Seed: 3}, func(w *world) {
		w.loop.Push(40*time.Second, func() {
			for _, r := range slices.Clone(w.peers) {
				if r.id != "db-0" {
					r.process.end("kill", "Killed", Normal)
					w.emptyDisk(r)
					p := r.process.sandbox.start(r.process.container, 1)
					p.program = founder{p.program.(*raftPeer), true}
				}
			}
		})
	})
	require.NoError(t, err)
	require.NotEmpty(t, rec.SplitBrains)
	first := rec.SplitBrains[0]
	require.Equal(t, "db", first.Set)
	require.Len(t, first.Pods, 2)
	require.Greater(t, first.From, 40*time.Second)
	require.Equal(t, "become Peer", rec.Events[first.Because-1].Verb+" "+rec.Events[first.Because-1].Kind)
}
