package sim

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
)

var update = flag.Bool("update", false, "rewrite the golden transcripts")

func load(t testing.TB, name string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Single(scenarios.Find(name))
	require.NoError(t, err)
	return s
}

func run(t testing.TB, s *scenarios.Scenario, seed uint64) *Recording {
	t.Helper()
	rec, err := Run(context.Background(), s, Options{Seed: seed})
	require.NoError(t, err)
	return rec
}

func requireSameTrace(t *testing.T, first, again *Recording) {
	t.Helper()
	line, a, b := FirstDifference(first.Events, again.Events)
	require.Zero(t, line, "the traces differ first in line %d:\n%s\n%s", line, a, b)
	require.Equal(t, first.Hash, again.Hash)
}

// Every run of every scenario passes, tells the story in its golden transcript, and tells it again for the same seed.
func TestScenarios(t *testing.T) {
	for _, listed := range scenarios.All() {
		runs, err := scenarios.Find(listed.Name)
		require.NoError(t, err)
		for _, s := range runs {
			name := storyName(s)
			t.Run(name, func(t *testing.T) {
				rec := run(t, s, 1)
				golden(t, name, transcript(rec))
				require.True(t, rec.Passed(), "%+v %+v", rec.Expectations, rec.Violations)
				requireSameTrace(t, rec, run(t, s, 1))
			})
		}
	}
}

// storyName is a run's name as a file can have it: "primary-crash", or "primary-crash.cure.policy-Parallel".
func storyName(s *scenarios.Scenario) string {
	name := s.Name
	if s.Variant != "" {
		name += "." + strings.NewReplacer(", ", ".", "=", "-").Replace(s.Variant)
	}
	return name
}

func TestAnotherSeedIsAnotherStory(t *testing.T) {
	s := load(t, "ordered-start")
	require.NotEqual(t, run(t, s, 1).Hash, run(t, s, 2).Hash)
}

// A cause comes before its effect, and every chain of causes ends at the beginning.
func TestCauses(t *testing.T) {
	rec := run(t, load(t, "primary-crash"), 1)
	for i, e := range rec.Events {
		require.Equal(t, i+1, e.Seq)
		require.Less(t, e.Cause, e.Seq, "%+v", e)
	}
	moved := chain(rec, rec.Failovers[0].Phases[labelMoved].Seq)
	require.Equal(t, []string{"begin Step", "kill Container", "become Peer"}, moved[:3], "%v", moved)
	require.Equal(t, []string{"serve Peer", "update Pod"}, moved[len(moved)-2:], "%v", moved)
}

// An expectation that waits for something is judged when that changes, and only what was true then counts.
func TestEventually(t *testing.T) {
	s, err := scenarios.Parse("eventually.yaml", []byte("for: 60s\n"+head("OrderedReady", 3)+`
- {at: 40s, kill: the primary of db}
expect:
- {name: recovered, eventually: 'failovers.exists(f, f.recovered)', by: 55s}
- {name: written, eventually: client.writer.acknowledged > 3, by: 40s}
- {name: too many, eventually: client.writer.acknowledged > 100000, by: 50s}
- {name: never two, never: failovers.size() > 1}
- {name: not so, never: failovers.size() > 0}
- {name: always three, always: set.db.replicas == 3}
- {name: at an instant, at: 39s, that: set.db.readyReplicas == 3}
`), fstest.MapFS{})
	require.NoError(t, err)
	passed := map[string]bool{}
	for _, o := range run(t, s, 1).Expectations {
		passed[o.Name] = o.Passed
	}
	require.Equal(t, map[string]bool{"recovered": true, "written": true, "too many": false, "never two": true, "not so": false,
		"always three": true, "at an instant": true}, passed)
}

// chain lists what led to an event, the first cause first, leaving out the messages in between.
func chain(rec *Recording, seq int) (verbs []string) {
	for ; seq > 0; seq = rec.Events[seq-1].Cause {
		if e := rec.Events[seq-1]; e.Kind != "Message" {
			verbs = append([]string{e.Verb + " " + e.Kind}, verbs...)
		}
	}
	return verbs
}

// transcript is what a reader would be shown, and the figures of the end.
func transcript(rec *Recording) string {
	var b strings.Builder
	for _, e := range rec.Events {
		if e.Level == Headline {
			fmt.Fprintf(&b, "%8.3f %s: %s %s %s", e.At.Seconds(), e.Actor, e.Verb, e.Kind, e.Name)
			for _, s := range []string{e.Reason, e.Detail} {
				if s != "" {
					fmt.Fprintf(&b, ", %s", s)
				}
			}
			b.WriteByte('\n')
		}
	}
	for _, f := range rec.Failovers {
		fmt.Fprintf(&b, "failover of %s: %s to %s, %s\n", f.Set, f.OldPrimary, f.NewPrimary, seconds(f.Recovery))
		for _, p := range f.Phases {
			fmt.Fprintf(&b, "  %s %s\n", p.Name, seconds(p.Took))
		}
	}
	for _, c := range rec.Clients {
		fmt.Fprintf(&b, "client %+v\n", c)
	}
	for _, p := range rec.Pods {
		fmt.Fprintf(&b, "pod %+v\n", p)
	}
	fmt.Fprintf(&b, "%d events\n", len(rec.Events))
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
