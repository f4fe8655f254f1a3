package raftnode_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/raftnode"
)

var errDisk = errors.New("no space left on device")

// full is a disk that takes nothing more.
func full(use raftnode.DiskUse) error {
	if use == raftnode.WriteLog || use == raftnode.WriteSnapshot {
		return errDisk
	}
	return nil
}

func dead(raftnode.DiskUse) error { return errDisk }

// nurse starts peers that have ended again, until some instant.
func (w *world) nurse(until time.Duration) {
	for at := time.Second; at < until; at += 500 * time.Millisecond {
		w.at(at+123_457, func() {
			for _, name := range w.names() {
				if w.peers[name].Gone() {
					w.note("%s starts again", name)
					w.start(name, false)
				}
			}
		})
	}
}

// requireKept reads each register at the end and holds it against the last write that was acknowledged.
func (w *world) requireKept(t *testing.T, history map[string][]string) {
	t.Helper()
	kept, acknowledged := map[string]bool{}, 0
	for _, values := range history {
		for _, value := range values {
			kept[value] = true
		}
	}
	for id, a := range w.got {
		if a.Err == nil && a.Index > 0 && w.wrote[id] {
			acknowledged++
			require.True(t, kept[fmt.Sprintf("value-%d", id)], "write %d was acknowledged", id)
		}
	}
	require.Greater(t, acknowledged, 50)
}

// sick is a world in which a peer's disk fails for a while, beside a cluster that is being written to.
func sick(w *world, whose func(leader string) string, fault func(raftnode.DiskUse) error, history *map[string][]string) {
	w.timing = raftnode.Timing{SnapshotThreshold: 16, SnapshotInterval: time.Second, TrailingLogs: 8}
	w.wrote = map[uint64]bool{}
	w.three()
	w.nurse(38 * time.Second)
	for i := range 200 {
		w.onLeader(4*time.Second+time.Duration(i)*150*time.Millisecond, func(_ string, p *raftnode.Peer) {
			id := w.id()
			w.wrote[id] = true
			p.Write(id, fmt.Sprintf("key-%d", id%5), fmt.Sprintf("value-%d", id))
		})
	}
	w.onLeader(10*time.Second, func(leader string, _ *raftnode.Peer) {
		name := whose(leader)
		w.note("the disk of %s fails", name)
		w.faults[name] = fault
		w.at(20*time.Second, func() {
			w.note("the disk of %s works again", name)
			delete(w.faults, name)
		})
	})
	w.at(39*time.Second, func() {
		for _, name := range w.names() {
			w.note("%s: %v", name, w.peers[name].Status())
		}
		*history = w.peers[w.leader()].History()
	})
}

// TestFailingDisks lets the disk of the leader, or of a follower, fail: nothing that was acknowledged is lost, and all happens
// the same way again.
func TestFailingDisks(t *testing.T) {
	leader := func(leader string) string { return leader }
	follower := func(leader string) string { return map[string]string{"p0": "p1", "p1": "p2", "p2": "p0"}[leader] }
	for name, c := range map[string]struct {
		whose func(string) string
		fault func(raftnode.DiskUse) error
		exits bool // the term changes meanwhile, and is not written
	}{
		"the leader's is full": {leader, full, true},
		"the leader's is dead": {leader, dead, true},
		"a follower's is full": {follower, full, false},
		"a follower's is dead": {follower, dead, false},
		"snapshots cannot be read": {leader, func(use raftnode.DiskUse) error {
			if use == raftnode.ReadSnapshot {
				return errDisk
			}
			return nil
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, seed := range seeds(1) {
				var history map[string][]string
				play := func(w *world) { sick(w, c.whose, c.fault, &history) }
				w := simulate(t, seed, 40*time.Second, play)
				w.requireKept(t, history)
				require.Equal(t, c.exits, len(w.exits) > 0, w.exits)
				requireSame(t, seed, w.trace, simulate(t, seed, 40*time.Second, play).trace)
			}
		})
	}
}

// TestFullLeader steps down at once, and ends when it is told of another term, which it cannot write; then it cannot start.
func TestFullLeader(t *testing.T) {
	var history map[string][]string
	w := simulate(t, 1, 40*time.Second, func(w *world) { sick(w, func(leader string) string { return leader }, full, &history) })
	require.Greater(t, len(w.exits), 2, "it is started again in vain")
	for _, exit := range w.exits {
		require.Equal(t, "p0: failed to save current term: no space left on device", exit)
	}
}

// TestALogThatCannotBeOpened ends the peer that wanted to.
func TestALogThatCannotBeOpened(t *testing.T) {
	w := simulate(t, 1, 20*time.Second, func(w *world) {
		w.start("p0", true)
		w.write(5 * time.Second)
		w.at(6*time.Second, func() {
			w.faults["p0"] = func(use raftnode.DiskUse) error {
				if use == raftnode.OpenLog {
					return errDisk
				}
				return nil
			}
		})
		w.write(7 * time.Second)
		w.at(8*time.Second, func() { w.crash("p0", time.Second) })
		w.at(10*time.Second, func() { w.start("p1", true) })
	})
	require.Equal(t, []string{"p0: open the log: no space left on device"}, w.exits)
	require.NoError(t, w.got[2].Err, "a log that is open stays open")
}
