package report

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// attended is crash, with a scenario that says when its client begins and ends.
func attended() *sim.Recording {
	rec := crash()
	rec.Scenario = &scenarios.Scenario{Name: "primary-crash", For: rec.Scenario.For,
		Clients: []scenarios.Client{{Name: "writer", From: 70 * time.Second, Until: 115 * time.Second}}}
	return rec
}

// slower is attended, but as it might have been: the election takes longer, and a write is lost.
func slower() *sim.Recording {
	rec := attended()
	rec.Scenario.Variant = "slow"
	rec.Hash = "33cc"
	from := slices.IndexFunc(rec.Events, func(e sim.Event) bool { return e.Verb == "become" })
	rec.Events[from].At += 500 * ms
	rec.Events[from].Detail = "term 9"
	f := &rec.Failovers[0]
	f.Phases = slices.Clone(f.Phases)
	f.Phases[1].Took += 500 * ms
	f.Recovery += 500 * ms
	f.LostWrites = 1
	rec.Clients = slices.Clone(rec.Clients)
	rec.Clients[0].Lost = 1
	rec.Pods = slices.Clone(rec.Pods)
	rec.Pods[0].Ready = false
	rec.Expectations = []sim.Outcome{{Name: rec.Expectations[0].Name, At: 120 * time.Second, Message: "set.mysql.readyReplicas is 2"},
		{Name: "a write is lost", Passed: true, At: 120 * time.Second}}
	rec.Violations = []sim.Violation{{Invariant: "no-acknowledged-write-lost", At: 120 * time.Second, Message: "k=7 is gone"}}
	rec.SplitBrains = []sim.SplitBrain{{Set: "mysql", Pods: []string{"mysql-0 on node-a", "mysql-1 on node-b"}, From: 83 * time.Second, Writes: 1}}
	return rec
}

var bothCommands = [2]string{"sim run primary-crash --seed 7", "sim run primary-crash --seed 7 --variant slow"}

func comparison(t *testing.T, c *Comparison, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, TextOfComparison(&b, c, o))
	return b.Bytes()
}

func TestTextOfComparison(t *testing.T) {
	c := Compare(attended(), slower(), sim.Normal, bothCommands)
	golden(t, "diff.txt", comparison(t, c, Options{}))
	golden(t, "diff-beside.txt", comparison(t, c, Options{Width: 130}))
	golden(t, "diff-same.txt", comparison(t, Compare(crash(), crash(), sim.Detail, bothCommands), Options{Width: 80}))
}

func TestComparisonsJSON(t *testing.T) {
	c := Compare(attended(), slower(), sim.Normal, bothCommands)
	var one, two bytes.Buffer
	require.NoError(t, ComparisonsJSON(&one, []*Comparison{c}))
	golden(t, "diff.json", one.Bytes())
	require.NoError(t, ComparisonsJSON(&two, []*Comparison{c, c}))
	lines := strings.Split(strings.TrimSpace(two.String()), "\n")
	require.Len(t, lines, 2)
	require.JSONEq(t, one.String(), lines[0])
	require.ErrorIs(t, ComparisonsJSON(full{}, []*Comparison{c}), os.ErrClosed)
}

// The closing table of several runs tells of each where it parts from the first one of its file.
func TestTableTellsWhereRunsPart(t *testing.T) {
	first := attended()
	var b bytes.Buffer
	require.NoError(t, Table(&b, []Row{RowBeside(nil, first), RowBeside(first, slower()), RowBeside(first, attended()), RowBeside(nil, failed())}, Options{Width: 100}))
	golden(t, "diff-table.txt", b.Bytes())
}

func TestShort(t *testing.T) {
	require.Equal(t, "has the same story", Compare(crash(), crash(), sim.Normal, bothCommands).Short())
	require.Contains(t, Compare(attended(), slower(), sim.Normal, bothCommands).Short(), "; recovery 2.131 s → 2.631 s")

	later := crash()
	for i := range later.Events {
		later.Events[i].At += ms
	}
	c := Compare(crash(), later, sim.Normal, bothCommands)
	require.Nil(t, c.Parting)
	require.Contains(t, c.Short(), "has the same at other instants")
	require.Contains(t, c.Short(), "the same recovery")

	ended := crash()
	ended.Events = ended.Events[:5]
	require.Contains(t, Compare(crash(), ended, sim.Detail, bothCommands).Short(), "where it is over: without ")
}

// Wherever one event is made another, the stories part there and nowhere else, unless it is no part of the story.
func TestStoriesPartWhereTheyDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, second := crash(), crash()
		i := rapid.IntRange(0, len(second.Events)-1).Draw(t, "event")
		level := rapid.SampledFrom([]sim.Level{sim.Headline, sim.Normal, sim.Detail}).Draw(t, "level")
		e := &second.Events[i]
		onlyTime := rapid.Bool().Draw(t, "only the time")
		if onlyTime {
			e.At += time.Nanosecond
		} else {
			e.Reason += "Else"
		}
		before := 0
		for j := range i {
			if second.Events[j].Level <= level {
				before++
			}
		}
		c := Compare(first, second, level, bothCommands)
		at := c.Parting
		if onlyTime {
			require.Nil(t, c.Parting)
			at = c.Drift
		} else {
			require.Nil(t, c.Drift)
		}
		if e.Level > level {
			require.Nil(t, at)
			return
		}
		require.Equal(t, before, at.Alike)
		require.Equal(t, before == 0, at.Last == nil)
		require.Equal(t, [2]int{i + 1, i + 1}, [2]int{at.Then[0].Seq, at.Then[1].Seq})
	})
}

// The n-th of one key stands beside the n-th of that key, and nothing is left out.
func TestPaired(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 6)
		first, second := names.Draw(t, "first"), names.Draw(t, "second")
		var a, b []string
		for _, p := range paired(first, second, func(s *string) string { return *s }) {
			if p.both() {
				require.Equal(t, *p.First, *p.Second)
			}
			if p.First != nil {
				a = append(a, *p.First)
			}
			if p.Second != nil {
				b = append(b, *p.Second)
			}
		}
		require.ElementsMatch(t, first, a)
		require.ElementsMatch(t, second, b)
	})
}

func TestComparisonHoldsWhateverIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		any := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\x1b[2J", "a\r\nb", "数据库", strings.Repeat("long ", 50)}))
		other := slower()
		for i := range other.Events {
			e := &other.Events[i]
			e.Actor, e.Name, e.Detail = any.Draw(t, "actor"), any.Draw(t, "name"), any.Draw(t, "detail")
		}
		other.Expectations[1].Name, other.Pods[0].Name = any.Draw(t, "expectation"), any.Draw(t, "pod")
		width := rapid.SampledFrom([]int{40, 80, 120, 121, 200}).Draw(t, "width")
		var b bytes.Buffer
		require.NoError(t, TextOfComparison(&b, Compare(crash(), other, sim.Detail, [2]string{}), Options{Width: width}))
		for line := range strings.Lines(b.String()) {
			require.LessOrEqual(t, columns(strings.TrimSuffix(line, "\n")), width, "%q", line)
			require.NotContains(t, line, "\x1b")
		}
	})
}
