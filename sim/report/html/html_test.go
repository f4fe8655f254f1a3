package html

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/sim/report"
	"statefulsim/sim/story"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var plays sync.Map

// played is the recording of a scenario of the catalogue, of the first that its file describes; tests share it.
func played(t *testing.T, name string) *sim.Recording {
	play, _ := plays.LoadOrStore(name, sync.OnceValue(func() *sim.Recording {
		runs, err := scenarios.Find(name)
		if err != nil {
			panic(err)
		}
		rec, err := sim.Run(context.Background(), runs[0], sim.Options{Seed: 1})
		if err != nil {
			panic(err)
		}
		return rec
	}))
	return play.(func() *sim.Recording)()
}

func write(t *testing.T, rec *sim.Recording) []byte {
	var b bytes.Buffer
	require.NoError(t, Run(&b, rec, report.Context{Reproduce: "sim run " + rec.Scenario.Name + " --seed 1"}))
	return b.Bytes()
}

func pageOf(t *testing.T, name string) []byte { return write(t, played(t, name)) }

// nasty is what a text of a scenario may hold.
const nasty = "</script><script>window.owned=1</script>\"'`<img src=x onerror=owned=1>\u2028\u202e{{.}}"

func small() *sim.Recording {
	rec := &sim.Recording{
		Scenario: &scenarios.Scenario{Name: "small", Title: "A small one", For: 10 * time.Second}, Seed: 7, Hash: "abc", Virtual: 10 * time.Second,
		Expectations: []sim.Outcome{{Name: "it holds", Passed: true, At: 10 * time.Second}},
	}
	happened := func(at time.Duration, cause int, actor, verb, kind, name string, level sim.Level) {
		rec.Events = append(rec.Events, sim.Event{Seq: len(rec.Events) + 1, At: at, Cause: cause, Actor: actor, Verb: verb, Kind: kind, Name: name, Level: level})
	}
	happened(time.Second, 0, "step", "begin", "Step", "crash", sim.Headline)
	happened(1500*time.Millisecond, 1, "network", "lose", "Message", "a→b", sim.Detail)
	happened(1600*time.Millisecond, 1, "network", "lose", "Message", "a→b", sim.Detail)
	happened(2*time.Second, 2, "kubelet/a", "remove", "Pod", "a", sim.Headline)
	return rec
}

func hostile() *sim.Recording {
	rec := small()
	rec.Scenario.Name, rec.Scenario.Title, rec.Scenario.Why, rec.Scenario.Variant = nasty, nasty, nasty, nasty
	rec.Scenario.Links = []string{"javascript:owned=1"}
	for i := range rec.Events {
		rec.Events[i].Actor, rec.Events[i].Name, rec.Events[i].Detail = nasty, nasty, nasty
	}
	rec.Expectations = append(rec.Expectations, sim.Outcome{Name: nasty, Message: nasty})
	rec.Violations = []sim.Violation{{Invariant: nasty, Message: nasty, Why: nasty}}
	rec.Failovers = []sim.Failover{{Set: nasty, Cause: nasty, CauseSeq: 1, OldPrimary: nasty, At: time.Second, Phases: []sim.Phase{{Name: nasty, Took: time.Second, Seq: 4}}}}
	rec.Pods = []sim.PodState{{Namespace: nasty, Name: nasty, Node: nasty}}
	rec.Clients = []sim.ClientResult{{Name: nasty}}
	return rec
}

