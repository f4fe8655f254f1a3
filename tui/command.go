package tui

import (
	"errors"
	"regexp"
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
//
// The command comes right after the instant, so that all that had happened by then stays as it was.
func parseCommand(line string, scene *story.Scene, s *scenarios.Scenario) (deed, error) {
	d := deed{at: scene.At + 1, line: strings.TrimSpace(line)}
	rest, last, err := cutLength(d.line)
	if err != nil {
		return d, err
	}
	t := &typist{scene: scene, scenario: s}
	if d.do, err = t.action(rest); err != nil {
		return d, err
	}
	if d.last = last; last == 0 {
		d.last = usually(d.do)
	}
	return d, t.check(&d)
}

// typist is somebody at a command line: what there is at the instant at which a line is typed.
type typist struct {
	scene    *story.Scene
	scenario *scenarios.Scenario
}

// lengthAtEnd is how a line ends that says how long something lasts.
var lengthAtEnd = regexp.MustCompile(`\s+for\s+(\S+)$`)

// cutLength takes "for 30s" from the end of a line.
func cutLength(line string) (rest string, last time.Duration, err error) {
	at := lengthAtEnd.FindStringSubmatchIndex(line)
	if at == nil {
		return line, 0, nil
	}
	text := line[at[2]:at[3]]
	if last, err = time.ParseDuration(text); err != nil || last <= 0 {
		return "", 0, mistake(words.Quoted(text)+" is no length of time", "write it like for 30s or for 1m30s")
	}
	return line[:at[0]], last, nil
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
		return t.kubectl(strings.TrimSpace(line[len("kubectl"):]))
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

// divided are the words of a line. What stands between quotes is one.
func divided(line string) (all []string, err error) {
	var word strings.Builder
	quote, begun := rune(0), false
	for _, c := range line {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, begun = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			if begun {
				all = append(all, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(c)
			begun = true
		}
	}
	if quote != 0 {
		return nil, mistake("a quote is open at the end", "close it")
	}
	if begun {
		all = append(all, word.String())
	}
	return all, nil
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
