package html

import (
	"math"
	"strings"
	"time"

	"statefulsim/scenarios"
	"statefulsim/scenarios/words"
	"statefulsim/sim/report"
)

// compared is in what two runs differ.
type compared struct {
	Partings []parting
	Tables   []difference
}

// parting is where the stories part.
type parting struct {
	Title string
	Alike int
	Last  *moment
	Then  [2]*moment
}

// moment is an event in words, with those that led to it, the first cause first.
type moment struct {
	Run, Seq        int
	At, Actor, Text string
	Because         []moment
}

// difference is a table: a row a figure, a column a run.
type difference struct {
	Title string
	Rows  []differs
}

// differs is one figure in both runs.
type differs struct {
	Name  string
	Side  [2]string
	Less  string // by how much B's is more than A's
	Alike bool
}

// compare adds what c says, and marks the parting in the chart.
func (p *page) compare(c *report.Comparison) {
	d := &compared{}
	if c.Drift != nil {
		d.Partings = append(d.Partings, partingOf("The same happens, but not at the same instant", c.Drift))
	}
	if c.Parting != nil {
		d.Partings = append(d.Partings, partingOf("Something else happens", c.Parting))
	}
	if len(d.Partings) > 0 {
		p.Chart.parting(&d.Partings[len(d.Partings)-1], c)
	}
	d.table("Runs", runRows(c))
	for _, f := range c.Failovers {
		d.table("Failover of "+words.Printable(either(f).Set), failoverRows(f))
	}
	for _, s := range c.Clients {
		d.table("Client "+words.Printable(either(s).Name), servedRows(s))
	}
	var judged []differs
	for _, e := range c.Expectations {
		judged = append(judged, texts(words.Printable(either(e).Name), verdicts(e)))
	}
	for _, v := range c.Invariants {
		judged = append(judged, texts(words.Printable(either(v).Invariant), sidesOf(v, "kept", func(v *report.Violation) string { return "✗ broken at " + at(v.AtSeconds) })))
	}
	d.table("Judged otherwise", judged)
	d.table("More than one writable primary", splitRows(c.SplitBrains))
	d.table("Not Ready at the end", notReady(c.NotReady))
	p.Compared = d
}

// parting draws a line where the stories part, over the rows of both runs.
func (c *chart) parting(part *parting, from *report.Comparison) {
	at := from.Parting
	if at == nil {
		at = from.Drift
	}
	instant := math.Inf(1)
	for _, m := range at.Then {
		if m != nil {
			instant = min(instant, m.AtSeconds)
		}
	}
	if math.IsInf(instant, 1) {
		return
	}
	c.Parting = &mark{X: c.share(duration(instant)), Kind: "parting", Text: "here the stories part: " + words.Millis(duration(instant))}
}

func partingOf(title string, p *report.Parting) parting {
	told := parting{Title: title, Alike: p.Alike}
	if p.Last != nil {
		told.Last = momentOf(0, p.Last)
	}
	for i, m := range p.Then {
		if m != nil {
			told.Then[i] = momentOf(i, m)
		}
	}
	return told
}

func momentOf(run int, m *report.Moment) *moment {
	told := &moment{Run: run, Seq: m.Seq, At: words.Millis(duration(m.AtSeconds)), Actor: words.Printable(m.Actor), Text: words.Printable(m.Text)}
	for i := len(m.Because) - 1; i >= 0; i-- {
		told.Because = append(told.Because, *momentOf(run, &m.Because[i]))
	}
	return told
}

func (d *compared) table(title string, rows []differs) {
	if len(rows) > 0 {
		d.Tables = append(d.Tables, difference{title, rows})
	}
}

func runRows(c *report.Comparison) []differs {
	a, b := &c.Runs[0], &c.Runs[1]
	return []differs{
		texts("verdict", [2]string{verdict(a.Verdict), verdict(b.Verdict)}),
		texts("slowest recovery", [2]string{recovery(a), recovery(b)}).less(b.RecoverySeconds-a.RecoverySeconds, a.RecoverySeconds > 0 && b.RecoverySeconds > 0),
		numbers("lost writes", a.LostWrites, b.LostWrites),
		numbers("events", a.Events, b.Events),
		texts("trace (SHA-256)", [2]string{a.TraceSHA256[:min(12, len(a.TraceSHA256))], b.TraceSHA256[:min(12, len(b.TraceSHA256))]}),
	}
}

func recovery(c *report.Compared) string {
	switch {
	case c.Stuck > 0:
		return "✗ not recovered"
	case c.RecoverySeconds == 0:
		return "none"
	}
	return at(c.RecoverySeconds)
}

