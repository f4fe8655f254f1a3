package tui

import (
	"strings"

	"statefulsim/sim"
	"statefulsim/sim/story"
	"statefulsim/sim/why"
)

// drawInspector explains the selected thing in words: what it is, what it waits for, which rule holds it back, and what would change it.
// Without a selected thing it explains the selected event.
func drawInspector(v *view, width, height int) drawing {
	w := &writer{view: v, width: width}
	if v.selected.kind == "" {
		w.event(height)
	} else {
		w.thing()
	}
	return v.draw(w.most(height), width, height)
}

// writer writes the inspector's text.
type writer struct {
	*view
	width int
	rows  []row
}

// most are the lines that have room; what comes at the end goes first, and the last line says so.
func (w *writer) most(height int) []row {
	if len(w.rows) > height && height > 0 {
		return append(w.rows[:height-1:height-1], row{say(w.theme.ink.faint, "… "+count(len(w.rows)-height+1)+" more lines")})
	}
	return w.rows
}

func (w *writer) line(r ...piece) { w.rows = append(w.rows, r) }

func (w *writer) blank() {
	if n := len(w.rows); n > 0 && w.rows[n-1] != nil {
		w.rows = append(w.rows, nil)
	}
}

// prose writes a text below a word that says what it is.
func (w *writer) prose(what string, i ink, text string) {
	if text == "" {
		return
	}
	w.rows = append(w.rows, wrap(say(w.theme.ink.faint, padded(what)), i, text, w.width)...)
}

// padded makes the words in front of texts equally long.
func padded(what string) string { return what + spaces(max(0, 9-cells(what))) }

// thing explains the selected thing.
func (w *writer) thing() {
	facts := w.facts()
	if facts == nil {
		w.line(say(w.theme.ink.strong, w.selected.kind+" "+w.selected.name))
		w.prose("", w.theme.ink.faint, "It does not exist at this instant.")
	} else {
		w.line(say(facts.look, sign(facts.state)+" "), say(w.theme.ink.strong, w.selected.kind+" "+w.selected.name))
		w.prose(facts.lines[0].what, facts.look, facts.lines[0].text+w.since())
	}
	found := w.findings()
	for i := range found {
		w.finding(&found[i])
		w.blank()
	}
	if facts != nil {
		for _, f := range facts.lines[1:] {
			w.prose(f.what, w.theme.ink.plain, f.text)
		}
	}
	if facts != nil && len(found) == 0 {
		for _, r := range facts.rules {
			w.blank()
			w.prose("rule", w.theme.ink.plain, r.text)
			w.prose("", w.theme.ink.faint, r.source)
		}
	}
	w.latest()
}

// since tells since when the thing is as it is, "" if no lane is about it.
func (w *writer) since() string {
	if s := w.span(w.selected); s != nil {
		return ", since " + exact(s.From)
	}
	return ""
}

// span is what a lane, whose kind and name a thing has, has to say of now; nil if there is none.
func (v *view) span(t thing) *story.Span {
	for i := range v.story.Lanes {
		lane := &v.story.Lanes[i]
		if lane.Kind != story.LaneKind(t.kind) || lane.Name != t.name {
			continue
		}
		for j := range lane.Spans {
			if s := &lane.Spans[j]; s.From <= v.at && v.at < s.Until {
				return s
			}
		}
	}
	return nil
}

// objects are the kinds that findings have for the kinds of things.
var objects = map[string]string{"pod": "Pod", "node": "Node", "volume": "PersistentVolumeClaim", "statefulset": "StatefulSet"}

// findings are what is stuck about the selected thing.
func (w *writer) findings() (found []why.Finding) {
	kind := objects[w.selected.kind]
	if kind == "" {
		return nil
	}
	for _, f := range w.stuck() {
		if f.Object == kind+" "+w.selected.name {
			found = append(found, f)
		}
	}
	return found
}

