package raftnode_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/raftnode"
)

const never = 24 * time.Hour

// lose has three peers lose their leader while the others wait for ever. These have their own timeouts again one after another.
func lose(apart time.Duration) func(*world) {
	return func(w *world) {
		w.three()
		w.onLeader(5*time.Second, func(leader string, _ *raftnode.Peer) {
			for _, name := range w.names() {
				if err := w.peers[name].SetTimeouts(never, never); err != nil {
					panic(err)
				}
			}
			w.crash(leader, time.Hour)
			for i, name := range w.names() {
				w.at(8*time.Second+time.Duration(i)*apart, func() { _ = w.peers[name].SetTimeouts(0, 0) })
			}
		})
	}
}

// asked counts the terms for which two peers ask for votes.
func asked(trace []string) (split int) {
	by := map[string]string{}
	for _, line := range trace {
		words := strings.Fields(line)
		if words[2] != ">" || words[4] != "RequestVote" {
			continue
		}
		term := strings.Join(words[6:8], " ")
		if other := by[term]; other != "" && other != words[1] {
			split++
		}
		by[term] = words[1]
	}
	return split
}

// campaign is when, after the leader was lost, somebody first asked whether it would have votes.
func campaign(trace []string) time.Duration {
	for _, line := range trace {
		words := strings.Fields(line)
		if at, _ := time.ParseDuration(words[0]); at > 5500*time.Millisecond && words[4] == "RequestPreVote" {
			return at
		}
	}
	return 0
}

// Two followers whose timers run out in the same instant mostly split the vote; if they run out far apart, they never do. Nobody is a
// candidate before, and the same seed does the same.
func TestTimeoutsTogetherAndApart(t *testing.T) {
	together, all := 0, seeds(20)
	for _, seed := range all {
		w := simulate(t, seed, 16*time.Second, lose(time.Microsecond))
		if asked(w.trace) > 0 {
			together++
		}
		require.Greater(t, campaign(w.trace), 8*time.Second, "seed %d: %s", seed, "who waits for ever is no candidate")
		require.Zero(t, asked(simulate(t, seed, 16*time.Second, lose(300*time.Millisecond)).trace), "seed %d", seed)
		requireSame(t, seed, w.trace, simulate(t, seed, 16*time.Second, lose(time.Microsecond)).trace)
	}
	require.Greater(t, together*3, len(all)*2)
}

// Who is handed the leadership while it waits for ever leads with its own timeouts: its heartbeats go on.
func TestTransferToWhoWaits(t *testing.T) {
	var heir, leader string
	w := simulate(t, 1, 12*time.Second, func(w *world) {
		w.three()
		w.onLeader(5*time.Second, func(old string, p *raftnode.Peer) {
			for _, name := range w.names() {
				if name != old {
					heir = name
					require.NoError(t, w.peers[name].SetTimeouts(never, never))
				}
			}
			p.TransferLeadershipTo(heir, heir)
		})
		w.at(11*time.Second, func() { leader = w.leader() })
	})
	require.Equal(t, heir, leader)
	beats := 0
	for _, line := range w.trace {
		if strings.Contains(line, "s "+heir+" > ") && strings.Contains(line, "Heartbeat") {
			beats++
		}
	}
	require.Greater(t, beats, 40)
}

func TestTimeoutsThatRaftRefuses(t *testing.T) {
	simulate(t, 1, 6*time.Second, func(w *world) {
		w.three()
		w.onLeader(5*time.Second, func(_ string, p *raftnode.Peer) {
			require.ErrorContains(t, p.SetTimeouts(time.Second, time.Millisecond), "ElectionTimeout is too low")
		})
	})
}
