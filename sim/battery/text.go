package battery

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"statefulsim/scenarios/words"
)

// Text writes the card for people, in lines of so many columns; what can be copied is never broken. The error is that of w.
func (c *Card) Text(w io.Writer, width int) error {
	p := page{bufio.NewWriter(w), width}
	p.line("Assumed")
	for _, a := range c.Assumed {
		p.prose("  - ", a)
	}
	p.table(c.rows())
	p.services(c)
	p.stuck(c.rows())
	p.advice(c.Advice)
	p.line("")
	p.line(c.Verdict)
	return p.out.Flush()
}

// List writes which drills there are, and why. The error is that of w.
func List(w io.Writer, width int) error {
	p := page{bufio.NewWriter(w), width}
	for _, d := range drills {
		p.prose(fmt.Sprintf("%-15s ", d.ID), d.What+". "+d.Why)
	}
	return p.out.Flush()
}

type page struct {
	out   *bufio.Writer
	width int
}

func (p page) line(s string) { p.out.WriteString(words.Printable(strings.TrimRight(s, " ")) + "\n") }

func (p page) section(title string) {
	p.line("")
	p.line(title)
}

// prose writes text in lines that fit, the first behind its mark and the others below where that ends.
func (p page) prose(mark, text string) {
	for _, line := range wrapped(text, p.width-utf8.RuneCountInString(mark)) {
		p.line(mark + line)
		mark = strings.Repeat(" ", utf8.RuneCountInString(mark))
	}
}

// wrapped divides text into lines of at most so many columns; a longer word stands alone.
func wrapped(text string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// verbatim writes lines that somebody may copy.
func (p page) verbatim(indent, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		p.line(indent + line)
	}
}

// stuck tells of the worst run of each drill that was not passed, with what waits and how it is cured.
func (p page) stuck(rows []row) {
	begun := false
	for _, r := range rows {
		if r.worst.Verdict == Yes && len(r.worst.Stuck) == 0 {
			continue
		}
		if !begun {
			p.section("Not survived, or stuck")
			begun = true
		}
		title := "  " + strings.TrimSpace(r.drill.ID+" "+r.worst.Target) + ": " + r.worst.Verdict
		if more := len(r.runs) - 1; more > 0 {
			title += fmt.Sprintf("   (the worst of %d runs)", more+1)
		}
		p.line(title)
		if r.worst.Reason != "" {
			p.prose("    ", r.worst.Reason)
		}
		for _, s := range r.worst.Stuck {
			p.finding(&s)
		}
	}
}

func (p page) finding(s *Stuck) {
	until := "for ever"
	if s.Until != "" {
		until = "until " + s.Until
	}
	p.prose("    - ", s.Object+": "+s.State+", "+until+". "+s.Rule)
	if len(s.Cure) > 0 {
		p.line("      cure: " + s.Cure[0])
	}
}

func (p page) advice(all []Advice) {
	if len(all) == 0 {
		return
	}
	p.section("To change")
	for i, a := range all {
		if i > 0 {
			p.line("")
		}
		p.prose("  "+a.Severity+"  ", a.Object+": "+a.What+" ("+a.Rule+")")
		p.line("    " + a.Where + "  " + a.Path)
		p.prose("    ", a.Why)
		if a.Shown != "" {
			p.prose("    shown: ", a.Shown)
		}
		p.verbatim("      ", a.YAML)
	}
}
