// Package html draws a run, or two of them beside each other, as one page for a browser that needs nothing else: no network, no files
// beside it. What it says can be read without scripts and on paper; with scripts it can be zoomed, searched and asked for causes.
package html

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"strings"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/report"
	"statefulsim/sim/story"
)

//go:embed parts
var parts embed.FS

var (
	style  = joined("tokens.css", "page.css", "chart.css", "print.css")
	script = joined("data.js", "chart.js", "brush.js", "causes.js", "events.js", "page.js")
	pages  = template.Must(template.New("").Funcs(template.FuncMap{
		"seconds": words.Seconds, "clock": words.Millis, "thousands": words.Thousands, "count": words.Count, "shown": words.Printable, "tabbed": tabbed,
	}).ParseFS(parts, "parts/*.html"))
)

// joined returns parts one after the other.
func joined(names ...string) string {
	var b strings.Builder
	for _, name := range names {
		text, err := parts.ReadFile("parts/" + name)
		if err != nil {
			panic(err) // they are embedded
		}
		b.Write(text)
	}
	return b.String()
}

// hashOf is how a Content-Security-Policy names what it allows.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Run writes the page of one run. The error is that of w.
func Run(w io.Writer, rec *sim.Recording, c report.Context) error {
	p := newPage([]*story.Story{story.Of(rec)}, []report.Context{c})
	p.Title, p.About = titleOf(rec.Scenario), rec.Scenario.Why
	return p.write(w)
}

// Comparison writes the page of two runs, which c compares, on one axis of time. The error is that of w.
func Comparison(w io.Writer, first, second *sim.Recording, c *report.Comparison) error {
	p := newPage([]*story.Story{story.Of(first), story.Of(second)}, []report.Context{{Reproduce: c.Runs[0].Reproduce}, {Reproduce: c.Runs[1].Reproduce}})
	p.Title = titleOfBoth(first.Scenario, second.Scenario)
	p.compare(c)
	return p.write(w)
}

func (p *page) write(w io.Writer) error {
	p.Style, p.Script = template.CSS(style), template.JS(script)
	p.Policy = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src " + hashOf(style) + "; script-src " + hashOf(script)
	return pages.ExecuteTemplate(w, "page.html", p)
}
