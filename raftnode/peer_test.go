package raftnode_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"
	"github.com/stretchr/testify/require"

	"statefulsim/raftnode"
)

var manySeeds = flag.Uint64("seeds", 0, "how many seeds the tests of repetition try; 0 is a few")

func seeds(few uint64) (s []uint64) {
	for seed := range max(few, *manySeeds) {
		s = append(s, seed)
	}
	return s
}

// busy is a minute of three peers and a fourth, with a crash, a transfer, a partition, a join that needs a snapshot, and a
// leave.
func busy(w *world) {
	w.timing = raftnode.Timing{SnapshotThreshold: 64, SnapshotInterval: 2 * time.Second, TrailingLogs: 16}
	w.three()
	for i := range 300 {
		due := 4*time.Second + time.Duration(i)*170*time.Millisecond
		w.write(due)
		if i%5 == 0 {
			w.read(due + 31*time.Millisecond)
		}
	}
	w.onLeader(10*time.Second, func(name string, _ *raftnode.Peer) { w.crash(name, 3*time.Second) })
	w.onLeader(20*time.Second, func(_ string, p *raftnode.Peer) { p.TransferLeadership() })
	w.at(25*time.Second, func() { w.start("p3", false) })
	w.join(26*time.Second, "p3")
	w.onLeader(35*time.Second, func(name string, _ *raftnode.Peer) {
		w.cut[name] = true
		w.at(w.now()+4*time.Second, func() { delete(w.cut, name) })
	})
	w.onLeader(45*time.Second, func(name string, p *raftnode.Peer) {
		leaver := "p3"
		if name == leaver {
			leaver = "p2"
		}
		p.Leave(w.id(), leaver)
	})
}

func TestSameSeedSameTrace(t *testing.T) {
	var before []string
	for _, seed := range seeds(2) {
		first := simulate(t, seed, time.Minute, busy)
		requireSame(t, seed, first.trace, simulate(t, seed, time.Minute, busy).trace)
		require.NotEqual(t, before, first.trace, "another seed, another trace")
		before = first.trace
	}
}

func requireSame(t *testing.T, seed uint64, first, again []string) {
	t.Helper()
	for i := range min(len(first), len(again)) {
		require.Equal(t, first[i], again[i], "seed %d, line %d", seed, i)
	}
	require.Equal(t, len(first), len(again))
}

func TestTransferMovesTheLeadershipAtOnce(t *testing.T) {
	var old, leader string
	simulate(t, 1, 8*time.Second, func(w *world) {
		w.three()
		w.onLeader(5*time.Second, func(name string, p *raftnode.Peer) {
			old = name
			p.TransferLeadership()
		})
		w.at(5100*time.Millisecond, func() { leader = w.leader() })
	})
	require.NotEmpty(t, leader)
	require.NotEqual(t, old, leader)
}

func TestStopHandsOverFirst(t *testing.T) {
	var old, leader string
	var gone bool
	simulate(t, 1, 8*time.Second, func(w *world) {
		w.three()
		w.onLeader(5*time.Second, func(name string, p *raftnode.Peer) {
			p.Stop()
			w.at(w.now()+100*time.Millisecond, func() { old, leader, gone = name, w.leader(), p.Gone() })
		})
	})
	require.True(t, gone)
	require.NotEmpty(t, leader)
	require.NotEqual(t, old, leader)
}

func TestLateJoinerGetsASnapshot(t *testing.T) {
	var status raftnode.Status
	w := simulate(t, 1, 30*time.Second, func(w *world) {
		w.timing = raftnode.Timing{SnapshotThreshold: 8, SnapshotInterval: time.Second, TrailingLogs: 4}
		w.three()
		for i := range 60 {
			w.write(4*time.Second + time.Duration(i)*100*time.Millisecond)
		}
		w.at(15*time.Second, func() { w.start("p3", false) })
		w.join(16*time.Second, "p3")
		w.at(25*time.Second, func() {
			status = w.peers["p3"].Status()
			w.peers["p3"].Read(999, "key-0", false)
		})
	})
	require.Contains(t, w.trace, w.find("> p3 InstallSnapshot"))
	require.True(t, status.CaughtUp)
	require.Equal(t, []string{"p0", "p1", "p2", "p3"}, status.Voters)
	require.Equal(t, w.got[999].Value, "value-60")
}

