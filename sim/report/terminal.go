package report

import (
	"io"
	"slices"
	"strings"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
)

// Command is a kubectl command of a scenario, with what it printed.
type Command struct {
	Typed *sim.Event // its Detail is the line that was typed
	Lines []string   // as they were printed, tabs and all
}

// Terminal writes the scenario's kubectl commands with what they printed, each as it would stand on a terminal of its own. The
// error is that of w.
func Terminal(w io.Writer, rec *sim.Recording, o Options) error {
	p := newPage(w, o)
	for i, c := range Commands(rec) {
		if i > 0 {
			p.put(plain(""))
		}
		p.typed(c, "")
		for _, line := range c.Lines {
			for i, cell := range strings.Split(line, "\t") { // kubectl's tabs are kept: they are what it prints
				p.out.WriteString("\t"[:min(i, 1)] + words.Printable(cell))
			}
			p.out.WriteByte('\n')
		}
	}
	return p.out.Flush()
}

// terminal shows what the scenario's commands printed.
func (p *page) terminal(rec *sim.Recording) {
	all := Commands(rec)
	if len(all) == 0 {
		return
	}
	p.heading("On the terminal")
	for _, c := range all {
		p.typed(c, "  ")
		for _, line := range c.Lines {
			p.whole(plain("  " + untabbed(line)))
		}
	}
}

// typed writes the line that was typed, and when.
func (p *page) typed(c *Command, indent string) {
	p.whole(bold(indent + "$ " + c.Typed.Detail + "   # " + words.Seconds(c.Typed.At)))
}

// untabbed puts spaces in the place of tabs, as a terminal shows them: up to the next column that eight divides.
func untabbed(line string) string {
	const stop = 8
	var b strings.Builder
	for i, cell := range strings.Split(line, "\t") {
		if i > 0 {
			at := columns(b.String())
			b.WriteString(strings.Repeat(" ", stop-at%stop))
		}
		b.WriteString(cell)
	}
	return b.String()
}

// Commands collects what each command printed, also while others ran. One that printed nothing is not among them.
func Commands(rec *sim.Recording) (all []*Command) {
	steps := map[string]*Command{}
	for i := range rec.Events {
		e := &rec.Events[i]
		if e.Kind != "Terminal" {
			continue
		}
		switch e.Verb {
		case "type":
			steps[e.Name] = &Command{Typed: e}
			all = append(all, steps[e.Name])
		case "print":
			c := steps[e.Name]
			c.Lines = append(c.Lines, e.Detail)
		}
	}
	return slices.DeleteFunc(all, func(c *Command) bool { return len(c.Lines) == 0 })
}
