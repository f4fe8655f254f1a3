package html

import (
	"html/template"
	"strings"
	"time"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/report"
	"statefulsim/sim/story"
)

// page is all that the template writes.
type page struct {
	Title, About string
	Policy       string
	Style        template.CSS
	Script       template.JS
	Runs         []run
	Chart        *chart
	Compared     *compared // nil for one run
	Data         data
}

// data is what the script reads.
type data struct {
	Length  int64          `json:"length"`  // of the axis, in microseconds
	Runs    []told         `json:"runs"`    //
	Clients [][][][5]int64 `json:"clients"` // by run and client, what clientRow.Bars has
}

// run is what the page says of one run in words.
type run struct {
	At        int    // its place among the runs
	Side      string // "A" or "B" where there are two
	Seed      uint64
	Hash      string // of its trace
	Name      string
	Title     string
	Passed    bool
	Verdict   string
	Figures   []figure
	Failovers []waterfall
	Judged    []judged
	Lines     []line
	More      int // headlines beyond Lines
	Pods      []pod
	Clients   []sim.ClientResult
	Commands  []*report.Command
	YAML      string
	Reproduce string
	Repeated  string
	Links     []string
}

// figure is a number that people ask for first.
type figure struct{ Name, Value, Note, Tone string }

// judged is what was expected or must always hold, and what came of it.
type judged struct {
	Sign, Verdict string // a sign and a word, so that nobody needs to see the colour
	Tone          string
	Name, Note    string
	Why           string
	At            time.Duration
}

// pod is a pod at the end.
type pod struct {
	sim.PodState
	Name string
}

func newPage(stories []*story.Story, contexts []report.Context) *page {
	p := &page{}
	var recs []*sim.Recording
	for _, s := range stories {
		recs = append(recs, s.Rec)
	}
	length := longest(recs)
	var clients [][]clientRow
	for i, s := range stories {
		rows := clientRows(s, length)
		clients = append(clients, rows)
		bars := [][][5]int64{}
		for _, r := range rows {
			bars = append(bars, r.Bars)
		}
		p.Data.Clients = append(p.Data.Clients, bars)
		p.Data.Runs = append(p.Data.Runs, tell(s.Rec, asked(s)))
		r := newRun(i, s.Rec, contexts[i])
		if len(stories) > 1 {
			r.Side = sides[i]
		}
		p.Runs = append(p.Runs, r)
	}
	p.Chart = newChart(stories, clients)
	p.Data.Length = p.Chart.Length.Microseconds()
	return p
}

func newRun(at int, rec *sim.Recording, c report.Context) run {
	r := run{
		At: at, Seed: rec.Seed, Hash: rec.Hash, Name: nameOf(rec.Scenario), Title: titleOf(rec.Scenario), Passed: rec.Passed(), Verdict: verdictOf(rec), Figures: figures(rec),
		Failovers: waterfalls(at, rec), Judged: judgedOf(rec), Clients: rec.Clients, Commands: report.Commands(rec),
		YAML: yamlOf(rec.Scenario), Reproduce: words.Printable(c.Reproduce), Links: rec.Scenario.Links,
	}
	r.Lines, r.More = headlines(at, rec)
	for _, s := range rec.Pods {
		r.Pods = append(r.Pods, pod{s, qualified(s.Namespace, s.Name)})
	}
	if c.Runs > 0 {
		r.Repeated = words.Count(c.Runs, "run") + " with this seed, " + words.Count(c.DistinctTraces, "different trace")
	}
	return r
}

func titleOf(s *scenarios.Scenario) string {
	if s.Title == "" {
		return nameOf(s)
	}
	return words.Printable(s.Title)
}

func verdictOf(rec *sim.Recording) string {
	switch {
	case rec.Interrupted:
		return "Interrupted"
	case rec.Passed():
		return "Passed"
	}
	return "Failed"
}

// figures are what came of a run in numbers.
func figures(rec *sim.Recording) (all []figure) {
	row := report.RowOf(rec)
	switch {
	case row.Failovers == 0:
		all = append(all, figure{Name: "Recovery", Value: "none needed", Note: "no primary was lost"})
	case row.Stuck > 0:
		all = append(all, figure{"Recovery", "not recovered", words.Count(row.Stuck, "failover") + " of " + words.Thousands(row.Failovers), "bad"})
	case row.Failovers == 1:
		all = append(all, figure{Name: "Recovery", Value: words.Seconds(row.Recovery), Note: "until clients wrote again"})
	default:
		all = append(all, figure{Name: "Recovery", Value: words.Seconds(row.Recovery), Note: "the slowest of " + words.Thousands(row.Failovers)})
	}
	if len(rec.Clients) > 0 {
		all = append(all, lostFigure(rec, row.LostWrites))
	}
	held, broken := 0, len(rec.Violations)
	for _, o := range rec.Expectations {
		if o.Passed {
			held++
		}
	}
	expected := figure{"Expectations", words.Thousands(held) + " of " + words.Thousands(len(rec.Expectations)), "hold", toneIf(held < len(rec.Expectations))}
	if len(rec.Expectations) == 0 {
		expected.Value, expected.Note = "none", "nothing was expected"
	}
	all = append(all, expected,
		figure{"Invariants", map[bool]string{true: "kept", false: "broken"}[broken == 0], brokenNote(rec), toneIf(broken > 0)},
		figure{Name: "Events", Value: words.Thousands(len(rec.Events)), Note: "in " + lengthOf(rec) + " of virtual time"})
	return all
}

