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

// verbs are the commands that can be read, by their first word.
var verbs = map[string]func(args []string) (Command, error){
	"annotate": parseLabel(true), "apply": parseApply("apply"), "cordon": parseCordon(false), "create": parseApply("create"),
	"delete": parseDelete, "drain": parseDrain, "evict": parseEvict, "get": parseGet, "label": parseLabel(false), "patch": parsePatch,
	"replace": parseApply("replace"), "rollout": parseRollout, "scale": parseScale, "set": parseSet, "taint": parseTaint,
	"uncordon": parseCordon(true), "wait": parseWait,
}

// unsimulatedVerbs are commands of kubectl that people may look for, with what does in their place.
var unsimulatedVerbs = map[string]string{
	"edit": "patch or apply", "exec": "nothing runs in a container but its process; its state can be asked for in expectations",
	"logs": "sim run -v shows what each process does", "describe": "get -o yaml, and the report of the run",
	"run": "apply -f a manifest of the pod", "expose": "apply -f a Service",
	"autoscale": "scale", "top": "nothing measures what pods use",
}

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