// The events that led to nothing are packed away, and the causes of the others are not.
func TestData(t *testing.T) {
	got, err := json.MarshalIndent(tell(small(), nil).Events, "", " ")
	require.NoError(t, err)
	golden := filepath.Join("testdata", "events.json")
	if *update {
		require.NoError(t, os.WriteFile(golden, got, 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
	require.Equal(t, 1, tell(small(), nil).More)
	require.Equal(t, 0, tell(small(), []int{3}).More)
}

// Every cause of an event that is in the page is there too.
func TestChainsAreComplete(t *testing.T) {
	rec := played(t, "primary-crash")
	kept := keep(rec, nil)
	for i := range rec.Events {
		if e := &rec.Events[i]; kept[e.Seq] && e.Cause > 0 {
			require.True(t, kept[e.Cause])
		}
	}
}

func TestHostileNames(t *testing.T) {
	page := string(write(t, hostile()))
	require.False(t, strings.Contains(page, "<script>window"))
	require.False(t, strings.Contains(page, "<img"))
	require.False(t, strings.Contains(page, "\u2028"))
	require.False(t, strings.Contains(page, "\u202e"))
	require.False(t, strings.Contains(page, `href="javascript:`))
	require.Equal(t, 2, strings.Count(page, "</script>"))
}

// Nothing is loaded from anywhere, and the policy forbids that it is.
func TestSelfContained(t *testing.T) {
	page := pageOf(t, "primary-crash")
	require.Less(t, len(page), 600_000)
	require.Regexp(t, `default-src (&#39;|')none`, string(page))
	for _, url := range regexp.MustCompile(`(?:src|href|url\()\s*=?\s*["']?(https?:|//)[^"')]*`).FindAllString(string(page), -1) {
		require.Regexp(t, `^href="https://`, url, "links of text alone")
	}
}

func TestTicks(t *testing.T) {
	for _, length := range []time.Duration{time.Millisecond, 7 * time.Second, 2 * time.Minute, 9 * time.Hour} {
		n := len(ticks(length))
		require.True(t, n >= 1 && n <= 13, "%d ticks in %s", n, length)
	}
}

// Signs of one instant stand below one another; those that are alike may hide each other.
func TestMarksDoNotHideEachOther(t *testing.T) {
	s := &story.Story{Rec: small()}
	for _, m := range []struct {
		at   time.Duration
		kind story.MarkKind
	}{{1000, story.ElectionMark}, {2000, story.FaultMark}, {2000, story.LossMark}, {2100, story.ElectionMark}, {2150, story.RecoverMark}, {10000, story.PassMark}, {10000, story.PassMark}} {
		s.Marks = append(s.Marks, story.Mark{At: m.at * time.Millisecond, Kind: m.kind, Seq: 1, Text: "x"})
	}
	var lines []int
	for _, m := range (&chart{Length: 10 * time.Second}).marks(s) {
		lines = append(lines, (m.Y-rowHeight/2)/14)
		require.Contains(t, m.Text, "step: x", "who did it")
	}
	require.Equal(t, []int{0, 0, 1, 2, 0, 0, 0}, lines)
}

// What is shaded ends with the recovery, with the next loss of a primary of the same set, or with the run.
func TestBandsOfFailovers(t *testing.T) {
	rec := small()
	rec.Failovers = []sim.Failover{
		{Set: "a", At: 1 * time.Second, Recovered: true, Recovery: time.Second}, {Set: "a", At: 3 * time.Second}, {Set: "b", At: 4 * time.Second},
		{Set: "a", At: 5 * time.Second, Recovered: true, Recovery: time.Second},
	}
	c := &chart{Length: rec.Virtual}
	c.behind(&story.Story{Rec: rec}, 0)
	var widths []string
	for _, b := range c.Bands {
		widths = append(widths, b.Width)
	}
	require.Equal(t, []string{"10%", "20%", "60%", "10%"}, widths)
}

func TestTitleOfTwoRuns(t *testing.T) {
	of := func(name, variant string) *scenarios.Scenario {
		return &scenarios.Scenario{Name: name, Variant: variant}
	}
	require.Equal(t, "x: bug and cure", titleOfBoth(of("x", "bug"), of("x", "cure")))
	require.Equal(t, "Two runs of x (bug)", titleOfBoth(of("x", "bug"), of("x", "bug")))
	require.Equal(t, "x and y (cure)", titleOfBoth(of("x", ""), of("y", "cure")))
}
