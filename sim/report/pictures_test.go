package report

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/sim/report/junit"
	"statefulsim/sim/story"
)

// played is the recording of an embedded scenario with seed 1, made once.
func played(t *testing.T, name string) *sim.Recording {
	t.Helper()
	once, _ := recordings.LoadOrStore(name, sync.OnceValues(func() (*sim.Recording, error) {
		s, err := scenarios.Single(scenarios.Find(name))
		if err != nil {
			return nil, err
		}
		return sim.Run(context.Background(), s, sim.Options{Seed: 1})
	}))
	rec, err := once.(func() (*sim.Recording, error))()
	require.NoError(t, err)
	return rec
}

var recordings sync.Map

// drawn is what a picture writes.
func drawn(t require.TestingT, draw func(io.Writer, *sim.Recording, Context) error, rec *sim.Recording, c Context) []byte {
	var b bytes.Buffer
	require.NoError(t, draw(&b, rec, c))
	return b.Bytes()
}

func asJUnit(w io.Writer, rec *sim.Recording, c Context) error {
	var j JUnit
	j.Add(rec, c)
	return j.Write(w)
}

func asMarkdown(w io.Writer, rec *sim.Recording, c Context) error {
	var m Markdown
	m.Add(rec, c)
	return m.Write(w)
}

func TestPictures(t *testing.T) {
	again := Context{Reproduce: "sim run x.yaml --seed 1 --variant bug", Runs: 10, DistinctTraces: 2}
	for name, picture := range map[string]struct {
		draw func(io.Writer, *sim.Recording, Context) error
		rec  *sim.Recording
		c    Context
	}{
		"crash.xml":     {asJUnit, crash(), once},
		"failed.xml":    {asJUnit, failed(), again},
		"double.xml":    {asJUnit, twins(), once},
		"crash.md":      {asMarkdown, crash(), once},
		"failed.md":     {asMarkdown, failed(), again},
		"double.md":     {asMarkdown, twins(), once},
		"crash.mmd":     {Mermaid, played(t, "primary-crash"), once},
		"failed.mmd":    {Mermaid, failed(), again},
		"double.mmd":    {Mermaid, twins(), once},
		"crash.chart":   {chartOnly(80, false), played(t, "primary-crash"), once},
		"colour.chart":  {chartOnly(60, true), played(t, "primary-crash"), once},
		"outage.chart":  {chartOnly(60, false), played(t, "zone-outage"), once},
		"crash.trace":   {Perfetto, crash(), once},
		"failed.trace":  {Perfetto, failed(), again},
		"nothing.chart": {chartOnly(60, false), failed(), once},
	} {
		t.Run(name, func(t *testing.T) { golden(t, "pictures/"+name, drawn(t, picture.draw, picture.rec, picture.c)) })
	}
}

func chartOnly(width int, colour bool) func(io.Writer, *sim.Recording, Context) error {
	return func(w io.Writer, rec *sim.Recording, _ Context) error {
		p := newPage(w, Options{Width: width, Colour: colour})
		p.chart(rec)
		return p.out.Flush()
	}
}

func TestMarkdownOfSeveralRuns(t *testing.T) {
	var m Markdown
	m.Add(crash(), once)
	m.Add(failed(), once)
	var b bytes.Buffer
	require.NoError(t, m.Write(&b))
	golden(t, "pictures/several.md", b.Bytes())
}

func TestJUnitOfSeveralRuns(t *testing.T) {
	var j JUnit
	j.Add(crash(), once)
	j.Add(failed(), once)
	var b bytes.Buffer
	require.NoError(t, j.Write(&b))
	read := decoded(t, b.Bytes())
	require.Len(t, read, 2)
	require.Equal(t, 0, read[0].Failures)
	require.Equal(t, 4, read[1].Failures, "an expectation, two invariants, and that it was interrupted")
	for _, suite := range read {
		require.Len(t, suite.Cases, suite.Tests)
	}
}

