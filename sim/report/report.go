// Package report says what came of a run: to people as text, to machines as JSON. It reads recordings and nothing else.
package report

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
)

// Context is what a report says of a run and its recording does not know.
type Context struct {
	Reproduce string // the command that makes the same run again

	// Runs is how often the scenario was run with this seed, if that was asked for, and DistinctTraces how many different
	// traces came of it: 1 if all is well. Runs 0 says that it was not asked for.
	Runs, DistinctTraces int
}

// Options say how a report for people looks.
type Options struct {
	Context
	Level  sim.Level // the timeline shows the events of this level and those that matter more
	Width  int       // of the page, in columns; 0 is without limit
	Colour bool      // whether the page may hold colours, as ANSI escape sequences
	Chart  bool      // whether the lanes of the pods and leaders are drawn over time
}

// Text writes the report for people. Apart from colours, if those are asked for, and the ends of lines it holds no control
// characters, whatever stands in the recording. The error is that of w.
func Text(w io.Writer, rec *sim.Recording, o Options) error {
	p := newPage(w, o)
	p.header(rec)
	p.timeline(rec, o.Level)
	if o.Chart {
		p.chart(rec)
	}
	for i := range rec.Failovers {
		p.failover(rec, &rec.Failovers[i])
	}
	p.terminal(rec)
	p.clients(rec.Clients)
	p.pods(rec.Pods)
	p.expectations(rec)
	p.doubles(rec)
	p.splitBrains(rec)
	p.violations("Broken, as the scenario says", rec.Broken)
	p.violations("Broken invariants", rec.Violations)
	p.verdict(rec, o.Context)
	return p.out.Flush()
}

func (p *page) header(rec *sim.Recording) {
	s := rec.Scenario
	name := s.Name
	if s.Variant != "" {
		name += " (" + s.Variant + ")"
	}
	if s.Title == "" {
		p.put(bold(name))
	} else {
		p.put(bold(name), plain(": "), plain(s.Title))
	}
	p.put(faint("seed " + strconv.FormatUint(rec.Seed, 10) + ", " + words.Seconds(s.For) + " of virtual time"))
}

// verdict closes the report: how it went, how fast, and how to see it again.
func (p *page) verdict(rec *sim.Recording, c Context) {
	p.gap()
	outcome := expected(rec.Expectations) + ", " + brokenInvariants(rec)
	switch {
	case rec.Interrupted:
		p.put(bad("STOPPED"), plain("  "), plain("interrupted at "+words.Seconds(rec.Virtual)+" of "+words.Seconds(rec.Scenario.For)+"; until then "+outcome))
	case rec.Passed():
		p.put(good("PASS"), plain("  "), plain(outcome))
	default:
		p.put(bad("FAIL"), plain("  "), plain(outcome))
	}
	p.put(faint(words.Count(len(rec.Events), "event") + "; " + words.Seconds(rec.Virtual) + " of virtual time in " + words.Seconds(rec.Wall) + speed(rec)))
	switch runs := words.Count(c.Runs, "run") + ", " + words.Count(c.DistinctTraces, "distinct trace"); {
	case c.DistinctTraces > 1:
		p.put(bad(runs))
	case c.Runs > 0:
		p.put(plain(runs))
	}
	p.whole(plain("reproduce: " + c.Reproduce))
}

func expected(all []sim.Outcome) string {
	failed := 0
	for i := range all {
		if !all[i].Passed {
			failed++
		}
	}
	switch {
	case len(all) == 0:
		return "nothing was expected"
	case failed == 0:
		return strconv.Itoa(len(all)) + " of " + words.Count(len(all), "expectation") + " held"
	}
	return strconv.Itoa(failed) + " of " + words.Count(len(all), "expectation") + " failed"
}

func brokenInvariants(rec *sim.Recording) string {
	meant, others := invariantsOf(rec.Broken), invariantsOf(rec.Violations)
	switch {
	case len(meant)+len(others) == 0:
		return "no invariant was broken"
	case len(others) == 0:
		return "no invariant was broken but, as the scenario says, " + strings.Join(meant, ", ")
	}
	return words.Count(len(others), "invariant") + " broken: " + strings.Join(others, ", ")
}

// invariantsOf names the invariants that were broken, each once, in the order of their first breach.
func invariantsOf(all []sim.Violation) (names []string) {
	for i := range all {
		if !slices.Contains(names, all[i].Invariant) {
			names = append(names, all[i].Invariant)
		}
	}
	return names
}

func speed(rec *sim.Recording) string {
	if rec.Wall <= 0 {
		return ""
	}
	return ", " + words.Thousands(int(rec.Virtual.Seconds()/rec.Wall.Seconds())) + " times as fast"
}
