package scenarios

import (
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"statefulsim/scenarios/words"
)

// reader turns the tree of a scenario file into a Scenario and collects what is wrong on the way. Its methods take a nil
// node for a key that the file does not have, and return the zero value for what is wrong, so that reading goes on.
type reader struct {
	text      *text // the scenario file
	fsys      fs.FS // what stands beside it; nil if nothing can be read there
	scenario  *Scenario
	known     names
	objectsAt map[string]Pos        // where each object of the manifests stands, by kind, namespace and name
	named     map[string][]Manifest // the files that commands name
	files     *node                 // what the scenario itself holds of them; nil: nothing
	*run
	problems Problems
}

func (r *reader) report(p Problem) { r.problems = append(r.problems, p) }

// wrong reports a problem with what stands at a node.
func (r *reader) wrong(n *node, what, cure string) {
	r.report(n.problem(what, cure))
}

// wrongKey reports a problem with a key of a mapping.
func (r *reader) wrongKey(k key, what, cure string) {
	r.report(k.problem(what, cure))
}

// mapping reports whether n is a mapping, and each of its keys that is not among the names: of says what n is.
func (r *reader) mapping(n *node, of string, names ...string) bool {
	if n == nil {
		return false
	}
	if n.kind != mapping {
		r.wrong(n, of+" is a mapping, and this is "+string(n.kind), "its keys are: "+words.OneOf(names))
		return false
	}
	for _, k := range n.keys {
		if !slices.Contains(names, k.name) {
			r.wrongKey(k, of+" has no field "+words.Quoted(k.name), words.DidYouMean(k.name, names))
		}
	}
	return true
}

// list returns the items of a list; of says what they are.
func (r *reader) list(n *node, of string) []*node {
	if n == nil || n.kind == null {
		return nil
	}
	if n.kind != sequence {
		r.wrong(n, of+" are a list, and this is "+string(n.kind), `begin each item with "- "`)
		return nil
	}
	return n.values
}

// str returns a scalar as text.
func (r *reader) str(n *node) string {
	if n == nil {
		return ""
	}
	switch n.kind {
	case mapping, sequence, null:
		r.wrong(n, "a text is wanted, and this is "+string(n.kind), "")
		return ""
	}
	return n.text
}

// words returns a text that is read here and shown later as it was written. It may have several lines.
func (r *reader) words(n *node) string {
	text := strings.TrimSpace(r.str(n))
	if strings.ContainsFunc(text, obeyed) {
		r.wrong(n, "the text holds a character that cannot be printed", "leave it out")
		return ""
	}
	return text
}

// line returns a text that is shown to people in one line: white space and what is not printable become single spaces.
func (r *reader) line(n *node) string {
	return strings.Join(strings.FieldsFunc(r.str(n), func(c rune) bool { return c == ' ' || words.Unprintable(c) }), " ")
}

// paragraphs returns a text that is shown to people in several lines.
func (r *reader) paragraphs(n *node) string {
	lines := strings.Split(strings.TrimSpace(r.str(n)), "\n")
	for i := range lines {
		lines[i] = masked(lines[i])
	}
	return strings.Join(lines, "\n")
}

func (r *reader) boolean(n *node) bool {
	if n == nil {
		return false
	}
	if n.kind != boolean {
		r.wrong(n, "true or false is wanted, and this is "+string(n.kind), "")
	}
	return n.text == "true"
}

// integer returns a whole number within bounds.
func (r *reader) integer(n *node, least, most int64) int64 {
	value, err := strconv.ParseInt(n.text, 10, 64)
	switch {
	case n.kind != integer || err != nil:
		r.wrong(n, "a whole number is wanted, and this is "+describe(n), "")
	case value < least:
		r.wrong(n, fmt.Sprintf("%d is below %d", value, least), fmt.Sprintf("%d to %d", least, most))
	case value > most:
		r.wrong(n, fmt.Sprintf("%d is above %d", value, most), fmt.Sprintf("%d to %d", least, most))
	default:
		return value
	}
	return least
}

// number returns a number within bounds.
func (r *reader) number(n *node, least, most float64) float64 {
	value, err := strconv.ParseFloat(n.text, 64)
	switch {
	case n.kind != integer && n.kind != float || err != nil || math.IsNaN(value):
		r.wrong(n, "a number is wanted, and this is "+describe(n), "")
	case value < least || value > most:
		r.wrong(n, fmt.Sprintf("%v is not from %v to %v", value, least, most), "")
	default:
		return value
	}
	return least
}

// longestRun bounds every duration of a scenario.
const longestRun = 30 * 24 * time.Hour

// duration returns a duration that is not negative.
func (r *reader) duration(n *node) time.Duration {
	if n == nil {
		return 0
	}
	d, err := time.ParseDuration(n.text)
	switch {
	case n.kind == mapping || n.kind == sequence || n.kind == null:
		r.wrong(n, "a duration is wanted, and this is "+string(n.kind), "write it like 20s or 1m30s")
	case err != nil && (n.kind == integer || n.kind == float):
		r.wrong(n, "the duration "+n.text+" has no unit", fmt.Sprintf("write %ss for seconds, or ms, us, m, h", n.text))
	case err != nil:
		r.wrong(n, words.Quoted(n.text)+" is not a duration", "write it like 20s, 1m30s or 300ms")
	case d < 0:
		r.wrong(n, "the duration "+d.String()+" is negative", "time only goes forward")
	case d > longestRun:
		r.wrong(n, "the duration "+d.String()+" is longer than 30 days", "")
	default:
		return d
	}
	return 0
}

// positive returns a duration above 0, or 0 if it is wrong.
func (r *reader) positive(n *node) time.Duration {
	before := len(r.problems)
	d := r.duration(n)
	if d == 0 && len(r.problems) == before {
		r.wrong(n, "a duration above 0 is wanted", "")
	}
	return d
}

// describe tells what a node is for somebody who wanted another kind of it.
func describe(n *node) string {
	switch n.kind {
	case mapping, sequence, null:
		return string(n.kind)
	}
	return words.Quoted(n.text)
}
