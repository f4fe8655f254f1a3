// Package kubectl reads command lines in kubectl's words: what they mean, not what they do.
package kubectl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"statefulsim/scenarios/words"
)

// Command is a command line, read: one of the types of this package that have a method of that name.
type Command interface{ command() }

// Problem is what is wrong with a command line, and the cure.
type Problem struct{ What, Cure string }

func (p *Problem) Error() string { return p.What }

func wrongf(cure, format string, args ...any) error {
	return &Problem{fmt.Sprintf(format, args...), cure}
}

// unsimulatedVerbs are commands of kubectl that people may look for, with what does in their place.
var unsimulatedVerbs = map[string]string{
	"attach": "its state can be asked for in expectations", "autoscale": "scale", "cp": "nothing but what its process keeps lies on a disk",
	"debug": "its state can be asked for in expectations", "describe": "get -o yaml, and the report of the run", "edit": "patch, or apply -f FILE",
	"events": "the report and the trace of the run have them all", "exec": "its state can be asked for in expectations; kill: stops it",
	"expose": "apply -f a Service", "logs": "sim run -v shows what each process does", "port-forward": "clients: stands outside the cluster",
	"run": "apply -f a manifest of the pod", "top": "nothing measures what pods use",
}

// Unsimulated tells whether a word is a command of kubectl that Parse refuses with what does in its place.
func Unsimulated(verb string) bool { return unsimulatedVerbs[verb] != "" }

// Parse reads a command line, with or without the word kubectl. An error is a *Problem.
func Parse(line string) (Command, error) {
	args, err := splitShell(line)
	if err != nil {
		return nil, err
	}
	if len(args) > 0 && args[0] == "kubectl" {
		args = args[1:]
	}
	if len(args) == 0 {
		return nil, wrongf("scale statefulset/mysql --replicas=5", "the command is empty")
	}
	parse, known := verbs[args[0]]
	if cure := unsimulatedVerbs[args[0]]; cure != "" {
		return nil, wrongf(cure, "kubectl %s is not simulated", args[0])
	}
	if !known {
		return nil, wrongf(words.DidYouMean(args[0], sortedKeys(verbs)), "kubectl %s is not simulated", words.Quoted(args[0]))
	}
	return parse(args[1:])
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// splitShell divides a line into words as a POSIX shell would, without expanding anything.
func splitShell(line string) ([]string, error) {
	var args []string
	var word strings.Builder
	started, quote := false, rune(0)
	escaped := false
	for _, c := range line {
		switch {
		case escaped:
			if quote == '"' && !strings.ContainsRune("\"\\$`", c) {
				word.WriteRune('\\')
			}
			word.WriteRune(c)
			escaped = false
		case c == '\\' && quote != '\'':
			escaped, started = true, true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			quote, started = c, true
		case strings.ContainsRune(" \t\n", c):
			if started {
				args, started = append(args, word.String()), false
				word.Reset()
			}
		case strings.ContainsRune("|&;<>$`", c):
			return nil, wrongf("one kubectl command a step; quote the character if it is meant as such", "%s is for a shell", words.Quoted(string(c)))
		default:
			word.WriteRune(c)
			started = true
		}
	}
	if quote != 0 || escaped {
		return nil, wrongf("close it", "a quote is open at the end of the command")
	}
	if started {
		args = append(args, word.String())
	}
	return args, nil
}