func TestRestartRecoversWhatWasCommitted(t *testing.T) {
	for _, timing := range []raftnode.Timing{{}, {SnapshotThreshold: 4, SnapshotInterval: time.Second, TrailingLogs: 1}} {
		w := simulate(t, 1, 20*time.Second, func(w *world) {
			w.timing = timing
			w.start("p0", true)
			for i := range 20 {
				w.write(3*time.Second + time.Duration(i)*200*time.Millisecond)
			}
			w.at(10*time.Second, func() { w.crash("p0", time.Second) })
			w.onLeader(12*time.Second, func(_ string, p *raftnode.Peer) { p.Read(999, "key-0", true) })
		})
		require.Equal(t, "value-20", w.got[999].Value)
	}
}

func TestFollowersRefuse(t *testing.T) {
	w := simulate(t, 1, 10*time.Second, func(w *world) {
		w.three()
		w.at(5*time.Second, func() {
			for _, p := range w.peers {
				if p.Status().State == "Follower" {
					p.Write(1000, "key", "value")
					p.Read(1001, "key", true)
					p.Join(1002, "p9", "p9")
					return
				}
			}
		})
	})
	for id := range uint64(3) {
		require.Equal(t, raftnode.Answer{ID: 1000 + id, Err: raft.ErrNotLeader}, w.got[1000+id])
	}
}

// TestACutOffLeaderDoesNotKnow has a leader that nobody reaches take a write, and answer honestly.
func TestACutOffLeaderDoesNotKnow(t *testing.T) {
	w := simulate(t, 1, 20*time.Second, func(w *world) {
		w.three()
		w.onLeader(5*time.Second, func(name string, p *raftnode.Peer) {
			w.cut[name] = true
			p.Write(1000, "key", "value")
			p.Read(1001, "key", true)
		})
	})
	require.Equal(t, raftnode.Answer{ID: 1000, Err: raft.ErrLeadershipLost, Maybe: true}, w.got[1000])
	require.Error(t, w.got[1001].Err)
}

// TestKillAtAnyInstant kills the leader under load at many instants, some of them in the middle of a write. The bubble itself
// fails if a goroutine stays behind.
func TestKillAtAnyInstant(t *testing.T) {
	for i := range 40 {
		w := simulate(t, uint64(i), 7*time.Second, func(w *world) {
			w.quiet = true
			w.three()
			for j := range 40 {
				w.write(5*time.Second + time.Duration(j)*50*time.Microsecond)
				w.read(5*time.Second + time.Duration(j)*50*time.Microsecond)
			}
			w.onLeader(5*time.Second+time.Duration(i)*70*time.Microsecond, func(name string, p *raftnode.Peer) {
				p.TransferLeadership()
				w.at(w.now()+time.Duration(i)*30*time.Microsecond, func() {
					p.Read(w.id(), "key", true)
					p.Kill()
				})
			})
		})
		require.NotEmpty(t, w.got)
	}
}

// TestKillWhileReadsAreAsked kills a quiet leader in the instant in which it was asked for something: raft leaves some of what
// it has not looked at unanswered when it is shut down, and whoever waits for that would wait for ever.
func TestKillWhileReadsAreAsked(t *testing.T) {
	for seed := range uint64(20) {
		var asked uint64
		simulate(t, seed, 7*time.Second, func(w *world) {
			w.quiet = true
			w.three()
			w.onLeader(6*time.Second, func(_ string, p *raftnode.Peer) {
				asked = w.id()
				p.Read(asked, "key", true)
				p.Kill()
			})
		})
		require.NotZero(t, asked)
	}
}

