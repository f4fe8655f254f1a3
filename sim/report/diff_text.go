package report

import (
	"io"
	"strconv"
	"strings"
	"time"

	"statefulsim/scenarios/words"
)

// TextOfComparison writes a comparison for people. What the runs have beside each other stands so if the page is wide enough. The
// error is that of w.
func TextOfComparison(w io.Writer, c *Comparison, o Options) error {
	p := newPage(w, o)
	p.comparedRuns(c)
	p.partings(c)
	for _, f := range c.Failovers {
		p.failoverPair(f)
	}
	p.servedPairs(c.Clients)
	p.notReady(c.NotReady)
	p.expectationPairs(c.Expectations)
	p.invariantPairs(c.Invariants)
	p.splitBrainPairs(c.SplitBrains)
	return p.out.Flush()
}

// sides are what the two runs are called.
var sides = [2]string{"A", "B"}

func (p *page) comparedRuns(c *Comparison) {
	for i := range c.Runs {
		r := &c.Runs[i]
		verdict := good("PASS")
		if r.Verdict != "pass" {
			verdict = bad("FAIL")
		}
		p.put(bold(sides[i]+"  "), verdict, plain("  "), plain(r.name()+", "+words.Count(r.Events, "event")))
		p.whole(faint("   " + r.Reproduce))
	}
}

func (r *Compared) name() string { return r.Scenario + aside(r.Variant) }

func (p *page) partings(c *Comparison) {
	p.heading("Where the stories part")
	switch {
	case c.Drift == nil && c.Parting == nil:
		p.put(plain("  "), plain("nowhere: the same happens, at the same instants"))
		return
	case c.Drift != nil:
		p.parting(c.Drift, "the same follows in both, but at another instant:")
		if c.Parting == nil {
			p.put(plain("  "), plain("Whatever comes then is the same in both, if not always at the same instant."))
			return
		}
		p.gap()
	}
	p.parting(c.Parting, "then they part:")
}

// parting tells what was the last that both runs had in common, and what followed in each.
func (p *page) parting(at *Parting, then string) {
	if at.Last == nil {
		p.put(plain("  "), plain("from the beginning, "+then))
	} else {
		p.put(plain("  "), plain("after "+words.Count(at.Alike, "event")+" that both have in common, the last of them:"))
		p.put(append([]piece{plain("    ")}, at.Last.pieces()...)...)
		p.put(plain("  "), plain(then))
	}
	var told [2][]piece
	for i, m := range at.Then {
		told[i] = []piece{bold("  " + sides[i])}
		if m == nil {
			told[i] = append(told[i], plain("    the run is over"))
			continue
		}
		told[i] = append(told[i], plain("    "+m.line()))
		for _, cause := range m.Because {
			told[i] = append(told[i], faint("      ← "+cause.line()))
		}
	}
	p.beside(told[0], told[1])
}

func (m *Moment) pieces() []piece {
	return []piece{faint(clock(duration(m.AtSeconds)) + "  "), plain(m.Actor + "  "), plain(m.Text)}
}

func (m *Moment) line() string {
	return clock(duration(m.AtSeconds)) + "  " + m.Actor + "  " + m.Text
}

// duration is that of a document's seconds, to the microsecond.
func duration(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(time.Microsecond)
}

// Short tells in a line where the second run parts from the first, and what that did to recovery and lost writes.
func (c *Comparison) Short() string {
	var told []string
	switch {
	case c.Parting != nil:
		told = append(told, "parts"+c.Parting.short())
	case c.Drift != nil:
		told = append(told, "has the same at other instants"+c.Drift.short())
	default:
		return "has the same story"
	}
	recovery := [2]string{c.Runs[0].recovery(), c.Runs[1].recovery()}
	if recovery[0] != recovery[1] {
		told = append(told, "recovery "+recovery[0]+" → "+recovery[1])
	}
	if a, b := c.Runs[0].LostWrites, c.Runs[1].LostWrites; a != b {
		told = append(told, "lost writes "+strconv.Itoa(a)+" → "+strconv.Itoa(b))
	}
	if len(told) == 1 {
		told = append(told, "with the same recovery and as many lost writes")
	}
	return strings.Join(told, "; ")
}

// short tells where the stories part: at what the second run has there or, if that is over, what it misses.
func (at *Parting) short() string {
	if m := at.Then[1]; m != nil {
		return " at " + clock(duration(m.AtSeconds)) + because(m.Actor+" "+m.Text)
	}
	m := at.Then[0]
	return " at " + clock(duration(m.AtSeconds)) + ", where it is over: without " + m.Actor + " " + m.Text
}

func (r *Compared) recovery() string {
	row := Row{Failovers: r.failovers, Stuck: r.Stuck, Recovery: duration(r.RecoverySeconds)}
	if told := row.recovery(); told != "" {
		return told
	}
	return "none"
}
