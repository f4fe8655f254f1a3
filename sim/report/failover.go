package report

import (
	"math"
	"strings"
	"time"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/story"
)

// barWidth is how many columns the whole recovery takes in the picture of a failover.
const barWidth = 40

// failover takes one failover apart: what led to it, who took over, how long each phase took, and what it cost.
func (p *page) failover(rec *sim.Recording, f *sim.Failover) {
	p.heading("Failover of " + f.Set + " at " + words.Seconds(f.At))
	p.put(plain("  "), plain("cause  "), plain(f.Cause))
	if e := headlineOf(rec.Events, f.CauseSeq); e != nil {
		p.put(plain("         "), faint(clock(e.At)+"  "), faint(e.Actor+"  "), faint(story.Sentence(e, sim.Headline)))
	}
	successor := f.NewPrimary
	if successor == "" {
		successor = "nobody"
	}
	p.put(plain("  "), plain(f.OldPrimary+" → "+successor))
	p.gap()
	p.phases(f)
	if f.LostWrites > 0 {
		p.put(plain("  "), bad(words.Count(f.LostWrites, "acknowledged write")+" lost"))
	} else {
		p.put(plain("  "), good("no acknowledged write lost"))
	}
}

// phases draws the phases below one another, each beginning where the one before ended.
func (p *page) phases(f *sim.Failover) {
	sum := "recovery time"
	if !f.Recovered {
		sum = "not recovered"
	}
	var whole time.Duration
	names := columns(sum)
	for _, phase := range f.Phases {
		whole += phase.Took
		names = max(names, columns(words.Printable(phase.Name)))
	}
	numbers := len(words.Millis(whole))
	line := func(name, duration string) string {
		return "  " + padded(words.Printable(name), names) + "  " + strings.Repeat(" ", numbers-len(duration)) + duration + "  "
	}
	width := min(barWidth, p.room()-len(line("", "")))
	var passed time.Duration
	for _, phase := range f.Phases {
		p.cut(plain(line(phase.Name, words.Millis(phase.Took))), faint(bar(passed, phase.Took, whole, width)))
		passed += phase.Took
	}
	if f.Recovered {
		p.cut(bold(line(sum, words.Millis(whole))))
	} else {
		p.cut(bad(line(sum, "")))
	}
}

// bar draws a stretch of time within a whole that takes so many columns. However short it is, it can be seen.
func bar(from, long, whole time.Duration, width int) string {
	if width < 1 || whole <= 0 {
		return ""
	}
	column := func(d time.Duration) int { return int(math.Round(d.Seconds() / whole.Seconds() * float64(width))) }
	begin := min(column(from), width-1)
	end := max(column(from+long), begin+1)
	return strings.Repeat(" ", begin) + strings.Repeat("█", end-begin)
}

// headlineOf returns the event with this number, or the nearest of those that led to it that a short timeline shows; nil if
// there is none.
func headlineOf(events []sim.Event, seq int) *sim.Event {
	for seq > 0 && seq <= len(events) {
		e := &events[seq-1]
		if e.Level == sim.Headline {
			return e
		}
		seq = e.Cause
	}
	return nil
}
