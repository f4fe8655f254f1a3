package tui

import (
	"errors"
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios"
	"statefulsim/scenarios/kubectl"
	"statefulsim/scenarios/words"
	"statefulsim/sim/story"
)

// parseCommand reads a command line as somebody types it at an instant: kubectl's words, with or without kubectl in front, or a fault in the words of
// the scenario language. The error says what is wrong, and what to type instead.
func parseCommand(line string, scene *story.Scene, s *scenarios.Scenario) (deed, error) {
	d := deed{at: justAfter(scene.At), line: strings.TrimSpace(line)}
	rest, last, err := cutLength(d.line)
	if err != nil {
		return d, err
	}
	t := newTypist(scene, s)
	if d.do, err = t.action(rest); err != nil {
		return d, err
	}
	if d.last = last; last == 0 {
		d.last = usually(d.do)
	}
	return d, t.check(&d)
}

// justAfter is when a command happens that is given at an instant: at the next whole millisecond, so that all that had happened by the instant
// stays as it was.
func justAfter(at time.Duration) time.Duration {
	return at.Truncate(time.Millisecond) + time.Millisecond
}

// typist is somebody at a command line: what there is at the instant at which a line is typed.
type typist struct {
	scene    *story.Scene
	scenario *scenarios.Scenario
	objects  []object            // that commands can be about
	names    map[string][]string // of the objects of a kind, wherever they are
}

func newTypist(scene *story.Scene, s *scenarios.Scenario) *typist {
	t := &typist{scene: scene, scenario: s, objects: objectsIn(scene), names: map[string][]string{}}
	for _, o := range t.objects {
		if names := t.names[o.kind]; !slices.Contains(names, o.name) {
			t.names[o.kind] = append(names, o.name)
		}
	}
	return t
}

// cutLength takes "for 30s" from the end of a line.
func cutLength(line string) (rest string, last time.Duration, err error) {
	all := pieces(line)
	n := len(all)
	if n < 3 || all[n-2] != "for" {
		return line, 0, nil
	}
	text := all[n-1]
	if last, err = time.ParseDuration(text); err != nil || last <= 0 {
		return "", 0, mistake(words.Quoted(text)+" is no length of time", "write it like for 30s or for 1m30s")
	}
	return strings.Join(all[:n-2], " "), last, nil
}

// usually is how long an action lasts of which nothing is said; 0: until it is healed. The language gives a reboot a minute.
func usually(do scenarios.Action) time.Duration {
	if _, is := do.(scenarios.Reboot); is {
		return time.Minute
	}
	return 0
}

// mistake is an error that says what is wrong, and what to type instead.
func mistake(what, cure string) error {
	if cure == "" {
		return errors.New(words.Printable(what))
	}
	return errors.New(words.Printable(what + ": " + cure))
}

// action reads a line without the length at its end.
func (t *typist) action(line string) (scenarios.Action, error) {
	all, err := divided(line)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, mistake("nothing is typed", "kill mysql-0, cut node-a, or kubectl's words")
	}
	if all[0] == "kubectl" {
		return t.kubectl(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "kubectl")))
	}
	v, rest := verbOf(all)
	switch {
	case v == nil && kubectl.Unsimulated(all[0]):
		return t.kubectl(line)
	case v == nil:
		return nil, mistake("no command is named "+words.Quoted(all[0]), words.DidYouMean(all[0], verbWords()))
	case v.read != nil:
		return v.read(t, rest)
	case v.key != "":
		return t.fault(v.key, rest)
	}
	return t.kubectl(line)
}

// divided are the words of a line, without quotes. What stands between quotes is one.
func divided(line string) (all []string, err error) {
	for _, piece := range pieces(line) {
		var word strings.Builder
		quote := rune(0)
		for _, c := range piece {
			if quote = quoteAfter(quote, c); quote == c || quote == 0 && (c == '"' || c == '\'') {
				continue
			}
			word.WriteRune(c)
		}
		if quote != 0 {
			return nil, mistake("a quote is open at the end", "close it")
		}
		all = append(all, word.String())
	}
	return all, nil
}

// pieces are the words of a line with their quotes.
func pieces(line string) []string {
	quote := rune(0)
	return strings.FieldsFunc(line, func(c rune) bool {
		quote = quoteAfter(quote, c)
		return quote == 0 && (c == ' ' || c == '\t')
	})
}

// quoteAfter is the quote that is open after a character, 0 for none, if that quote was open before.
func quoteAfter(quote, c rune) rune {
	switch {
	case c == quote:
		return 0
	case quote == 0 && (c == '"' || c == '\''):
		return c
	}
	return quote
}

// check has the language read the scenario with the command in it, as it is read again when it was written to a file.
func (t *typist) check(d *deed) error {
	with := named(t.scenario)
	with.Steps = append(with.Steps, d.step(with.Steps))
	var text strings.Builder
	if err := scenarios.Write(&text, with); err != nil {
		return err
	}
	_, err := scenarios.Parse(with.File, []byte(text.String()), nil)
	var problems scenarios.Problems
	if errors.As(err, &problems) {
		return mistake(problems[len(problems)-1].What, problems[len(problems)-1].Cure)
	}
	return err
}

// refused is the error for a name that nothing of a kind has now, and nil if something has it.
func refused(kind, name string, known []string) error {
	if slices.Contains(known, name) {
		return nil
	}
	cure := words.DidYouMean(name, known)
	if len(known) == 0 {
		cure = "there is none"
	}
	return mistake("no "+kind+" is named "+words.Quoted(name)+" now", cure)
}
