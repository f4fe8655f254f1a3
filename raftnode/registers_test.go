package raftnode

import (
	"bytes"
	"io"
	"strconv"
	"testing"

	"github.com/hashicorp/raft"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestSnapshotsAreCanonicalAndRestore: the same writes have the same snapshot, and it brings back everything they left; a
// snapshot that is cut off brings back less, and mostly an error.
func TestSnapshotsAreCanonicalAndRestore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOf(rapid.StringN(0, 2, -1)).Draw(t, "keys")
		taken := snapshotOf(t, written(t, keys))
		for range 3 {
			require.Equal(t, taken, snapshotOf(t, written(t, keys)))
		}
		restored := newRegisters()
		require.NoError(t, restored.Restore(io.NopCloser(bytes.NewReader(taken))))
		require.Equal(t, written(t, keys), restored)

		cut := rapid.IntRange(1, len(taken)).Draw(t, "cut")
		if err := restored.Restore(io.NopCloser(bytes.NewReader(taken[:len(taken)-cut]))); err == nil {
			require.Less(t, len(restored.values), len(written(t, keys).values))
		}
	})
}

// written writes a value of its own to each key, one after the other.
func written(t require.TestingT, keys []string) *registers {
	r := newRegisters()
	for i, key := range keys {
		require.Nil(t, r.Apply(&raft.Log{Data: encodeWrite(key, strconv.Itoa(i))}))
	}
	return r
}

func snapshotOf(t require.TestingT, r *registers) image {
	snapshot, err := r.Snapshot()
	require.NoError(t, err)
	return snapshot.(image)
}