func failoverRows(f report.Pair[report.Failover]) (rows []differs) {
	row := func(name string, of func(*report.Failover) (float64, bool)) {
		var r differs
		var value [2]float64
		var there [2]bool
		for i, side := range []*report.Failover{f.First, f.Second} {
			r.Side[i] = "–"
			if side == nil {
				continue
			}
			if value[i], there[i] = of(side); there[i] {
				r.Side[i] = at(value[i])
			}
		}
		r.Name, r.Alike = name, r.Side[0] == r.Side[1]
		rows = append(rows, r.less(value[1]-value[0], there[0] && there[1]))
	}
	row("begins", func(f *report.Failover) (float64, bool) { return f.AtSeconds, true })
	longer := either(f)
	if f.First != nil && f.Second != nil && len(f.Second.Phases) > len(f.First.Phases) {
		longer = f.Second
	}
	for _, phase := range longer.Phases {
		row(words.Printable(phase.Name), func(f *report.Failover) (float64, bool) {
			for _, other := range f.Phases {
				if other.Name == phase.Name {
					return other.Seconds, true
				}
			}
			return 0, false
		})
	}
	row("recovery time", func(f *report.Failover) (float64, bool) { return f.RecoverySeconds, f.Recovered })
	return append(rows, texts("primary", sidesOf(f, "no failover", func(f *report.Failover) string {
		if f.NewPrimary == "" {
			return words.Printable(f.OldPrimary + " → nobody")
		}
		return words.Printable(f.OldPrimary + " → " + f.NewPrimary)
	})))
}

func servedRows(s report.Pair[report.Served]) []differs {
	row := func(name string, of func(*report.Served) int) differs {
		if s.First != nil && s.Second != nil {
			return numbers(name, of(s.First), of(s.Second))
		}
		return texts(name, sidesOf(s, "–", func(c *report.Served) string { return words.Thousands(of(c)) }))
	}
	outage := texts("longest outage", sidesOf(s, "–", func(c *report.Served) string { return at(c.LongestOutageSeconds) }))
	if s.First != nil && s.Second != nil {
		outage = outage.less(s.Second.LongestOutageSeconds-s.First.LongestOutageSeconds, true)
	}
	return []differs{
		row("acknowledged", func(c *report.Served) int { return c.Acknowledged }), row("failed", func(c *report.Served) int { return c.Failed }),
		row("unknown", func(c *report.Served) int { return c.Unknown }), row("lost", func(c *report.Served) int { return c.Lost }), outage,
	}
}

func splitRows(all []report.Pair[report.SplitBrain]) (rows []differs) {
	for _, s := range all {
		rows = append(rows, texts(words.Printable(either(s).Set), sidesOf(s, "one at a time", func(s *report.SplitBrain) string {
			until := "the end"
			if s.UntilSeconds > 0 {
				until = at(s.UntilSeconds)
			}
			return words.Printable(strings.Join(s.Pods, " and ")) + ", " + at(s.FromSeconds) + " to " + until
		})))
	}
	return rows
}

func notReady(names [2][]string) []differs {
	if len(names[0])+len(names[1]) == 0 {
		return nil
	}
	var told [2]string
	for i := range names {
		if told[i] = words.Printable(strings.Join(names[i], ", ")); told[i] == "" {
			told[i] = "none"
		}
	}
	return []differs{texts("pods", told)}
}

func verdicts(e report.Pair[report.Expectation]) [2]string {
	return sidesOf(e, "not expected", func(e *report.Expectation) string { return verdict(e.Verdict) })
}

func verdict(v string) string {
	return map[bool]string{true: "✓ passed", false: "✗ failed"}[v == "pass"]
}

// sidesOf writes what each run has of a thing, or what stands for one that does not have it.
func sidesOf[T any](p report.Pair[T], without string, text func(*T) string) [2]string {
	told := [2]string{without, without}
	if p.First != nil {
		told[0] = text(p.First)
	}
	if p.Second != nil {
		told[1] = text(p.Second)
	}
	return told
}

func either[T any](p report.Pair[T]) *T {
	if p.First != nil {
		return p.First
	}
	return p.Second
}

func texts(name string, side [2]string) differs {
	return differs{Name: name, Side: side, Alike: side[0] == side[1]}
}

func numbers(name string, a, b int) differs {
	d := texts(name, [2]string{words.Thousands(a), words.Thousands(b)})
	if a != b {
		d.Less = strings.Replace(signed(a < b)+words.Thousands(b-a), "-", "−", 1)
	}
	return d
}

// less says by how many seconds the second is more.
func (d differs) less(by float64, known bool) differs {
	if by := duration(by).Round(time.Millisecond); known && by != 0 {
		d.Less = strings.Replace(signed(by > 0)+words.Millis(by), "-", "−", 1)
	}
	return d
}

func signed(more bool) string { return map[bool]string{true: "+"}[more] }

// at writes an instant or a duration that is not broken between its figure and its unit.
func at(seconds float64) string {
	return strings.Replace(words.Millis(duration(seconds)), " ", "\u00a0", 1)
}

func duration(seconds float64) time.Duration { return time.Duration(math.Round(seconds * 1e9)) }

// titleOfBoth names two runs in one line. In what else they differ than in their variants, the commands above it say.
func titleOfBoth(a, b *scenarios.Scenario) string {
	switch {
	case nameOf(a) == nameOf(b):
		return "Two runs of " + nameOf(a)
	case a.Name == b.Name && a.Variant != "" && b.Variant != "":
		return words.Printable(a.Name + ": " + a.Variant + " and " + b.Variant)
	}
	return nameOf(a) + " and " + nameOf(b)
}
