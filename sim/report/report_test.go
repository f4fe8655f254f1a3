package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

func text(t *testing.T, rec *sim.Recording, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Text(&b, rec, o))
	return b.Bytes()
}

var once = Context{Reproduce: "sim run primary-crash --seed 7"}

func TestText(t *testing.T) {
	for name, o := range map[string]Options{
		"short.txt":   {Context: once},
		"verbose.txt": {Context: once, Level: sim.Normal},
		"whole.txt":   {Context: once, Level: sim.Detail},
		"narrow.txt":  {Context: once, Width: 60},
		"colour.txt":  {Context: once, Width: 100, Colour: true},
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, text(t, crash(), o)) })
	}
}

func TestTextOfWhatWentWrong(t *testing.T) {
	golden(t, "failed.txt", text(t, failed(), Options{Context: Context{Reproduce: "sim run x.yaml --seed 1", Runs: 1000, DistinctTraces: 2}}))
}

func TestTextOfDoubles(t *testing.T) {
	golden(t, "double.txt", text(t, twins(), Options{Context: Context{Reproduce: "sim run double --seed 1"}, Width: 100}))
}

func TestTextOfNothing(t *testing.T) {
	rec := &sim.Recording{Scenario: &scenarios.Scenario{Name: "empty", For: time.Minute}, Interrupted: true}
	golden(t, "nothing.txt", text(t, rec, Options{Context: Context{Reproduce: "sim run empty --seed 0"}}))
}

func TestJSON(t *testing.T) {
	for name, rec := range map[string]*sim.Recording{"crash.json": crash(), "failed.json": failed(), "double.json": twins(), "nothing.json": {Scenario: &scenarios.Scenario{Name: "empty"}}} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, JSON(&b, rec, once))
			require.True(t, json.Valid(b.Bytes()))
			require.NotContains(t, b.String(), "null", "a list without items is an empty list")
			golden(t, name, b.Bytes())
		})
	}
}

func TestJSONCountsRunsOnlyIfThereWereSeveral(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, JSON(&b, crash(), Context{Runs: 10, DistinctTraces: 1}))
	require.Contains(t, b.String(), `"runs": 10,`)
	require.Contains(t, b.String(), `"distinctTraces": 1`)
}

// What stands in a recording comes from files that anybody may have written: it must not reach the terminal as commands,
// and must not break the page.
func TestPageHoldsWhateverIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		any := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\x1b[2J", "a\r\nb", "\u202e", "\xff\xfe", "数据库"}))
		rec := crash()
		for i := range rec.Events {
			e := &rec.Events[i]
			e.Actor, e.Verb, e.Kind = any.Draw(t, "actor"), any.Draw(t, "verb"), any.Draw(t, "kind")
			e.Name, e.Reason, e.Detail = any.Draw(t, "name"), any.Draw(t, "reason"), any.Draw(t, "detail")
		}
		rec.Scenario.Title = any.Draw(t, "title")
		rec.Expectations[0] = sim.Outcome{Name: any.Draw(t, "name"), Message: any.Draw(t, "message")}
		rec.Pods[0].Volume, rec.Clients[0].Name = any.Draw(t, "volume"), any.Draw(t, "client")
		rec.Failovers[0].Cause, rec.Failovers[0].Phases[0].Name = any.Draw(t, "cause"), any.Draw(t, "phase")
		rec.Violations = []sim.Violation{{Invariant: any.Draw(t, "invariant"), Message: any.Draw(t, "message")}}

		width := rapid.IntRange(leastWidth, 120).Draw(t, "width")
		var b bytes.Buffer
		require.NoError(t, Text(&b, rec, Options{Context: Context{Reproduce: any.Draw(t, "command")}, Level: sim.Detail, Width: width}))
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if !strings.HasPrefix(line, "reproduce: ") {
				require.LessOrEqual(t, columns(line), width, "%q", line)
			}
			require.Equal(t, -1, strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", line)
		}
	})
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestErrorOfTheWriterIsReturned(t *testing.T) {
	require.ErrorIs(t, Text(full{}, crash(), Options{}), os.ErrClosed)
	require.ErrorIs(t, JSON(full{}, crash(), once), os.ErrClosed)
}

func TestWrapped(t *testing.T) {
	require.Equal(t, []string{"aa", "bb"}, wrapped("aa bb", 4))
	require.Equal(t, []string{"aa bb", "c"}, wrapped("aa bb c", 5))
	require.Equal(t, []string{"a", "bbbb", "bb"}, wrapped("a bbbbbb", 4), "a word that no line holds")
	require.Equal(t, []string{"数据", "库"}, wrapped("数据库", 5), "characters of two columns")
	require.Equal(t, []string{"a  b"}, wrapped("a  b", 0))
}

func TestTableOfSeveralRuns(t *testing.T) {
	other := crash()
	other.Scenario = &scenarios.Scenario{Name: "primary-crash", Variant: "cure, policy=Parallel", For: time.Minute}
	rows := []Row{RowOf(crash()), RowOf(other), RowOf(failed()), RowOf(&sim.Recording{Scenario: &scenarios.Scenario{Name: "empty"}, Interrupted: true})}
	var b bytes.Buffer
	require.NoError(t, Table(&b, rows, Options{Width: 100}))
	golden(t, "table.txt", b.Bytes())
}

func TestJSONLine(t *testing.T) {
	var whole, line bytes.Buffer
	require.NoError(t, JSON(&whole, crash(), once))
	require.NoError(t, JSONLine(&line, crash(), once))
	require.JSONEq(t, whole.String(), line.String())
	require.Equal(t, 1, bytes.Count(line.Bytes(), []byte("\n")))
}
