package report

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"strings"
	"time"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
)

// Markdown is a text for a comment below a change, as GitHub and GitLab show it, of as many runs as were added: the verdicts first, and
// of each run its figures, failovers, expectations and short timeline, and the command that repeats it.
type Markdown struct {
	rows     []Row
	sections []string
}

// mostLines is how much of a timeline a comment holds: such comments may not be longer than 65,536 characters.
const mostLines = 80

// Add adds a run.
func (m *Markdown) Add(rec *sim.Recording, c Context) {
	var b bytes.Buffer
	s := &section{out: bufio.NewWriter(&b)}
	row := RowOf(rec)
	s.header(rec, c, &row)
	s.figures(rec, &row)
	for i := range rec.Failovers {
		s.failover(&rec.Failovers[i])
	}
	s.expectations(rec)
	s.invariants(rec)
	s.timeline(rec)
	s.fenced("sh", words.Printable(c.Reproduce))
	s.out.Flush()
	m.rows, m.sections = append(m.rows, row), append(m.sections, b.String())
}

// Write writes the text. The error is that of w.
func (m *Markdown) Write(w io.Writer) error {
	s := &section{out: bufio.NewWriter(w)}
	if len(m.rows) > 1 {
		s.summary(m.rows)
	}
	for i, text := range m.sections {
		if i > 0 || len(m.rows) > 1 {
			s.line("")
		}
		s.out.WriteString(text)
	}
	return s.out.Flush()
}

// section is where the text goes. The writer keeps its first error until it is flushed.
type section struct{ out *bufio.Writer }

func (s *section) line(parts ...string) {
	for _, part := range parts {
		s.out.WriteString(part)
	}
	s.out.WriteByte('\n')
}

// row writes a row of a table. What comes from a recording has to be escaped already.
func (s *section) row(cells ...string) { s.line("| ", strings.Join(cells, " | "), " |") }

// signs stand before verdicts.
var signs = map[string]string{"PASS": "✅", "FAIL": "❌", "STOPPED": "⏹️"}

func (s *section) header(rec *sim.Recording, c Context, row *Row) {
	s.line("### ", signs[row.Verdict], " ", escaped(titleOf(rec)), escaped(because(rec.Scenario.Title)))
	s.line("")
	outcome := expected(rec.Expectations) + ", " + brokenInvariants(rec)
	if rec.Interrupted {
		outcome = "interrupted at " + words.Seconds(rec.Virtual) + " of " + words.Seconds(rec.Scenario.For) + "; until then " + outcome
	}
	s.line("**", row.Verdict, "** ", escaped(outcome))
	if c.DistinctTraces > 1 {
		s.line("")
		s.line("❌ ", words.Count(c.Runs, "run"), ", ", words.Count(c.DistinctTraces, "distinct trace"))
	}
	s.line("")
}

// figures are those by which runs are compared.
func (s *section) figures(rec *sim.Recording, row *Row) {
	s.row("seed", "virtual time", "failovers", "recovery", "acknowledged", "failed", "unknown", "lost writes", "events")
	s.row("---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:")
	var all sim.ClientResult
	for _, c := range rec.Clients {
		all.Acknowledged += c.Acknowledged
		all.Failed += c.Failed
		all.Unknown += c.Unknown
	}
	s.row(strconv.FormatUint(rec.Seed, 10), words.Seconds(rec.Virtual), words.Thousands(row.Failovers), dashed(row.recovery()),
		words.Thousands(all.Acknowledged), words.Thousands(all.Failed), words.Thousands(all.Unknown), words.Thousands(row.LostWrites), words.Thousands(len(rec.Events)))
}

func (s *section) failover(f *sim.Failover) {
	s.line("")
	successor := "nobody"
	if f.NewPrimary != "" {
		successor = f.NewPrimary
	}
	lost := "no acknowledged write lost"
	if f.LostWrites > 0 {
		lost = "**" + words.Count(f.LostWrites, "acknowledged write") + " lost**"
	}
	s.line("**Failover of ", escaped(f.Set), " at ", words.Seconds(f.At), "** ", escaped(f.OldPrimary+" → "+successor), ", ", escaped(f.Cause), "; ", lost)
	s.line("")
	s.row("phase", "took")
	s.row("---", "---:")
	var whole time.Duration
	for _, phase := range f.Phases {
		s.row(escaped(phase.Name), words.Millis(phase.Took))
		whole += phase.Took
	}
	if f.Recovered {
		s.row("**recovery time**", "**"+words.Millis(whole)+"**")
	} else {
		s.row("**not recovered**", "")
	}
}