func decoded(t require.TestingT, document []byte) []junit.Suite {
	var read struct {
		XMLName xml.Name      `xml:"testsuites"`
		Suites  []junit.Suite `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal(document, &read))
	return read.Suites
}

// Whatever stands in a recording, each format remains what it is.
func TestPicturesHoldWhateverIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec, c := hostile(t)
		decoded(t, drawn(t, asJUnit, rec, c))
		harmlessMarkdown(t, string(drawn(t, asMarkdown, rec, c)))
		for line := range strings.Lines(string(drawn(t, Mermaid, rec, c))) {
			require.Regexp(t, mermaidLine, strings.TrimSuffix(line, "\n"))
			require.NotContains(t, line, "%%{")
		}
		wellTraced(t, drawn(t, Perfetto, rec, c))
	})
}

// hostile is a recording with texts by somebody who means harm.
func hostile(t *rapid.T) (*sim.Recording, Context) {
	any := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\x1b[2J", "a\r\nb", "\u202e", "\xff\xfe", "]]>", "<script>", "| a |", "```", "@all",
		"#12", "end", "a;b:c", "%%{init}", "https://example.com", "</details>", "-->", "note over p1", "$x$", "a\nend"}))
	rec := crash()
	for i := range rec.Events {
		e := &rec.Events[i]
		e.Actor, e.Name, e.Reason, e.Detail = any.Draw(t, "actor"), any.Draw(t, "name"), any.Draw(t, "reason"), any.Draw(t, "detail")
	}
	rec.Scenario.Name, rec.Scenario.Title, rec.Scenario.Variant = any.Draw(t, "scenario"), any.Draw(t, "title"), any.Draw(t, "variant")
	rec.Expectations[0] = sim.Outcome{Name: any.Draw(t, "name"), Message: any.Draw(t, "message"), At: time.Second}
	rec.Clients[0].Name = any.Draw(t, "client")
	f := &rec.Failovers[0]
	f.Set, f.Cause, f.Phases[0].Name, f.OldPrimary = any.Draw(t, "set"), any.Draw(t, "cause"), any.Draw(t, "phase"), any.Draw(t, "primary")
	rec.Violations = []sim.Violation{{Invariant: any.Draw(t, "invariant"), Message: any.Draw(t, "message"), Why: any.Draw(t, "why")}}
	return rec, Context{Reproduce: any.Draw(t, "command")}
}

// mermaidLine is each form that a line of a sequence diagram may have here. In texts stands nothing that means something to Mermaid.
var mermaidLine = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`%% reproduce: .*`,
	`sequenceDiagram`,
	`    title ` + mermaidWords,
	`    participant p\d+ as ` + mermaidWords,
	`    p\d+(?:->>|-->>|-x)p\d+: ` + mermaidWords,
	`    Note over p\d+(?:,p\d+)?: ` + mermaidWords,
}, "|") + `)$`)

const mermaidWords = `(?:[^\x00-\x7f]|[0-9A-Za-z .,()/=_+'-]|#\d+;)+`

func TestMermaidText(t *testing.T) {
	for text, want := range map[string]string{
		"": "-", "the end": "the #101;nd", "END; #1: a→b": "#69;ND#59; #35;1#58; a→b", "bend ends": "bend ends", "a\nb": "a#92;u000ab",
	} {
		require.Equal(t, want, mermaidText(text))
	}
	require.LessOrEqual(t, len([]rune(mermaidText(strings.Repeat("x", 1000)))), mostText)
}

// A diagram tells a story, and not all that happened.
func TestMermaidIsShort(t *testing.T) {
	for _, name := range []string{"primary-crash", "zone-outage"} {
		text := string(drawn(t, Mermaid, played(t, name), once))
		require.LessOrEqual(t, strings.Count(text, ">>p")+strings.Count(text, "-xp"), mostArrows, name)
	}
}

