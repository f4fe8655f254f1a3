package tui

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios"
)

// session is a scenario that is being written: what it was when it was opened, and the commands that were added since.
type session struct {
	base *scenarios.Scenario
	done []change // the last one is in force
	gone []change // those that were taken back, the last one first to be done again

	saved string // the commands that were saved last, as written has them
	files int    // how many it was saved to
}

// deed is a command that was added at an instant.
type deed struct {
	at   time.Duration
	line string // as it was typed
	do   scenarios.Action
	last time.Duration // how long its fault lasts; 0: until it is healed
}

// change is what acting once did to the commands.
type change struct {
	at    time.Duration
	deeds []deed // those that are in force since
}

func newSession(base *scenarios.Scenario) *session { return &session{base: named(base)} }

// named is a scenario whose steps all have names that others can refer to: a fault can be healed by hand, and a step keeps its name when it
// is written, wherever it then stands. The scenario that it is made of is not changed.
func named(base *scenarios.Scenario) *scenarios.Scenario {
	s := *base
	s.Steps = slices.Clone(base.Steps)
	for i := range s.Steps {
		if name := s.Steps[i].Name; name == "" || numbered.MatchString(name) {
			s.Steps[i].Name = freeName(fmt.Sprintf("step-%d", i+1), s.Steps)
		}
	}
	return &s
}

// numbered is the name of a step that the file gives none.
var numbered = regexp.MustCompile(`^step [0-9]+$`)

// freeName is the name, or one made of it that none of the steps has.
func freeName(name string, steps []scenarios.Step) string {
	free := name
	for n := 2; slices.ContainsFunc(steps, func(s scenarios.Step) bool { return s.Name == free }); n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	return free
}

// scenario is the one to run now: the base with the commands in it.
func (s *session) scenario() *scenarios.Scenario {
	now := *s.base
	now.Steps = slices.Clone(s.base.Steps)
	for _, d := range s.deeds() {
		now.Steps = append(now.Steps, d.step(now.Steps))
	}
	return &now
}

// step is the command as a step of a scenario that has those already. What it finds nothing to do to is told, and fails no run.
func (d *deed) step(others []scenarios.Step) scenarios.Step {
	return scenarios.Step{Name: freeName(nameOf(d.line), others), At: d.at, For: d.last, Optional: true, Do: d.do}
}

// notInNames is what the name of a step cannot have in it.
var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// nameOf makes a name for a step of a command line, as the language has them.
func nameOf(line string) string {
	const longest = 40
	name := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(line)), "kubectl ")
	name = notInNames.ReplaceAllString(name, "-")
	if name = strings.Trim(name[:min(len(name), longest)], "-"); name == "" || name == "all" {
		return "you"
	}
	return name
}

// act adds a command. Commands at later instants belong to a story that is left: they are taken out, and how many is returned.
func (s *session) act(d deed) (left int) {
	was := s.deeds()
	kept := slices.IndexFunc(was, func(other deed) bool { return other.at > d.at })
	if kept < 0 {
		kept = len(was)
	}
	s.done = append(s.done, change{d.at, append(slices.Clone(was[:kept]), d)})
	s.gone = nil
	return len(was) - kept
}

// undo takes back what was done last, and redo does it again. They return the instant at which it was done; ok is false if there is nothing.
func (s *session) undo() (at time.Duration, ok bool) { return move(&s.done, &s.gone) }
func (s *session) redo() (at time.Duration, ok bool) { return move(&s.gone, &s.done) }

// move moves the last of some changes to the end of others.
func move(from, to *[]change) (at time.Duration, ok bool) {
	last := len(*from) - 1
	if last < 0 {
		return 0, false
	}
	c := (*from)[last]
	*from, *to = (*from)[:last], append(*to, c)
	return c.at, true
}

// deeds are the commands in force, in the order of their instants.
func (s *session) deeds() []deed {
	if len(s.done) == 0 {
		return nil
	}
	return s.done[len(s.done)-1].deeds
}

// written is the commands in force as one text.
func (s *session) written() string {
	var b strings.Builder
	for _, d := range s.deeds() {
		fmt.Fprintln(&b, d.at, d.line)
	}
	return b.String()
}

// write writes the scenario with its commands as a file that replays exactly: with that seed, to the trace of that hash.
func (s *session) write(w io.Writer, seed uint64, hash string) error {
	return scenarios.Write(w, s.scenario(), s.origin(seed, hash))
}

// origin says where a written scenario comes from, and how to see it again.
func (s *session) origin(seed uint64, hash string) string {
	var b strings.Builder
	b.WriteString("Written by sim tui from " + s.base.File)
	if s.base.Variant != "" {
		b.WriteString(", the run " + s.base.Variant)
	}
	deeds := s.deeds()
	if len(deeds) == 0 {
		b.WriteString(".\n")
	} else {
		b.WriteString(", with what was done by hand:\n")
	}
	for _, d := range deeds {
		fmt.Fprintf(&b, "  %v %s\n", d.at, d.line)
	}
	fmt.Fprintf(&b, "The same run again, with the name of this file: sim run FILE --seed %d\nThe SHA-256 of its trace was %s", seed, hash)
	return b.String()
}
