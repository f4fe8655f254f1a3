package report

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// TestTranscripts plays the walk-throughs and holds what kubectl prints against testdata/transcripts, byte for byte: it can be
// held beside what a cluster prints.
func TestTranscripts(t *testing.T) {
	for _, name := range []string{"statefulset-basics", "replicated-mysql", "zookeeper", "cassandra"} {
		t.Run(name, func(t *testing.T) {
			s, err := scenarios.Single(scenarios.Find(name))
			require.NoError(t, err)
			rec, err := sim.Run(context.Background(), s, sim.Options{Seed: 1})
			require.NoError(t, err)
			require.True(t, rec.Passed(), "%+v %+v", rec.Expectations, rec.Violations)
			var got bytes.Buffer
			require.NoError(t, Terminal(&got, rec, Options{}))
			file := filepath.Join("testdata", "transcripts", name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(file, got.Bytes(), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), got.String())
		})
	}
}

// A tab goes to the next column that eight divides, whatever stands before it.
func TestUntabbed(t *testing.T) {
	for line, want := range map[string]string{
		"": "", "a b": "a b", "\tx": "        x", "  Labels:\tapp=web": "  Labels:       app=web", "12345678\tx": "12345678        x",
	} {
		require.Equal(t, want, untabbed(line))
	}
}