// TestCallsThatTimeOutTogether has a leader of five lose two followers, to which the same entries go at the same time.
func TestCallsThatTimeOutTogether(t *testing.T) {
	lonely := func(w *world) {
		w.three()
		for i, name := range []string{"p3", "p4"} {
			w.at(time.Duration(i+3)*time.Second, func() { w.start(name, false) })
			w.join(time.Duration(i+3)*time.Second+time.Millisecond, name)
		}
		w.onLeader(8*time.Second, func(leader string, p *raftnode.Peer) {
			others := slices.DeleteFunc(w.names(), func(name string) bool { return name == leader })
			w.cut[others[0]], w.cut[others[1]] = true, true
			p.Write(w.id(), "key", "value")
		})
	}
	for _, seed := range seeds(1) {
		first := simulate(t, seed, 30*time.Second, lonely)
		requireSame(t, seed, first.trace, simulate(t, seed, 30*time.Second, lonely).trace)
	}
}

// TestNobodyIsCaughtUpBeforeTheLeaderKnows restarts a whole cluster: a follower is not ready before it has applied what was
// committed, although its leader begins without knowing what that is.
func TestNobodyIsCaughtUpBeforeTheLeaderKnows(t *testing.T) {
	seen, early := 0, 0
	simulate(t, 1, 15*time.Second, func(w *world) {
		w.three()
		for i := range 20 {
			w.write(4*time.Second + time.Duration(i)*50*time.Millisecond)
		}
		var committed uint64
		w.onLeader(7*time.Second, func(_ string, p *raftnode.Peer) {
			committed = p.Status().Commit
			for i, name := range w.names() {
				w.crash(name, time.Second+time.Duration(i)*7_654_321)
			}
		})
		for i := range 60_000 {
			w.at(8*time.Second+time.Duration(i)*100*time.Microsecond, func() {
				for _, p := range w.peers {
					if s := p.Status(); s.CaughtUp {
						seen++
						if s.Applied < committed {
							early++
						}
					}
				}
			})
		}
	})
	require.NotZero(t, seen)
	require.Zero(t, early)
}

// TestKillInAnyWrite kills a peer while it uses its disk for the n-th time: while it starts, bootstraps, votes for itself and
// leads.
func TestKillInAnyWrite(t *testing.T) {
	for n := range uint64(25) {
		var p *raftnode.Peer
		var err error
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			exits := 0
			p, err = raftnode.Start(raftnode.Config{
				ID: "p0", Address: "p0", Dir: dir, Bootstrap: true,
				DiskLatency: func(used uint64) time.Duration {
					if used == n {
						p.Kill()
					}
					return 100 * time.Microsecond
				},
				Send:   func(raftnode.Message) {},
				Answer: func(raftnode.Answer) {},
				Exited: func(err error) {
					require.NoError(t, err)
					exits++
				},
			})
			require.NoError(t, err)
			for i := range uint64(20) {
				time.Sleep(200 * time.Millisecond)
				p.Write(i, "key", "value")
			}
			p.Kill()
			time.Sleep(time.Minute)
			require.True(t, p.Gone())
			require.Equal(t, 1, exits)
		})
	}
}

func TestStartRefusesWhatRaftRefuses(t *testing.T) {
	_, err := raftnode.Start(raftnode.Config{ID: "p0", Timing: raftnode.Timing{HeartbeatTimeout: time.Millisecond}})
	require.ErrorContains(t, err, "HeartbeatTimeout")
}

func TestExitedTellsWhatWentWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	var exits []error
	synctest.Test(t, func(t *testing.T) {
		p, err := raftnode.Start(raftnode.Config{
			ID: "p0", Address: "p0", Dir: file,
			DiskLatency: func(uint64) time.Duration { return time.Millisecond },
			Exited:      func(err error) { exits = append(exits, err) },
		})
		require.NoError(t, err)
		require.Zero(t, p.Status())
		time.Sleep(time.Second)
		require.True(t, p.Gone())
	})
	require.Len(t, exits, 1)
	var pathError *os.PathError
	require.True(t, errors.As(exits[0], &pathError))
}
