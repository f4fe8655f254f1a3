package explore

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/sim/engine"
)

// TestMain starts the tests again in the environment that repeatable runs need.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // as the command has it
	if err := engine.StartAgain(os.Environ()); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func search(t testing.TB, o Options) *Search {
	t.Helper()
	s, err := scenarios.Single(scenarios.Load("primary-crash", scenarios.Choice{}))
	require.NoError(t, err)
	found, err := New(s, o)
	require.NoError(t, err)
	return found
}

// What a seed draws prints as a scenario that reads back, and is the same run.
func TestDrawnScenariosReplay(t *testing.T) {
	for _, configuration := range []bool{false, true} {
		s := search(t, Options{Configuration: configuration})
		for seed := range uint64(40) {
			drawn := s.Draw(seed)
			require.Equal(t, drawn.Steps, s.Draw(seed).Steps, "the same seed draws the same")
			var b strings.Builder
			require.NoError(t, scenarios.Write(&b, drawn, "drawn"))
			back, err := scenarios.Parse("drawn.yaml", []byte(b.String()), fstest.MapFS{})
			require.NoError(t, err, "%s", b.String())
			require.Len(t, back.Steps, len(drawn.Steps))
			if seed == 0 {
				requireSameRun(t, drawn, back)
			}
		}
	}
}

func requireSameRun(t *testing.T, a, b *scenarios.Scenario) {
	t.Helper()
	one, err := sim.Run(context.Background(), a, sim.Options{Seed: 1, StopWhenDecided: true})
	require.NoError(t, err)
	other, err := sim.Run(context.Background(), b, sim.Options{Seed: 1, StopWhenDecided: true})
	require.NoError(t, err)
	line, was, is := sim.FirstDifference(one.Events, other.Events)
	require.Equal(t, one.Hash, other.Hash, "line %d\n- %s\n+ %s", line, was, is)
}

// Shards have every seed once between them, and what is done is not done again.
func TestShardsShareTheSeeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := Seeds{First: rapid.Uint64Range(0, 50).Draw(t, "first"), Count: rapid.Uint64Range(1, 60).Draw(t, "count"), Of: 1, Done: map[uint64]bool{}}
		for _, done := range rapid.SliceOfN(rapid.Uint64Range(0, 120), 0, 10).Draw(t, "done") {
			all.Done[done] = true
		}
		var shared []uint64
		shards := rapid.Uint64Range(1, 7).Draw(t, "shards")
		for i := range shards {
			shard := all
			shard.Shard, shard.Of = i, shards
			shared = slices.AppendSeq(shared, shard.All())
		}
		slices.Sort(shared)
		require.Equal(t, slices.Collect(all.All()), shared)
		require.Equal(t, uint64(len(shared)), all.Len())
	})
}

// Results that are written and read back, in any number of files of which some overlap, merge to the same.
func TestResultsMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Result
		for seed := range rapid.Uint64Range(1, 30).Draw(t, "seeds") {
			verdict := rapid.SampledFrom([]string{Passed, Failed}).Draw(t, "verdict")
			all = append(all, Result{Seed: seed, Verdict: verdict, Hash: "h", Scenario: rapid.SampledFrom([]string{"", "for: 1s\n"}).Draw(t, "scenario")})
		}
		files := make([]bytes.Buffer, rapid.IntRange(1, 4).Draw(t, "files"))
		for i, r := range all {
			files[i%len(files)].Write(r.Line())
			files[rapid.IntRange(0, len(files)-1).Draw(t, "also")].Write(r.Line())
		}
		var shards [][]Result
		for i := range files {
			files[i].WriteString(`{"seed": 99, "verd`) // whoever wrote it was killed
			read, err := Read("results.jsonl", &files[i])
			require.NoError(t, err)
			shards = append(shards, read)
		}
		merged, err := Merge(shards...)
		require.NoError(t, err)
		require.Equal(t, all, merged)
	})
}

func TestBadResults(t *testing.T) {
	_, err := Read("results.jsonl", strings.NewReader("{\"seed\":1,\"verdict\":\"passed\"}\nnonsense\n"))
	require.EqualError(t, err, "results.jsonl:2: this is not a result of sim explore")
	_, err = Merge([]Result{{Seed: 7, Verdict: Passed, Hash: "a"}}, []Result{{Seed: 7, Verdict: Passed, Hash: "b"}})
	require.ErrorContains(t, err, "seed 7 has two traces")
}

// A correct simulator breaks nothing, whatever is drawn. The command tries more seeds than a test has time for.
func TestNoFalseAlarms(t *testing.T) {
	if testing.Short() {
		t.Skip("runs many worlds")
	}
	s := search(t, Options{})
	for seed := uint64(1); seed <= 4; seed++ {
		r, err := s.Seed(context.Background(), seed)
		require.NoError(t, err)
		require.Equal(t, Passed, r.Verdict, "seed %d: %s: %s\n%s", seed, r.Invariant, r.Message, r.Scenario)
	}
}

// What searches found of the simulator's own faults stays mended. The number in a file's name is the seed.
func TestMended(t *testing.T) {
	files, err := filepath.Glob("testdata/mended/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		s, err := scenarios.Single(scenarios.Load(file, scenarios.Choice{}))
		require.NoError(t, err)
		name := strings.TrimSuffix(file, ".yaml")
		seed, err := strconv.ParseUint(name[strings.LastIndexByte(name, '-')+1:], 10, 64)
		require.NoError(t, err)
		rec, err := sim.Run(context.Background(), s, sim.Options{Seed: seed, StopWhenDecided: true})
		require.NoError(t, err)
		require.Empty(t, rec.Violations, file)
	}
}

// BenchmarkExplore is the cost of one seed: the search's figure is its inverse.
func BenchmarkExplore(b *testing.B) {
	s := search(b, Options{})
	seed := uint64(0)
	for b.Loop() {
		seed++
		r, err := s.Seed(context.Background(), seed)
		require.NoError(b, err)
		require.Equal(b, Passed, r.Verdict, "seed %d: %s", seed, r.Message)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
}

// A journal that was cut off in the middle of a line goes on behind the last whole one.
func TestJournalResumes(t *testing.T) {
	name := filepath.Join(t.TempDir(), "results.jsonl")
	first, err := NewJournal(name)
	require.NoError(t, err)
	require.NoError(t, first.Add(Result{Seed: 1, Verdict: Passed}))
	require.NoError(t, first.Add(Result{Seed: 2, Verdict: Failed, Scenario: "for: 1s\n"}))
	require.NoError(t, first.Close())
	whole, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, whole[:len(whole)-9], 0o644))
	_, err = NewJournal(name)
	require.ErrorContains(t, err, "exists already")

	again, err := ResumeJournal(name)
	require.NoError(t, err)
	require.Equal(t, map[uint64]bool{1: true}, again.Done())
	require.NoError(t, again.Add(first.Results[1]))
	require.NoError(t, again.Close())
	is, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(whole), string(is))
}

func TestShardsAreRead(t *testing.T) {
	shard, of, err := ParseShard("3/8")
	require.NoError(t, err)
	require.Equal(t, []uint64{3, 8}, []uint64{shard, of})
	for _, wrong := range []string{"", "3", "8/8", "-1/8", "a/b", "1/0"} {
		_, _, err := ParseShard(wrong)
		require.Error(t, err, wrong)
	}
}