func (s *section) expectations(rec *sim.Recording) {
	if len(rec.Expectations) == 0 {
		return
	}
	s.line("")
	s.line("**Expectations**")
	s.line("")
	for _, o := range rec.Expectations {
		switch {
		case o.Passed:
			s.line("- ✅ ", escaped(o.Name))
		case o.Message == "":
			s.line("- ❌ ", escaped(o.Name), ", decided at ", words.Seconds(o.At))
		default:
			s.line("- ❌ ", escaped(o.Name), ", decided at ", words.Seconds(o.At), "; ", escaped(seen(o.Message)))
		}
	}
}

// invariants tells of the first breach of each.
func (s *section) invariants(rec *sim.Recording) {
	if len(rec.Violations)+len(rec.Broken) == 0 {
		return
	}
	s.line("")
	s.line("**Invariants**")
	s.line("")
	s.breaches("❌", "", rec.Violations)
	s.breaches("✅", ", as the scenario says", rec.Broken)
}

func (s *section) breaches(sign, how string, all []sim.Violation) {
	for _, name := range invariantsOf(all) {
		var first *sim.Violation
		times := 0
		for i := range all {
			if all[i].Invariant == name {
				if times++; times == 1 {
					first = &all[i]
				}
			}
		}
		again := ""
		if times > 1 {
			again = ", the first of " + words.Thousands(times)
		}
		s.line("- ", sign, " ", escaped(name), " broken at ", words.Seconds(first.At), again, how, ": ", escaped(first.Message))
	}
}

// timeline is folded up until the reader asks for it.
func (s *section) timeline(rec *sim.Recording) {
	entries := entriesOf(rec.Events, sim.Headline)
	if len(entries) == 0 {
		return
	}
	var b bytes.Buffer
	p := newPage(&b, Options{})
	p.entries(entries[:min(len(entries), mostLines)], sim.Headline)
	if more := len(entries) - mostLines; more > 0 {
		p.put(plain("  … and " + words.Count(more, "line") + " more"))
	}
	p.out.Flush()
	s.line("")
	s.line("<details><summary>Timeline</summary>")
	s.fenced("text", strings.TrimSuffix(b.String(), "\n"))
	s.line("")
	s.line("</details>")
}

// fenced writes a block of code. Its fence is longer than any row of backticks in it, so that nothing in it ends it.
func (s *section) fenced(language, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	s.line("")
	s.line(fence, language)
	s.line(text)
	s.line(fence)
}

// summary is the table of several runs.
func (s *section) summary(rows []Row) {
	passed := 0
	for _, row := range rows {
		if row.Verdict == "PASS" {
			passed++
		}
	}
	sign := signs["PASS"]
	if passed < len(rows) {
		sign = signs["FAIL"]
	}
	s.line("## ", sign, " ", strconv.Itoa(passed), " of ", words.Count(len(rows), "run"), " passed")
	s.line("")
	s.row("", "scenario", "variant", "verdict", "recovery", "lost writes")
	s.row("---", "---", "---", "---", "---:", "---:")
	for _, row := range rows {
		s.row(signs[row.Verdict], escaped(row.Name), escaped(dashed(row.Variant)), row.Verdict, dashed(row.recovery()), words.Thousands(row.LostWrites))
	}
}

// dashed is a cell in which there is always something.
func dashed(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// escapes are what keeps text from being read as Markdown, HTML, a formula, or the name of somebody who would be told of it. An empty
// comment parts what would be taken for a name, a number of an issue or an address, since an entity would be read as the character.
var escapes = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "!", `\!`,
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "$", "&#36;",
	"@", "@<!-- -->", "#", "#<!-- -->", "://", ":<!-- -->//", "www.", "www<!-- -->.")

// escaped is text that a recording holds, for a place within a line.
func escaped(s string) string { return escapes.Replace(words.Printable(s)) }