// Whoever asks in vain again and again is told of once.
func TestNothingIsToldTwice(t *testing.T) {
	rec := crash()
	rec.Events = rec.Events[:len(rec.Events)-1] // the verdict, at the end
	rec.Failovers[0].Recovered = false
	for i := range 5 {
		happened(rec, time.Duration(90+i)*time.Second, 9, "raft/mysql-1", "lose", "Message", "mysql-1→mysql-2", "RequestPreVote", "no such host", sim.Detail)
	}
	told := 0
	for _, e := range taleOf(story.Of(rec), &rec.Failovers[0], mostArrows).events {
		if e.Reason == "RequestPreVote" {
			told++
		}
	}
	require.Equal(t, 1, told)
}

// harmlessMarkdown looks at what is outside of blocks of code: there is no HTML but ours, and nobody is told.
func harmlessMarkdown(t *rapid.T, text string) {
	fence := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		marks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(marks) >= 3:
			fence = marks
			continue
		case fence != "":
			if line == fence {
				fence = ""
			}
			continue
		}
		rest := strings.ReplaceAll(line, "<!-- -->", "")
		rest = strings.NewReplacer("<details><summary>Timeline</summary>", "", "</details>", "").Replace(rest)
		require.NotContains(t, rest, "<")
		require.NotRegexp(t, `[@#$][\w]|://|www\.`, strings.NewReplacer("&#36;", "", "<!-- -->", " ").Replace(line))
		require.NotRegexp(t, "(?:^|[^\\\\`])`", strings.ReplaceAll(line, `\\`, ""), "a backtick that is not escaped")
	}
	require.Empty(t, fence, "a block of code that does not end")
}

func TestHistory(t *testing.T) {
	page := string(drawn(t, History, played(t, "primary-crash"), once))
	require.Contains(t, page, "writer writes k")
	require.NotRegexp(t, `(?:src|href)="?https?:`, page, "nothing is loaded")
	require.ErrorContains(t, History(io.Discard, failed(), once), "there is no history to draw")
}

func TestErrorOfTheWriterOfAPictureIsReturned(t *testing.T) {
	for _, draw := range []func(io.Writer, *sim.Recording, Context) error{asJUnit, asMarkdown, Mermaid, Perfetto} {
		require.Error(t, draw(full{}, crash(), once))
	}
}

// The chart stands only where somebody looks.
func TestTextHasAChartIfAskedFor(t *testing.T) {
	rec := played(t, "primary-crash")
	require.NotContains(t, string(text(t, rec, Options{Width: 80})), "Over time")
	require.Contains(t, string(text(t, rec, Options{Width: 80, Chart: true})), "Over time")
}

// Who leads is told in one column, also in a set of more than ten.
func TestLeaderSign(t *testing.T) {
	for text, want := range map[string]string{"mysql-1 leads in term 2": "1", "mysql-11 leads in term 3": "b", "a-35 leads": "z", "a-36 leads": "L", "a leads": "L", "": "L"} {
		require.Equal(t, want, leaderSign(&story.Span{State: story.Serving, Text: text}).text, text)
	}
	require.Equal(t, "!", leaderSign(&story.Span{State: story.Broken, Text: "mysql-0 and mysql-1"}).text)

	c := &chart{signs: map[string]bool{"1": true, "b": true, "!": true}}
	require.Equal(t, []string{"0 to 9, a (10) to z (35) the pod that leads", "! two lead"}, c.leaderLegend())
}

// The legend has the signs that stand there, and not those that another took the place of.
func TestLegendOfWhatIsSeen(t *testing.T) {
	c := &chart{end: 2 * time.Second, cells: 1, signs: map[string]bool{}}
	c.noted(c.leads(&story.Lane{Kind: story.LeaderLane, Name: "a", Spans: []story.Span{
		{Until: time.Second, State: story.Broken, Text: "two"}, {From: time.Second, Until: 2 * time.Second, State: story.Serving, Text: "a-1 leads in term 2"},
	}}))
	require.Equal(t, []string{"!"}, c.seenOf("1", "!"))
}
