package story

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

var update = flag.Bool("update", false, "write what the tests saw into testdata")

// recordings are those of the embedded scenarios with seed 1, each made once: by its name, or that and a variant.
var recordings sync.Map

func record(t testing.TB, name string) *sim.Recording {
	t.Helper()
	once, _ := recordings.LoadOrStore(name, sync.OnceValues(func() (*sim.Recording, error) {
		name, variant, _ := strings.Cut(name, " ")
		choice := scenarios.Choice{}
		if variant != "" {
			choice.Variants = []string{variant}
		}
		s, err := scenarios.Single(scenarios.Load(name, choice))
		if err != nil {
			return nil, err
		}
		return sim.Run(context.Background(), s, sim.Options{Seed: 1})
	}))
	rec, err := once.(func() (*sim.Recording, error))()
	require.NoError(t, err)
	return rec
}

// The lanes and the marks of a run, as text.
func TestLanesAndMarks(t *testing.T) {
	for _, name := range []string{"primary-crash", "partial-partition bridge", "isolated-primary-keeps-writing bug", "multi-attach-six-minutes bug"} {
		t.Run(name, func(t *testing.T) {
			golden(t, name, transcript(Of(record(t, name))))
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+".txt")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func transcript(s *Story) string {
	var b strings.Builder
	for _, lane := range s.Lanes {
		fmt.Fprintf(&b, "%s %s\n", lane.Kind, lane.Name)
		for _, span := range lane.Spans {
			fmt.Fprintf(&b, "  %9.3f %9.3f  %-8s %s  (event %d)\n", span.From.Seconds(), span.Until.Seconds(), span.State, span.Text, span.Seq)
		}
	}
	b.WriteString("\nmarks\n")
	for _, m := range s.Marks {
		fmt.Fprintf(&b, "  %9.3f  %-8s %s  (event %d)\n", m.At.Seconds(), m.Kind, m.Text, m.Seq)
	}
	return b.String()
}