// finding tells what is stuck, which rule holds it back, and what would change that.
func (w *writer) finding(f *why.Finding) {
	ink := &w.theme.ink
	state := f.State + ", "
	if w.selected.kind == "pod" { // which has been said
		state = ""
	}
	w.prose("waits", ink.bad, state+"since "+exact(f.Since))
	w.prose("rule", ink.plain, f.Rule)
	w.prose("", ink.faint, f.Source)
	for _, detail := range f.Details {
		w.prose("", ink.plain, detail)
	}
	if f.Because != "" {
		w.prose("because", ink.plain, "of "+f.Because)
	}
	if f.Forever {
		w.prose("until", ink.bad, "nothing that is under way ends it")
	} else {
		w.prose("until", ink.plain, f.Until)
	}
	for i, cure := range f.Cure {
		command, comment, _ := strings.Cut(cure, "#")
		what := []string{"cure", ""}[min(i, 1)]
		if command = strings.TrimSpace(command); command == "" {
			w.prose(what, ink.plain, comment)
			continue
		}
		w.prose(what, ink.good, command)
		w.prose("", ink.faint, comment)
	}
}

// latest lists what happened last to the selected thing.
func (w *writer) latest() {
	events := w.lately()
	if len(events) == 0 {
		return
	}
	w.blank()
	for i, e := range events {
		w.happened([]string{"last", ""}[min(i, 1)], e)
	}
}

// happened writes an event in two lines at most.
func (w *writer) happened(what string, e *sim.Event) {
	first := say(w.theme.ink.faint, padded(what)+clock(e.At)+" ")
	rows := wrap(first, w.theme.ink.plain, e.Actor+" "+abbreviated(story.Sentence(e, sim.Normal)), w.width)
	if len(rows) > 2 {
		rows[1][1] = say(w.theme.ink.plain, rows[1][1].text+" …")
	}
	w.rows = append(w.rows, rows[:min(len(rows), 2)]...)
}

// abbreviated shortens the long names in a sentence, as those of VolumeAttachments are.
func abbreviated(sentence string) string {
	const longest = 40
	if len(sentence) <= longest {
		return sentence
	}
	parts := strings.Split(sentence, " ")
	for i, word := range parts {
		if len(word) > longest {
			parts[i] = short(word, longest/2)
		}
	}
	return strings.Join(parts, " ")
}

// event explains the selected event: what led to it, and what it led to.
func (w *writer) event(height int) {
	chain := w.story.Chain(w.seq)
	if len(chain) == 0 {
		w.prose("", w.theme.ink.faint, "Nothing has happened yet. Select something to have it explained.")
		return
	}
	e := chain[len(chain)-1]
	w.rows = append(w.rows, wrap(say(w.theme.ink.strong, exact(e.At)+" "), w.theme.ink.strong, e.Actor+" "+story.Sentence(e, sim.Detail), w.width)...)
	w.blank()
	effects := w.story.Effects(w.seq)
	w.because(chain[:len(chain)-1], max(2, height-len(w.rows)-min(len(effects), 3)-1))
	if len(effects) == 0 {
		return
	}
	w.blank()
	left := max(2, height-len(w.rows))
	for i, effect := range effects {
		if i == left-1 && len(effects) > left {
			w.line(say(w.theme.ink.faint, padded("")+"and "+count(len(effects)-i)+" more"))
			break
		}
		w.happened([]string{"led to", ""}[min(i, 1)], effect)
	}
}

// because lists what led to an event, the nearest first. Of a long chain it leaves out the middle: how it began matters most.
func (w *writer) because(causes []*sim.Event, room int) {
	for i := len(causes) - 1; i >= 0; i-- {
		nearest := len(causes) - 1 - i
		if skipped := i; nearest >= room-2 && skipped > 1 {
			w.line(say(w.theme.ink.faint, padded("")+"… "+count(skipped)+" more, the first of them:"))
			i = 0
		}
		w.happened("because", causes[i])
	}
}
