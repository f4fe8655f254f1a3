package check

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// entries is a log: the terms and the contents of its entries, from index 1 on.
type entries []struct{ term, content uint64 }

func (e entries) Span() (first, last uint64) { return 1, uint64(len(e)) }
func (e entries) Writes() uint64             { return uint64(len(e)) }

func (e entries) At(index uint64) (term, sum uint64) {
	for _, entry := range e[:index] {
		sum += entry.content
	}
	return e[index-1].term, sum + 1000*uint64(len(e)) // every log's sums begin elsewhere
}

func logged(pod, state string, term, commit uint64, log entries) Peer {
	p := peer(pod, state, term, commit)
	p.Log, p.LastIndex = log, uint64(len(log))
	return p
}

func TestLogMatching(t *testing.T) {
	base := entries{{1, 11}, {1, 12}, {2, 23}}
	t.Run("one is behind, and one has what others have not", func(t *testing.T) {
		judge := logMatching.New()
		require.Empty(t, judge(status(logged("web-0", "Leader", 2, 0, base), logged("web-1", "Follower", 2, 0, base[:2]),
			logged("web-2", "Follower", 1, 0, entries{{1, 11}, {1, 12}, {1, 99}, {1, 98}}))))
	})
	t.Run("an earlier entry differs", func(t *testing.T) {
		judge := logMatching.New()
		other := entries{{1, 11}, {1, 77}, {2, 23}, {2, 24}}
		require.Equal(t, []string{"default/web-0 and default/web-1 both have an entry 3 of term 2 in their logs, and entry 2 differs"},
			judge(status(logged("web-0", "Leader", 2, 0, base), logged("web-1", "Follower", 2, 0, other))))
		more := append(append(entries{}, base...), other[3])
		require.Empty(t, judge(status(logged("web-0", "Leader", 2, 0, more), logged("web-1", "Follower", 2, 0, other))), "told once")
	})
	t.Run("the entry itself differs", func(t *testing.T) {
		judge := logMatching.New()
		require.Len(t, judge(status(logged("web-1", "Leader", 2, 0, base), logged("web-0", "Follower", 2, 0, entries{{1, 11}, {1, 12}, {2, 24}}))), 1)
	})
	t.Run("below where they part", func(t *testing.T) {
		judge := logMatching.New()
		require.Len(t, judge(status(logged("web-0", "Leader", 3, 0, entries{{1, 11}, {1, 12}, {3, 33}}),
			logged("web-1", "Follower", 2, 0, entries{{1, 11}, {1, 77}, {2, 23}}))), 1)
	})
	t.Run("nothing changed", func(t *testing.T) {
		judge := logMatching.New()
		require.Empty(t, judge(status(logged("web-0", "Leader", 2, 0, base), logged("web-1", "Follower", 2, 0, base))))
		changed := entries{{1, 11}, {1, 77}, {2, 23}}
		require.Empty(t, judge(status(logged("web-0", "Leader", 2, 0, base), logged("web-1", "Follower", 2, 0, changed))),
			"what a log holds is looked at when it says that it was written")
	})
	t.Run("other sets, unknown logs", func(t *testing.T) {
		judge := logMatching.New()
		other := logged("db-0", "Leader", 2, 0, entries{{1, 1}, {1, 2}, {2, 3}})
		other.Set = "default/db"
		require.Empty(t, judge(status(logged("web-0", "Leader", 2, 0, base), other, peer("web-1", "Follower", 2, 0))))
	})
}

func TestLeaderCompleteness(t *testing.T) {
	base := entries{{1, 11}, {1, 12}, {2, 23}}
	t.Run("it lacks an entry", func(t *testing.T) {
		judge := leaderCompleteness.New()
		require.Empty(t, judge(status(logged("web-0", "Leader", 2, 3, base), logged("web-1", "Follower", 2, 2, base[:2]))))
		lacking := status(logged("web-1", "Leader", 3, 2, base[:2]))
		require.Equal(t, []string{"default/web-1 leads in term 3 with a log that ends at entry 2, though entry 3 was committed"}, judge(lacking))
		require.Empty(t, judge(lacking), "told once a term")
	})
	t.Run("it has another entry there", func(t *testing.T) {
		judge := leaderCompleteness.New()
		require.Empty(t, judge(status(logged("web-0", "Leader", 2, 3, base))))
		require.Equal(t, []string{"default/web-1 leads in term 4 with an entry 3 of term 3, though one of term 2 was committed there"},
			judge(status(logged("web-1", "Leader", 4, 2, entries{{1, 11}, {1, 12}, {3, 33}, {4, 44}}))))
	})
	t.Run("a leader that was deposed and does not know it", func(t *testing.T) {
		judge := leaderCompleteness.New()
		require.Empty(t, judge(status(logged("web-0", "Leader", 1, 1, base[:1]), logged("web-1", "Leader", 2, 3, base))))
	})
	t.Run("followers may lack it, and snapshots have it", func(t *testing.T) {
		judge := leaderCompleteness.New()
		require.Empty(t, judge(status(logged("web-0", "Leader", 2, 3, base), logged("web-1", "Follower", 2, 0, nil))))
		fromSnapshot := logged("web-2", "Leader", 3, 3, nil)
		fromSnapshot.LastIndex = 3
		require.Empty(t, judge(status(fromSnapshot)))
	})
	t.Run("a new cluster after all were gone", func(t *testing.T) {
		judge := leaderCompleteness.New()
		require.Empty(t, judge(status(logged("web-0", "Leader", 2, 3, base))))
		require.Empty(t, judge(status()))
		require.Empty(t, judge(status(logged("web-0", "Leader", 2, 1, base[:1]))))
	})
}
