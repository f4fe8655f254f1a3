package kubectl

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"statefulsim/scenarios/words"
)

// arity says what follows a flag.
type arity int

const (
	toggle   arity = iota // nothing, or =false
	value                 // a value, after = or as the next word
	optional              // a value after =, or nothing
)

// flags are what a command knows: by their long names, without dashes.
type flags map[string]arity

// and adds the flags of several groups.
func (f flags) and(groups ...flags) flags {
	all := maps.Clone(f)
	for _, g := range groups {
		maps.Copy(all, g)
	}
	return all
}

// shorts are the flags of one letter; a letter means the same with every command.
var shorts = map[string]string{
	"A": "all-namespaces", "L": "label-columns", "f": "filename", "l": "selector", "n": "namespace", "o": "output", "p": "patch",
	"w": "watch",
}

// unsimulated are flags that kubectl's commands have and that nothing here does, so that they are no misspellings.
var unsimulated = []string{
	"allow-missing-template-keys", "as", "chunk-size", "cluster", "context", "dry-run", "edit", "field-manager", "field-selector",
	"force-conflicts", "interactive", "kubeconfig", "kustomize", "list", "local", "output", "patch-file", "prune", "raw", "record",
	"recursive", "resource-version", "save-config", "server-side", "show-managed-fields", "skip-wait-for-delete-timeout", "subresource",
	"template", "user", "v", "validate", "all-namespaces", "ignore-not-found",
}

// line is a command line taken apart.
type line struct {
	args  []string
	flags map[string][]string // by long name; one that takes no value has "true" or "false"
}

// cutFlags separates flags from words.
func cutFlags(args []string, known flags) (line, error) {
	c := line{flags: map[string][]string{}}
	for i := 0; i < len(args); i++ {
		if args[i] == "--" {
			c.args = append(c.args, args[i+1:]...)
			break
		}
		if !strings.HasPrefix(args[i], "-") || args[i] == "-" {
			c.args = append(c.args, args[i])
			continue
		}
		name, text, given := cutFlag(args[i])
		takes, is := known[name]
		switch {
		case !is && slices.Contains(unsimulated, name):
			return c, wrongf(flagCure("", known), "the flag %s is not simulated here", words.Quoted(args[i]))
		case !is:
			return c, wrongf(flagCure(name, known), "the flag %s is not known here", words.Quoted(args[i]))
		case takes == value && !given:
			if i++; i == len(args) {
				return c, wrongf("", "the flag --%s takes a value", name)
			}
			text = args[i]
		case takes == optional && !given:
			text = ""
		case takes == toggle:
			on, err := strconv.ParseBool(text)
			if given && err != nil {
				return c, wrongf("leave it out, or give it without a value", "the flag --%s takes no value, or true or false", name)
			}
			text = strconv.FormatBool(!given || on)
		}
		c.flags[name] = append(c.flags[name], text)
	}
	return c, nil
}

// cutFlag divides --name=value, --name, -n=value, -n and -nvalue.
func cutFlag(arg string) (name, text string, given bool) {
	if long, is := strings.CutPrefix(arg, "--"); is {
		name, text, given = strings.Cut(long, "=")
		return name, text, given
	}
	letter, rest := arg[1:2], arg[2:]
	if long := shorts[letter]; long != "" {
		return long, strings.TrimPrefix(rest, "="), rest != ""
	}
	return arg[1:], "", false
}

// flagCure is the cure for a flag that a command does not have.
func flagCure(name string, known flags) string {
	return words.DidYouMean("--"+name, known.written())
}

// text is a flag's value, the last if it is given several times; "" if it is not given.
func (c line) text(name string) string {
	if given := c.flags[name]; len(given) > 0 {
		return given[len(given)-1]
	}
	return ""
}

// has tells whether a flag is given.
func (c line) has(name string) bool { return len(c.flags[name]) > 0 }

// on tells whether a flag without a value is given, or else what holds without it.
func (c line) on(name string, without bool) bool {
	if !c.has(name) {
		return without
	}
	return c.text(name) == "true"
}

// whole is the value of a flag that takes a whole number, or what holds without the flag.
func (c line) whole(name string, without int64) (int64, error) {
	if !c.has(name) {
		return without, nil
	}
	n, err := strconv.ParseInt(c.text(name), 10, 32)
	if err != nil {
		return 0, wrongf("--"+name+"=5", "%s is no whole number for --%s", words.Quoted(c.text(name)), name)
	}
	return n, nil
}

// duration is the value of a flag that takes a duration, or what holds without the flag.
func (c line) duration(name string, without time.Duration) (time.Duration, error) {
	if !c.has(name) {
		return without, nil
	}
	d, err := time.ParseDuration(c.text(name))
	if err != nil {
		return 0, wrongf("--"+name+"=30s", "%s is no duration for --%s", words.Quoted(c.text(name)), name)
	}
	return d, nil
}

// namespace is where the command's objects are; "" is the terminal's.
func (c line) namespace() (string, error) {
	name := c.text("namespace")
	if c.has("namespace") && !objectName.MatchString(name) {
		return "", wrongf("-n default", "%s is not a namespace's name", words.Quoted(name))
	}
	return name, nil
}
