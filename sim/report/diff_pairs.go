package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios/words"
)

// failoverPair sets the phases of a failover in both runs beside each other.
func (p *page) failoverPair(f Pair[Failover]) {
	set := f.either().Set
	switch {
	case !f.both():
		p.heading("Failover of " + set + ", in " + sides[which(f)] + " only")
	case sameFailover(f.First, f.Second):
		p.heading("Failover of " + set + ", the same in both")
	default:
		p.heading("Failover of " + set)
	}
	t := &table{numbers: map[int]bool{1: true, 2: true, 3: true}}
	t.row("what", sides[0], sides[1], "B less A")
	line := func(name string, of func(*Failover) (float64, bool)) {
		var told [2]string
		var value [2]float64
		var there [2]bool
		for i, side := range []*Failover{f.First, f.Second} {
			if side == nil {
				continue
			}
			if value[i], there[i] = of(side); there[i] {
				told[i] = words.Millis(duration(value[i]))
			}
		}
		t.row(name, told[0], told[1], less(value, there))
	}
	line("begins at", func(f *Failover) (float64, bool) { return f.AtSeconds, true })
	for _, name := range phasesOf(f) {
		line(name, func(f *Failover) (float64, bool) { return f.phase(name) })
	}
	line("recovery time", func(f *Failover) (float64, bool) { return f.RecoverySeconds, f.Recovered })
	t.row("lost writes", lostBy(f.First), lostBy(f.Second), moreLost(f))
	t.row("primary", successors(f.First), successors(f.Second), "")
	p.table(t)
}

// which is the side that has something alone.
func which[T any](p Pair[T]) int {
	if p.First == nil {
		return 1
	}
	return 0
}

// less tells by how much the second is more than the first.
func less(value [2]float64, there [2]bool) string {
	switch d := duration(value[1] - value[0]).Round(time.Millisecond); {
	case !there[0] || !there[1] || d == 0:
		return ""
	case d > 0:
		return "+" + words.Millis(d)
	default:
		return words.Millis(d)
	}
}

func sameFailover(a, b *Failover) bool {
	return a.AtSeconds == b.AtSeconds && a.Recovered == b.Recovered && a.LostWrites == b.LostWrites && a.NewPrimary == b.NewPrimary &&
		slices.EqualFunc(a.Phases, b.Phases, func(x, y Phase) bool { return x.Name == y.Name && x.Seconds == y.Seconds })
}

// phasesOf are the names of the phases that either side reached: the longer list has all of the other's.
func phasesOf(f Pair[Failover]) (names []string) {
	for _, side := range []*Failover{f.First, f.Second} {
		if side != nil && len(side.Phases) > len(names) {
			names = nil
			for _, phase := range side.Phases {
				names = append(names, phase.Name)
			}
		}
	}
	return names
}

// phase is how long a phase took, in seconds, if it was reached.
func (f *Failover) phase(name string) (took float64, reached bool) {
	for _, phase := range f.Phases {
		if phase.Name == name {
			return phase.Seconds, true
		}
	}
	return 0, false
}

func lostBy(f *Failover) string {
	if f == nil {
		return ""
	}
	return words.Thousands(f.LostWrites)
}

// moreLost tells how many more writes the second side lost.
func moreLost(f Pair[Failover]) string {
	if !f.both() || f.First.LostWrites == f.Second.LostWrites {
		return ""
	}
	return fmt.Sprintf("%+d", f.Second.LostWrites-f.First.LostWrites)
}

func successors(f *Failover) string {
	switch {
	case f == nil:
		return ""
	case f.NewPrimary == "":
		return f.OldPrimary + " → nobody"
	}
	return f.OldPrimary + " → " + f.NewPrimary
}

// servedPairs tells what became of the clients: two lines for each, or one if it is the same.
func (p *page) servedPairs(all []Pair[Served]) {
	if len(all) == 0 {
		return
	}
	p.heading("Clients")
	t := &table{numbers: map[int]bool{2: true, 3: true, 4: true, 5: true, 6: true}}
	t.row("NAME", "IN", "ACKNOWLEDGED", "FAILED", "UNKNOWN", "LOST", "LONGEST OUTAGE")
	line := func(in string, c *Served) {
		t.row(c.Name, in, words.Thousands(c.Acknowledged), words.Thousands(c.Failed), words.Thousands(c.Unknown), words.Thousands(c.Lost), words.Millis(duration(c.LongestOutageSeconds)))
	}
	for _, pair := range all {
		if pair.both() && *pair.First == *pair.Second {
			line("both", pair.First)
			continue
		}
		for i, c := range []*Served{pair.First, pair.Second} {
			if c != nil {
				line(sides[i], c)
			}
		}
	}
	p.table(t)
}

func (p *page) notReady(names [2][]string) {
	if len(names[0])+len(names[1]) == 0 {
		return
	}
	p.heading("Pods that are not Ready at the end")
	for i := range names {
		told := strings.Join(names[i], ", ")
		if told == "" {
			told = "none"
		}
		p.put(bold("  "+sides[i]+"  "), plain(told))
	}
}

// expectationPairs tells what was judged otherwise, or by one of the runs alone.
func (p *page) expectationPairs(all []Pair[Expectation]) {
	if len(all) == 0 {
		return
	}
	p.heading("Expectations that differ")
	for _, pair := range all {
		if !pair.both() {
			p.judged(which(pair), pair.either(), plain("  "), pair.either().Name+", which the other does not expect")
			continue
		}
		p.put(plain("  "), plain(pair.First.Name))
		p.judged(0, pair.First, plain("    "), "")
		p.judged(1, pair.Second, plain("    "), "")
	}
}

// judged tells what an expectation came to in a run.
func (p *page) judged(side int, e *Expectation, indent piece, name string) {
	switch {
	case e.Verdict != "pass":
		p.put(indent, bold(sides[side]+"  "), bad("FAILED  "), plain(strings.TrimPrefix(name+because(e.Message), ": ")))
	case name == "":
		p.put(indent, bold(sides[side]+"  "), good("ok"))
	default:
		p.put(indent, bold(sides[side]+"  "), good("ok      "), plain(name))
	}
}

func (p *page) invariantPairs(all []Pair[Violation]) {
	if len(all) == 0 {
		return
	}
	p.heading("Invariants that one of them alone broke")
	for _, pair := range all {
		v := pair.either()
		p.put(bold("  "+sides[which(pair)]+"  "), bad(v.Invariant), plain(" at "+words.Seconds(duration(v.AtSeconds))+because(v.Message)))
	}
}

func (p *page) splitBrainPairs(all []Pair[SplitBrain]) {
	if len(all) == 0 {
		return
	}
	p.heading("More than one writable primary")
	for _, pair := range all {
		p.put(plain("  "), plain(pair.either().Set))
		for i, s := range []*SplitBrain{pair.First, pair.Second} {
			if s == nil {
				p.put(bold("    "+sides[i]+"  "), good("one at a time"))
				continue
			}
			until := "the end of the run"
			if s.UntilSeconds > 0 {
				until = words.Seconds(duration(s.UntilSeconds))
			}
			p.put(bold("    "+sides[i]+"  "), bad(strings.Join(s.Pods, " and ")), plain(" from "+words.Seconds(duration(s.FromSeconds))+" to "+until+", "+
				words.Count(s.Writes, "write")+" acknowledged by the older one"))
		}
	}
}
