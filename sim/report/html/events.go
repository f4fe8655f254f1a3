package html

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"strings"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/story"
)

// columns are events as the page's script reads them: the n-th entry of each list is about the n-th event. Numbers that grow are
// written as what they grow by, and texts that come again by their place in a table.
type columns struct {
	Seq    []int    `json:"seq"`    // grows
	At     []int64  `json:"at"`     // in microseconds; grows
	Back   []int    `json:"back"`   // how far before the event its cause is; 0 for the beginning of the world
	Actor  []int    `json:"actor"`  // in Actors
	Text   []int    `json:"text"`   // in Texts
	Level  string   `json:"level"`  // a digit an event: sim.Level
	Actors []string `json:"actors"` //
	Texts  []string `json:"texts"`  //
}

// told are the events of a run. Rest is a columns as JSON, compressed by deflate and in base64: a script that cannot read it does without.
type told struct {
	Events columns `json:"events"` // what people look for, with everything that led to it
	Rest   string  `json:"rest"`   // messages, probes and requests that led to nothing of that
	More   int     `json:"more"`   // how many those are
}

// tell divides the events of a run. asked are the numbers of events that the page points to besides.
func tell(rec *sim.Recording, asked []int) told {
	kept := keep(rec, asked)
	var events, rest []*sim.Event
	for i := range rec.Events {
		if e := &rec.Events[i]; kept[e.Seq] {
			events = append(events, e)
		} else {
			rest = append(rest, e)
		}
	}
	return told{columnsOf(events), packed(columnsOf(rest)), len(rest)}
}

// keep marks the events that matter to most readers, those asked for, and the causes of both.
func keep(rec *sim.Recording, asked []int) []bool {
	kept := make([]bool, len(rec.Events)+1)
	mark := func(seq int) {
		for seq > 0 && seq < len(kept) && !kept[seq] {
			kept[seq] = true
			seq = rec.Events[seq-1].Cause
		}
	}
	for i := range rec.Events {
		if e := &rec.Events[i]; e.Level < sim.Detail {
			mark(e.Seq)
		}
	}
	for _, seq := range asked {
		mark(seq)
	}
	return kept
}

func columnsOf(events []*sim.Event) columns {
	c := columns{Actors: []string{}, Texts: []string{}}
	actors, texts := map[string]int{}, map[string]int{}
	var level strings.Builder
	seq, at := 0, int64(0)
	for _, e := range events {
		now := e.At.Microseconds()
		c.Seq, c.At = append(c.Seq, e.Seq-seq), append(c.At, now-at)
		seq, at = e.Seq, now
		back := 0
		if e.Cause > 0 {
			back = e.Seq - e.Cause
		}
		c.Back = append(c.Back, back)
		c.Actor = append(c.Actor, place(&c.Actors, actors, e.Actor))
		c.Text = append(c.Text, place(&c.Texts, texts, story.Sentence(e, sim.Detail)))
		level.WriteByte('0' + byte(e.Level))
	}
	c.Level = level.String()
	return c
}

// place returns where a text stands in a table, and puts it there first if it is new.
func place(table *[]string, places map[string]int, text string) int {
	at, known := places[text]
	if !known {
		at = len(*table)
		places[text] = at
		*table = append(*table, words.Printable(text))
	}
	return at
}

// packed compresses what few readers ask for.
func packed(c columns) string {
	plain, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers and strings alone
	}
	var b bytes.Buffer
	out, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		panic(err) // the level is a good one
	}
	out.Write(plain) // a buffer takes everything
	out.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// line is an event as the page shows it without a script.
type line struct {
	Run   int
	Seq   int
	At    string
	Actor string
	Text  string
	Tone  string // "good", "bad", "step" or ""
}

// headlines are the events that a reader sees first, and how many more of them there are than the page shows at once.
func headlines(run int, rec *sim.Recording) (lines []line, more int) {
	const most = 300
	for i := range rec.Events {
		e := &rec.Events[i]
		if e.Level > sim.Headline {
			continue
		}
		if len(lines) == most {
			more++
			continue
		}
		lines = append(lines, line{run, e.Seq, words.Millis(e.At), words.Printable(e.Actor), words.Printable(story.Sentence(e, sim.Headline)), tone(e)})
	}
	return lines, more
}

// tone tells good news from bad, so that both can be found in a long list.
func tone(e *sim.Event) string {
	switch e.Verb {
	case "violate", "lose", "split":
		return "bad"
	case "judge":
		return map[bool]string{true: "good", false: "bad"}[e.Reason == "Passed"]
	case "recover", "restore", "unite":
		return "good"
	case "begin", "heal":
		return "step"
	case "fail":
		if e.Kind == "Step" {
			return "bad"
		}
	}
	return ""
}

// tabbed makes a line harmless, apart from its tabs.
func tabbed(s string) string {
	cells := strings.Split(s, "\t")
	for i := range cells {
		cells[i] = words.Printable(cells[i])
	}
	return strings.Join(cells, "\t")
}
