package report

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/story"
)

// entry is a line of the timeline: one event, or several of the same in a row.
type entry struct {
	event *sim.Event // the first of them
	text  string
	times int
	until time.Duration
}

// timeline writes what happened: when, who, what and why. Where the reader asked for more than the headlines, each line has
// its number and that of the event that led to it.
func (p *page) timeline(rec *sim.Recording, level sim.Level) {
	entries := entriesOf(rec.Events, level)
	if len(entries) == 0 {
		return
	}
	p.heading("Timeline")
	p.entries(entries, level)
}

func (p *page) entries(entries []*entry, level sim.Level) {
	times, actors, numbers := 0, 0, 0
	for _, e := range entries {
		times = max(times, len(clock(e.event.At)))
		actors = max(actors, columns(words.Printable(e.event.Actor)))
		numbers = max(numbers, len(strconv.Itoa(e.event.Seq)))
	}
	for _, e := range entries {
		at := clock(e.event.At)
		line := []piece{faint(strings.Repeat(" ", times-len(at)+2) + at + "  ")}
		if level > sim.Headline {
			number := strconv.Itoa(e.event.Seq)
			line = append(line, faint("#"+padded(number, numbers)+"  "))
		}
		line = append(line, plain(padded(words.Printable(e.event.Actor), actors)+"  "), e.piece(level))
		p.put(line...)
	}
}

// entriesOf turns the events that a reader wants to see into lines, and runs of the same into one.
func entriesOf(events []sim.Event, level sim.Level) []*entry {
	var all []*entry
	for i := range events {
		e := &events[i]
		if e.Level > level || level == sim.Headline && told(e) {
			continue
		}
		text := story.Sentence(e, level)
		if last := len(all) - 1; last >= 0 && all[last].text == text && all[last].event.Actor == e.Actor {
			all[last].times++
			all[last].until = e.At
			continue
		}
		all = append(all, &entry{event: e, text: text, times: 1, until: e.At})
	}
	return all
}

// told tells whether a later part of the report says the same: what held, holds there.
func told(e *sim.Event) bool { return e.Verb == "judge" && e.Reason == "Passed" }

func (e *entry) piece(level sim.Level) piece {
	text := e.text
	if e.times > 1 {
		text += " (" + words.Thousands(e.times) + " times, until " + clock(e.until) + ")"
	}
	if level > sim.Headline && e.event.Cause > 0 {
		text += "  ← #" + strconv.Itoa(e.event.Cause)
	}
	switch {
	case e.event.Level != sim.Headline:
		return faintIfDetail(text, e.event.Level)
	case slices.Contains([]string{"violate", "lose"}, e.event.Verb), e.event.Verb == "judge" && e.event.Reason == "Failed":
		return bad(text)
	case e.event.Verb == "recover", e.event.Verb == "restore":
		return good(text)
	case e.event.Kind == "Step":
		return bold(text)
	}
	return plain(text)
}

func faintIfDetail(text string, level sim.Level) piece {
	if level == sim.Detail {
		return faint(text)
	}
	return plain(text)
}

// clock writes an instant of the run, as "61.204s".
func clock(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) + "s" }