// lengthOf says how long a run was, and how long it was to be if somebody ended it before.
func lengthOf(rec *sim.Recording) string {
	if rec.Interrupted {
		return words.Seconds(rec.Virtual) + " of " + words.Seconds(rec.Scenario.For)
	}
	return words.Seconds(rec.Virtual)
}

func lostFigure(rec *sim.Recording, lost int) figure {
	acknowledged := 0
	for i, c := range rec.Scenario.Clients {
		if c.Writes && i < len(rec.Clients) {
			acknowledged += rec.Clients[i].Acknowledged
		}
	}
	return figure{"Lost writes", words.Thousands(lost), "of " + words.Thousands(acknowledged) + " acknowledged", toneIf(lost > 0)}
}

func toneIf(bad bool) string { return map[bool]string{true: "bad"}[bad] }

func brokenNote(rec *sim.Recording) string {
	names := map[string]bool{}
	for _, v := range rec.Violations {
		names[v.Invariant] = true
	}
	switch {
	case len(names) > 0:
		return words.Count(len(names), "invariant")
	case len(rec.Broken) > 0:
		return "but for those that it is meant to break"
	}
	return "after every step"
}

// judgedOf are the expectations and then the breaches, of which one that was seen again and again stands once.
func judgedOf(rec *sim.Recording) (all []judged) {
	for _, o := range rec.Expectations {
		j := judged{Sign: "✓", Verdict: "holds", Tone: "good", Name: words.Printable(o.Name), At: o.At}
		if !o.Passed {
			j.Sign, j.Verdict, j.Tone, j.Note = "✗", "failed", "bad", words.Printable(o.Message)
		}
		all = append(all, j)
	}
	all = append(all, breaches(rec.Violations, "broken", "bad")...)
	return append(all, breaches(rec.Broken, "broken, as meant", "")...)
}

func breaches(violations []sim.Violation, verdict, tone string) (all []judged) {
	first := map[string]int{}
	times := map[string]int{}
	for _, v := range violations {
		key := v.Invariant + "\x00" + v.Message
		if times[key]++; times[key] > 1 {
			continue
		}
		first[key] = len(all)
		all = append(all, judged{"✗", verdict, tone, words.Printable(v.Invariant), words.Printable(v.Message), words.Printable(v.Why), v.At})
	}
	for key, n := range times {
		if n > 1 {
			all[first[key]].Note += ", and " + words.Count(n-1, "time") + " more"
		}
	}
	return all
}

// waterfall is a failover taken apart.
type waterfall struct {
	Run         int
	Set, Cause  string
	CauseSeq    int
	Who         string
	At          time.Duration
	From, Until int64 // what the chart shows of it, in microseconds
	Phases      []phase
	Recovered   bool
	Recovery    time.Duration
	Lost        int
}

type phase struct {
	Name     string
	Took     time.Duration
	X, Width string
	Seq      int
}

func waterfalls(run int, rec *sim.Recording) (all []waterfall) {
	for _, f := range rec.Failovers {
		w := waterfall{Run: run, Set: words.Printable(f.Set), Cause: words.Printable(f.Cause), CauseSeq: f.CauseSeq, At: f.At, Recovered: f.Recovered,
			Recovery: f.Recovery, Lost: f.LostWrites}
		next := f.NewPrimary
		if next == "" {
			next = "nobody"
		}
		w.Who = words.Printable(f.OldPrimary + " → " + next)
		var whole, passed time.Duration
		for _, p := range f.Phases {
			whole += p.Took
		}
		whole = max(whole, time.Microsecond)
		for _, p := range f.Phases {
			w.Phases = append(w.Phases, phase{words.Printable(p.Name), p.Took, share(passed, whole), share(p.Took, whole), p.Seq})
			passed += p.Took
		}
		margin := max(whole/5, 100*time.Millisecond)
		w.From, w.Until = (f.At - margin).Microseconds(), (f.At + whole + margin).Microseconds()
		all = append(all, w)
	}
	return all
}

// Why tells what a scenario is for, in paragraphs.
func (p *page) Why() (paragraphs []string) {
	for text := range strings.SplitSeq(strings.TrimSpace(p.About), "\n\n") {
		paragraphs = append(paragraphs, words.Printable(strings.Join(strings.Fields(text), " ")))
	}
	return paragraphs
}
