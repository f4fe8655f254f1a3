package kubectl

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"statefulsim/scenarios/words"
)

// Objects says which objects a command is about: those that it names, or all of some kinds that a selector takes in.
type Objects struct {
	Namespace string   // where they are; "" is the terminal's
	Names     []Name   // in the command's order
	Kinds     []string // if there are no names
	Selector  string   // with Kinds: of their labels; "" takes in every object
}

// Name names an object. The kind is written as in manifests.
type Name struct{ Kind, Name string }

// selecting are the flags that say which objects are meant.
var selecting = flags{"namespace": value, "selector": value, "all": toggle}

// objects reads which objects the words name, as KIND NAME…, KIND/NAME…, or KIND[,KIND] with a selector or --all. A command
// that knows only some kinds says which.
// Source: k8s.io/cli-runtime pkg/resource/builder.go:ResourceTypeOrNameArgs, Do.
func (c line) objects(args []string, only ...string) (Objects, error) {
	var o Objects
	var err error
	if o.Namespace, err = c.namespace(); err != nil {
		return o, err
	}
	if o.Selector, err = c.selector("selector"); err != nil {
		return o, err
	}
	all := c.on("all", false)
	switch slashed := containsSlash(args); {
	case len(args) == 0:
		return o, wrongf("for instance statefulset/mysql", "the command does not say what it is about")
	case all && o.Selector != "":
		return o, wrongf("keep one of them", "cannot set --all and --selector at the same time")
	case slashed:
		err = o.slashed(args)
	default:
		err = o.spaced(args, all || c.has("selector"))
	}
	if err == nil && len(o.Names) > 0 && (all || o.Selector != "") {
		err = wrongf("leave out the names, or the flag", "name cannot be provided when a selector is specified")
	}
	if err != nil {
		return o, err
	}
	return o, o.only(only)
}

func containsSlash(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool { return strings.Contains(a, "/") })
}

// slashed reads KIND/NAME….
func (o *Objects) slashed(args []string) error {
	for _, arg := range args {
		word, name, slash := strings.Cut(arg, "/")
		if !slash {
			return wrongf("write each object as KIND/NAME", "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form")
		}
		if word == "" || name == "" || strings.Contains(name, "/") {
			return wrongf("statefulset/mysql", "arguments in resource/name form must have a single resource and name")
		}
		if err := o.name(word, name); err != nil {
			return err
		}
	}
	return nil
}

// spaced reads KIND[,KIND] NAME…, or the kinds alone.
func (o *Objects) spaced(args []string, selected bool) error {
	for word := range strings.SplitSeq(args[0], ",") {
		name, err := kindOf(word)
		if err != nil {
			return err
		}
		if len(args) == 1 {
			o.Kinds = append(o.Kinds, name)
		}
		for _, arg := range args[1:] {
			if err := o.name(word, arg); err != nil {
				return err
			}
		}
	}
	if len(args) == 1 && !selected {
		return wrongf(args[0]+"/NAME, or --all, or -l KEY=VALUE", "the command does not name the %s", words.Printable(args[0]))
	}
	return nil
}

func (o *Objects) name(word, name string) error {
	kind, err := kindOf(word)
	if err != nil {
		return err
	}
	if !objectName.MatchString(name) {
		return wrongf("", "%s is not a name", words.Quoted(name))
	}
	o.Names = append(o.Names, Name{kind, name})
	return nil
}

// only refuses all kinds but some; none means that every kind will do.
func (o *Objects) only(kinds []string) error {
	if len(kinds) == 0 {
		return nil
	}
	named := slices.Clone(o.Kinds)
	for _, n := range o.Names {
		named = append(named, n.Kind)
	}
	for _, k := range named {
		if !slices.Contains(kinds, k) {
			return wrongf("the kinds are: "+words.OneOf(kinds), "a %s cannot be meant here", k)
		}
	}
	return nil
}

// selector is the value of a flag that takes a label selector.
func (c line) selector(name string) (string, error) {
	text := c.text(name)
	if _, err := labels.Parse(text); err != nil {
		return "", wrongf("-l app=mysql,role!=primary", "the provided selector %s is not valid: %v", words.Quoted(text), err)
	}
	return text, nil
}

// cutPairs divides words into those that name objects and the changes that follow them.
// Source: k8s.io/kubectl pkg/cmd/util/helpers.go:GetResourcesAndPairs.
func cutPairs(args []string, what string, isPair func(string) bool) (named, pairs []string, err error) {
	at := slices.IndexFunc(args, isPair)
	if at < 0 {
		return args, nil, nil
	}
	for _, arg := range args[at:] {
		if !isPair(arg) {
			return nil, nil, wrongf("name the objects first", "all resources must be specified before %s changes: %s", what, words.Printable(arg))
		}
	}
	return args[:at], args[at:], nil
}

// isPair is true for KEY=VALUE and KEY-.
func isPair(arg string) bool {
	return strings.Index(arg, "=") > 0 || len(arg) > 1 && strings.HasSuffix(arg, "-")
}
