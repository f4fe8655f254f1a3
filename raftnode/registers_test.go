package raftnode

import (
	"bytes"
	"io"
	"testing"

	"github.com/hashicorp/raft"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestSnapshotsAreCanonicalAndRestore: the same state has the same snapshot, in whatever order it came about, and comes back
// from it whole.
func TestSnapshotsAreCanonicalAndRestore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "values")
		taken := snapshotOf(t, values)
		for range 3 {
			require.Equal(t, taken, snapshotOf(t, values))
		}
		restored := &registers{values: map[string]string{"old": "gone"}}
		require.NoError(t, restored.Restore(io.NopCloser(bytes.NewReader(taken))))
		require.Equal(t, values, restored.values)
		if len(taken) > 0 {
			cut := rapid.IntRange(1, len(taken)).Draw(t, "cut")
			if err := restored.Restore(io.NopCloser(bytes.NewReader(taken[:len(taken)-cut]))); err == nil {
				require.Less(t, len(restored.values), len(values))
			}
		}
	})
}

func snapshotOf(t require.TestingT, values map[string]string) []byte {
	r := &registers{values: map[string]string{}}
	for key, value := range values {
		require.Nil(t, r.Apply(&raft.Log{Data: encodeWrite(key, value)}))
	}
	snapshot, err := r.Snapshot()
	require.NoError(t, err)
	return snapshot.(image)
}
