package scenarios

import (
	"regexp"
	"strings"
	"time"
)

// Step is one thing that somebody, or fate, does to the world. It begins at At, or After later than the first instant at which
// When holds, or After later than the instant at which all steps named in Follows are over.
type Step struct {
	Name     string        // by which others, the timeline and the report name it; "step 3" or "step 3.2" if the file gives none
	At       time.Duration // if neither When nor Follows is there
	When     *Expr
	Follows  []string
	After    time.Duration
	For      time.Duration // how long the fault or the reboot lasts, or a command is let run; 0: until healed, or until it ends by itself
	Every    time.Duration // it comes again so much after it began; 0: it comes once
	Until    time.Duration // with Every: it does not come again from this instant on; 0: the end of the run
	Optional bool          // if it never begins, or cannot be done, that is told, and fails no run
	Fails    string        // the command must fail, with an error that contains this; "": it must not fail
	Do       Action
	Pos      Pos
}

// String returns the step as the scenario language writes it, in one line: "{name: cut, at: 20s, for: 10s, partition: {from: node
// node-a, to: everything else}}". A name that was not given is left out, unless the step stands in a sequence or side by side with
// others: then steps that follow it need it.
func (s Step) String() string {
	var parts []string
	add := func(key, value string) { parts = append(parts, key+": "+value) }
	if s.Name != "" && !outerName.MatchString(s.Name) {
		add("name", yamlText(s.Name))
	}
	switch {
	case s.When != nil:
		add("when", yamlText(s.When.String()))
	case len(s.Follows) > 0:
		add("follows", writtenNames(s.Follows))
	default:
		add("at", s.At.String())
	}
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"after", s.After}, {"for", s.For}, {"every", s.Every}, {"until", s.Until}} {
		if d.value > 0 {
			add(d.key, d.value.String())
		}
	}
	if s.Optional {
		add("optional", "true")
	}
	if s.Fails != "" {
		add("fails", yamlText(s.Fails))
	}
	return "{" + strings.Join(append(parts, s.Do.String()), ", ") + "}"
}

// outerName is the name of a step that stands in the list of steps itself, without a name of its own.
var outerName = regexp.MustCompile(`^step [0-9]+$`)

// innerName is the name of a step that stands in another, without a name of its own.
var innerName = regexp.MustCompile(`^step [0-9]+(\.[0-9]+)+$`)

// writtenNames are the names of steps as others refer to them.
func writtenNames(names []string) string {
	written := make([]string, len(names))
	for i, name := range names {
		written[i] = yamlText(name)
	}
	if len(written) == 1 {
		return written[0]
	}
	return "[" + strings.Join(written, ", ") + "]"
}
