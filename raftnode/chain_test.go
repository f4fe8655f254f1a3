package raftnode

import (
	"path/filepath"
	"testing"

	"github.com/hashicorp/raft"
	raftboltdb "github.com/hashicorp/raft-boltdb/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func newEntry(index, term uint64, data string) *raft.Log {
	return &raft.Log{Index: index, Term: term, Data: []byte(data)}
}

// chained is a log and the chain that follows it.
type chained struct {
	Chain
	log  []*raft.Log
	base uint64 // the index before the log's first
}

func (l *chained) append(term uint64, data string) {
	e := newEntry(l.base+uint64(len(l.log))+1, term, data)
	l.log = append(l.log, e)
	l.store([]*raft.Log{e})
}

// Whatever is appended, cut off and compacted: what two chains say of a stretch that both know differs exactly if the entries
// do.
func TestChainsCompareLogs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logs := []*chained{{}, {}}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			l := logs[rapid.IntRange(0, 1).Draw(t, "log")]
			have := len(l.log)
			switch rapid.SampledFrom([]string{"append", "append", "append", "both", "cut", "compact", "install"}).Draw(t, "do") {
			case "append":
				l.append(rapid.Uint64Range(1, 2).Draw(t, "term"), rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "data"))
			case "both":
				logs[0].append(3, "both")
				logs[1].append(3, "both")
			case "cut":
				if n := rapid.IntRange(0, have).Draw(t, "n"); n > 0 {
					l.remove(l.base+uint64(have-n)+1, l.base+uint64(have))
					l.log = l.log[:have-n]
				}
			case "compact":
				if n := rapid.IntRange(0, have).Draw(t, "n"); n > 0 {
					l.remove(l.base+1, l.base+uint64(n))
					l.log, l.base = l.log[n:], l.base+uint64(n)
				}
			case "install":
				if have > 0 {
					l.remove(l.base+1, l.base+uint64(have))
				}
				l.log, l.base = nil, l.base+uint64(have)+rapid.Uint64Range(0, 3).Draw(t, "skipped")
			}
			compareChains(t, logs[0], logs[1])
		}
	})
}

func compareChains(t *rapid.T, a, b *chained) {
	for _, l := range []*chained{a, b} {
		first, last := l.Span()
		if len(l.log) == 0 {
			require.Less(t, last, first)
			return
		}
		require.Equal(t, l.base+uint64(len(l.log)), last)
		require.Greater(t, first, l.base)
	}
	firstA, lastA := a.Span()
	firstB, lastB := b.Span()
	from, to := max(firstA, firstB), min(lastA, lastB)
	equal := true
	for i := from; i <= to; i++ {
		termA, sumA := a.At(i)
		termB, sumB := b.At(i)
		x, y := a.log[i-a.base-1], b.log[i-b.base-1]
		require.Equal(t, x.Term, termA)
		if i == from {
			continue
		}
		equal = equal && x.Term == y.Term && string(x.Data) == string(y.Data)
		_, beginA := a.At(from)
		_, beginB := b.At(from)
		require.Equal(t, equal, sumA-beginA == sumB-beginB && termA == termB, "entries %d to %d", from+1, i)
	}
}

func TestChainForgetsWhatIsOld(t *testing.T) {
	var c Chain
	for i := range uint64(3 * chainSpan) {
		c.store([]*raft.Log{newEntry(i+1, 1, "x")})
	}
	first, last := c.Span()
	require.Equal(t, uint64(3*chainSpan), last)
	require.Equal(t, uint64(chainSpan), last-first+1)
	c.remove(10, last)
	first, last = c.Span()
	require.Less(t, last, first, "what is left is too old to be known")
	c.store([]*raft.Log{newEntry(10, 2, "y")})
	first, last = c.Span()
	require.Equal(t, [2]uint64{10, 10}, [2]uint64{first, last})
	require.Equal(t, uint64(3*chainSpan+2), c.Writes())
}

// A log that is opened again says what it said before.
func TestChainIsReadFromTheLog(t *testing.T) {
	bolt, err := raftboltdb.New(raftboltdb.Options{Path: filepath.Join(t.TempDir(), logFile), NoSync: true})
	require.NoError(t, err)
	defer bolt.Close()
	var before, after Chain
	require.NoError(t, after.read(bolt))
	_, last := after.Span()
	require.Zero(t, last)
	for i := range uint64(20) {
		entries := []*raft.Log{newEntry(5+i, 1+i/7, "x")}
		require.NoError(t, bolt.StoreLogs(entries))
		before.store(entries)
	}
	require.NoError(t, bolt.StoreLogs([]*raft.Log{newEntry(2, 1, "before a gap")}))
	require.NoError(t, after.read(bolt))
	first, last := after.Span()
	require.Equal(t, [2]uint64{5, 24}, [2]uint64{first, last})
	for i := first; i <= last; i++ {
		termA, sumA := before.At(i)
		termB, sumB := after.At(i)
		require.Equal(t, [2]uint64{termA, sumA}, [2]uint64{termB, sumB})
	}
}
