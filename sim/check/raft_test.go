package check

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func peer(pod, state string, term, commit uint64) Peer {
	return Peer{Set: "default/web", Pod: "default/" + pod, Started: time.Second, State: state, Term: term, Commit: commit}
}

func status(peers ...Peer) *Step {
	if peers == nil {
		peers = []Peer{}
	}
	return &Step{Peers: peers}
}

func TestOneLeaderPerTerm(t *testing.T) {
	t.Run("at once", func(t *testing.T) {
		judge := oneLeaderPerTerm.New()
		require.Equal(t, []string{"default/web-0 and default/web-1 were both leader in term 2"},
			judge(status(peer("web-0", "Leader", 2, 0), peer("web-1", "Leader", 2, 0))))
		require.Empty(t, judge(status(peer("web-0", "Leader", 2, 0), peer("web-1", "Leader", 2, 0))), "told once")
	})
	t.Run("one after the other", func(t *testing.T) {
		judge := oneLeaderPerTerm.New()
		require.Empty(t, judge(status(peer("web-0", "Leader", 2, 0), peer("web-1", "Follower", 2, 0))))
		require.Empty(t, judge(&Step{}))
		require.Len(t, judge(status(peer("web-0", "Follower", 2, 0), peer("web-1", "Leader", 2, 0))), 1)
	})
	t.Run("a deposed leader that does not know it yet", func(t *testing.T) {
		judge := oneLeaderPerTerm.New()
		require.Empty(t, judge(status(peer("web-0", "Leader", 2, 0), peer("web-1", "Candidate", 3, 0))))
		require.Empty(t, judge(status(peer("web-0", "Leader", 2, 0), peer("web-1", "Leader", 3, 0))))
	})
	t.Run("another set", func(t *testing.T) {
		judge := oneLeaderPerTerm.New()
		other := peer("db-0", "Leader", 2, 0)
		other.Set = "default/db"
		require.Empty(t, judge(status(peer("web-0", "Leader", 2, 0), other)))
	})
	t.Run("a new cluster after all were gone", func(t *testing.T) {
		judge := oneLeaderPerTerm.New()
		require.Empty(t, judge(status(peer("web-0", "Leader", 2, 0))))
		require.Empty(t, judge(status()))
		require.Empty(t, judge(status(peer("web-1", "Leader", 2, 0))))
	})
}

func TestCommitNeverFalls(t *testing.T) {
	judge := commitNeverFalls.New()
	require.Empty(t, judge(status(peer("web-0", "Leader", 2, 7), peer("web-1", "Follower", 2, 5))))
	require.Equal(t, []string{"the commit index of default/web-1 fell from 5 to 4"},
		judge(status(peer("web-0", "Leader", 2, 7), peer("web-1", "Follower", 2, 4))))
	require.Empty(t, judge(status(peer("web-0", "Leader", 2, 7), peer("web-1", "Follower", 2, 4))), "told once")

	restarted := peer("web-1", "Follower", 2, 0)
	restarted.Started = 2 * time.Second
	require.Empty(t, judge(status(peer("web-0", "Leader", 2, 7), restarted)), "a restarted peer learns it anew")
}

func TestStateMachinesAgree(t *testing.T) {
	holding := func(pod string, applied, digest uint64) Peer {
		p := peer(pod, "Follower", 2, applied)
		p.Applied, p.Digest = applied, digest
		return p
	}
	t.Run("at once and later", func(t *testing.T) {
		judge := stateMachinesAgree.New()
		require.Equal(t, []string{"after entry 3, default/web-0 and default/web-1 hold different data"},
			judge(status(holding("web-0", 3, 33), holding("web-1", 3, 34))))
		require.Empty(t, judge(status(holding("web-0", 4, 44), holding("web-1", 3, 34))), "told once")
		require.Len(t, judge(status(holding("web-0", 5, 55), holding("web-1", 4, 45))), 1)
	})
	t.Run("after one that lags far behind", func(t *testing.T) {
		judge := stateMachinesAgree.New()
		require.Empty(t, judge(status(holding("web-0", 5+1024, 77), holding("web-1", 5, 55))))
		require.Len(t, judge(status(holding("web-2", 5+1024, 78))), 1)
	})
	t.Run("lagging, restarting and without data", func(t *testing.T) {
		judge := stateMachinesAgree.New()
		require.Empty(t, judge(status(holding("web-0", 5, 55), holding("web-1", 5, 0))))
		require.Empty(t, judge(status(holding("web-0", 5, 55), holding("web-1", 3, 33))))
		require.Empty(t, judge(status(holding("web-0", 5+1024, 77), holding("web-1", 5, 56))), "too far behind to be compared")
		require.Empty(t, judge(status(holding("web-0", 0, 0), holding("web-1", 5+1024, 77))))
		require.Empty(t, judge(status(holding("web-0", 3, 33))))
		require.Empty(t, judge(status()))
		require.Empty(t, judge(status(holding("web-0", 3, 34))), "a new cluster")
	})
}
