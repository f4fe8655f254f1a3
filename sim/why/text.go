package why

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"statefulsim/scenarios/words"
)

// width is how long the lines of prose are; commands and links are never broken.
const width = 100

// Text writes findings for somebody who was woken by them: what, since when, why, the chain that led to it, commands to copy. The error
// is that of w.
func Text(w io.Writer, findings []Finding) error {
	p := printer{bufio.NewWriter(w)}
	for i := range findings {
		if i > 0 {
			p.line("")
		}
		p.finding(&findings[i])
	}
	return p.out.Flush()
}

// Brief writes the first few of the findings, one paragraph each, for the end of a report. The error is that of w.
func Brief(w io.Writer, findings []Finding, most int) error {
	p := printer{bufio.NewWriter(w)}
	for i := range findings[:min(most, len(findings))] {
		f := &findings[i]
		p.line("  " + f.headline())
		p.prose("    ", f.Rule)
		if len(f.Cure) > 0 {
			p.line("    cure: " + f.Cure[0])
		}
	}
	if left := len(findings) - most; left > 0 {
		p.line(fmt.Sprintf("  and %d more", left))
	}
	return p.out.Flush()
}

type printer struct{ out *bufio.Writer }

func (p printer) line(s string) { p.out.WriteString(words.Printable(s) + "\n") }

// prose writes text in lines of at most width, the first behind its mark and the others below where that ends.
func (p printer) prose(mark, text string) {
	line := mark
	for word := range strings.FieldsSeq(text) {
		if len(line) > len(mark) && len(line)+1+len(word) > width {
			p.line(line)
			line = strings.Repeat(" ", len(mark))
		}
		if len(line) > len(mark) {
			line += " "
		}
		line += word
	}
	p.line(line)
}

// headline is what is stuck, since when, and whether that ends.
func (f *Finding) headline() string {
	return fmt.Sprintf("%s: %s since %s, %s", f.Object, f.State, clock(f.Since), f.outlook())
}

func (f *Finding) outlook() string {
	if f.Forever {
		return "for ever: nothing that is under way ends it"
	}
	return "until " + f.Until
}

func (p printer) finding(f *Finding) {
	p.line(f.headline())
	p.prose("  why: ", f.Rule)
	for _, detail := range f.Details {
		p.prose("    - ", detail)
	}
	p.line("  rule: " + f.Source)
	if f.Because != "" {
		p.line("  because of " + f.Because)
	}
	if len(f.Chain) > 0 {
		p.line("  what led to it:")
		for _, step := range f.Chain {
			p.line(fmt.Sprintf("    %12s  %s  %s", clock(step.At), step.Actor, step.What))
		}
	}
	p.list("  cure:", f.Cure)
	p.list("  known as:", f.Links)
}

func (p printer) list(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	p.line(title)
	for _, line := range lines {
		p.line("    " + line)
	}
}

// MarshalJSON adds the instant in seconds, and leaves no list null.
func (f Finding) MarshalJSON() ([]byte, error) {
	type plain Finding
	for _, list := range []*[]string{&f.Details, &f.Cure, &f.Links} {
		*list = append([]string{}, *list...)
	}
	f.Chain = append([]Step{}, f.Chain...)
	return json.Marshal(struct {
		plain
		SinceSeconds float64 `json:"sinceSeconds"`
	}{plain(f), f.Since.Seconds()})
}

// MarshalJSON adds the instant in seconds.
func (s Step) MarshalJSON() ([]byte, error) {
	type plain Step
	return json.Marshal(struct {
		plain
		AtSeconds float64 `json:"atSeconds"`
	}{plain(s), s.At.Seconds()})
}

// JSON writes findings for machines: a list, empty if there are none. Instants are seconds from the start of the run. The error is that
// of w.
func JSON(w io.Writer, findings []Finding) error {
	if findings == nil {
		findings = []Finding{}
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(findings)
}
