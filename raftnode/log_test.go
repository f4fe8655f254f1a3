package raftnode

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/raft"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// logModel is a log beside what it is to hold: the entries behind base, oldest first.
type logModel struct {
	*mainLog
	base uint64
	want []*raft.Log
}

func openModel(t *rapid.T, dir string) *logModel {
	dead := make(chan struct{})
	d := &disk{dir: dir, latency: func(uint64) time.Duration { return 1 }, dead: dead, gate: &gate{dead: dead}}
	log, err := openLog(d, new(Chain))
	require.NoError(t, err)
	return &logModel{mainLog: log}
}

func (m *logModel) store(t *rapid.T) {
	var entries []*raft.Log
	for range rapid.IntRange(1, largestBatch).Draw(t, "entries") {
		next := m.base + uint64(len(m.want)) + 1
		m.want = append(m.want, newEntry(next, rapid.Uint64Range(1, 3).Draw(t, "term"), "data"))
		entries = append(entries, m.want[len(m.want)-1])
	}
	require.NoError(t, m.StoreLogs(entries))
}

// remove takes away the oldest entries or, if they are in conflict with a leader's, the latest.
func (m *logModel) remove(t *rapid.T) {
	if len(m.want) == 0 {
		t.Skip("nothing is there")
	}
	n := rapid.IntRange(1, len(m.want)).Draw(t, "entries")
	if rapid.Bool().Draw(t, "oldest") {
		require.NoError(t, m.DeleteRange(m.base+1, m.base+uint64(n)))
		m.base, m.want = m.base+uint64(n), m.want[n:]
		return
	}
	last := m.base + uint64(len(m.want))
	require.NoError(t, m.DeleteRange(last-uint64(n)+1, last))
	m.want = m.want[:len(m.want)-n]
}

func (m *logModel) check(t *rapid.T) {
	first, err := m.FirstIndex()
	require.NoError(t, err)
	if len(m.want) == 0 {
		require.Zero(t, first)
	} else {
		require.Equal(t, m.base+1, first)
		m.get(t, rapid.IntRange(0, len(m.want)-1).Draw(t, "index"))
	}
	if rapid.Bool().Draw(t, "to the end") {
		last, err := m.LastIndex()
		require.NoError(t, err)
		require.Equal(t, uint64(len(m.want)), last-min(last, m.base))
	}
	require.ErrorIs(t, m.GetLog(m.base+uint64(len(m.want))+1, new(raft.Log)), raft.ErrLogNotFound)
}

func (m *logModel) get(t *rapid.T, i int) {
	var entry raft.Log
	require.NoError(t, m.GetLog(m.want[i].Index, &entry))
	require.Equal(t, m.want[i].Term, entry.Term)
	require.Equal(t, m.want[i].Index, entry.Index)
}

// Whatever is stored and removed is what is read, from the log itself, from a copy of its directory once it was flushed, and when it
// is opened again.
func TestLogHoldsWhatIsStored(t *testing.T) {
	root, runs := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		dir := filepath.Join(root, fmt.Sprintf("run-%d", runs))
		require.NoError(t, os.Mkdir(dir, 0o755))
		m := openModel(t, dir)
		again := func(dir string) {
			other := openModel(t, dir)
			other.base, other.want = m.base, m.want
			for i := range other.want {
				other.get(t, i)
			}
			require.NoError(t, other.Close())
		}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"store", "store", "remove", "check"}).Draw(t, "do") {
			case "store":
				m.store(t)
			case "remove":
				m.remove(t)
			case "check":
				m.check(t)
			}
		}
		require.NoError(t, m.Flush())
		require.NoError(t, os.CopyFS(dir+" copied", os.DirFS(dir)))
		again(dir + " copied")
		require.NoError(t, m.Close())
		again(dir)
	})
}
