package kubectl

import (
	"slices"
	"strings"
	"text/template"

	"k8s.io/apimachinery/pkg/fields"

	"statefulsim/scenarios/words"
)

// Get is `get KIND[,KIND…] [NAME…]`, `get KIND/NAME…` or `get all`, with or without --watch.
type Get struct {
	Objects
	FieldSelector    string // "" takes in every object
	AllNamespaces    bool
	Output           string // "" and "wide" are tables; "name", "json", "yaml" and "go-template" are not
	Template         string // of "go-template", in the language of Go's text/template
	NoHeaders        bool
	ShowKind         bool
	ShowLabels       bool
	LabelColumns     []string // keys of labels that have a column each
	Watch, WatchOnly bool     // go on with every change; WatchOnly leaves out what is there at the beginning
	IgnoreNotFound   bool
}

func (Get) command() {}

var getFlags = flags{
	"namespace": value, "selector": value, "field-selector": value, "all-namespaces": toggle, "output": value, "template": value,
	"no-headers": toggle, "show-kind": toggle, "show-labels": toggle, "label-columns": value, "watch": toggle, "watch-only": toggle,
	"ignore-not-found": toggle,
}

// all are the kinds of the category "all" that can be simulated, in the order in which the API server's groups list them.
const all = "pods,services,statefulsets.apps"

// parseGet reads `get`.
// Source: k8s.io/kubectl pkg/cmd/get/get.go:NewCmdGet, Validate.
func parseGet(args []string) (Command, error) {
	c, err := cutFlags(apart(args), getFlags)
	if err != nil {
		return nil, err
	}
	g := Get{
		FieldSelector: c.text("field-selector"), AllNamespaces: c.on("all-namespaces", false), Template: c.text("template"),
		NoHeaders: c.on("no-headers", false), ShowKind: c.on("show-kind", false), ShowLabels: c.on("show-labels", false),
		Watch: c.on("watch", false), WatchOnly: c.on("watch-only", false), IgnoreNotFound: c.on("ignore-not-found", false),
	}
	for _, keys := range c.flags["label-columns"] {
		g.LabelColumns = append(g.LabelColumns, strings.Split(keys, ",")...)
	}
	if g.Objects, err = c.listed(); err != nil {
		return nil, err
	}
	if err := g.output(c); err != nil {
		return nil, err
	}
	if err := g.fields(); err != nil {
		return nil, err
	}
	return g, g.together()
}

// apart divides the letters that take no value from what is written behind them: -wl is -w -l.
func apart(args []string) (divided []string) {
	for _, arg := range args {
		for len(arg) > 2 && (arg[:2] == "-w" || arg[:2] == "-A") && arg[2] != '=' {
			divided, arg = append(divided, arg[:2]), "-"+arg[2:]
		}
		divided = append(divided, arg)
	}
	return divided
}

// listed reads which objects are to be shown: without a name or a selector they are all of their kinds.
func (c line) listed() (o Objects, err error) {
	if o.Namespace, err = c.namespace(); err != nil {
		return o, err
	}
	if o.Selector, err = c.selector("selector"); err != nil {
		return o, err
	}
	if len(c.args) == 0 {
		return o, wrongf("for instance get pods", "you must specify the type of resource to get")
	}
	args := slices.Clone(c.args)
	if args[0] == "all" {
		args[0] = all
	}
	if err := unlisted(args[0]); err != nil {
		return o, err
	}
	if strings.Contains(strings.Join(args, " "), "/") {
		return o, o.slashed(args)
	}
	return o, o.spaced(args, true)
}

// unlisted refuses kinds that people look for and that no object here has.
func unlisted(list string) error {
	for word := range strings.SplitSeq(list, ",") {
		switch strings.ToLower(word) {
		case "events", "event", "ev":
			return wrongf("the run's report and trace have every Event, with its cause", "events cannot be listed: they are not kept as objects")
		case "endpoints", "ep":
			return wrongf("get endpointslices", "endpoints are not simulated, and deprecated since Kubernetes 1.33")
		}
	}
	return nil
}

// output reads the format.
func (g *Get) output(c line) error {
	format, argument, given := strings.Cut(c.text("output"), "=")
	switch {
	case format == "" && g.Template != "":
		format = "go-template"
	case (format == "go-template" || format == "template") && given:
		format, g.Template = "go-template", argument
	case format == "template":
		format = "go-template"
	}
	g.Output = format
	switch format {
	case "", "wide", "name", "json", "yaml":
		return nil
	case "go-template":
		if _, err := template.New("output").Parse(g.Template); err != nil || g.Template == "" {
			return wrongf("-o go-template='{{.status.phase}}'", "%s is no template", words.Quoted(g.Template))
		}
		return nil
	case "jsonpath", "custom-columns", "jsonpath-file", "custom-columns-file", "go-template-file", "templatefile":
		return wrongf("-o go-template='{{.status.phase}}'", "-o %s is not simulated", format)
	}
	return wrongf(words.DidYouMean(format, []string{"wide", "name", "json", "yaml", "go-template"}), "unable to match a printer suitable for the output format %s", words.Quoted(format))
}

// selectable are the fields that a field selector can ask for, beside metadata.name and metadata.namespace.
// Source: pkg/apis/core/v1/conversion.go, pkg/registry/core/pod/strategy.go:ToSelectableFields and its like.
var selectable = map[string][]string{
	"Pod":  {"spec.nodeName", "status.phase", "status.podIP", "status.nominatedNodeName"},
	"Node": {"spec.unschedulable"},
}

// fields checks the field selector against what the kinds can be asked for.
func (g *Get) fields() error {
	selector, err := fields.ParseSelector(g.FieldSelector)
	if err != nil {
		return wrongf("--field-selector spec.nodeName=node-a", "%s is no field selector: %v", words.Quoted(g.FieldSelector), err)
	}
	for _, kind := range g.kinds() {
		known := append([]string{"metadata.name", "metadata.namespace"}, selectable[kind]...)
		for _, r := range selector.Requirements() {
			if !slices.Contains(known, r.Field) {
				return wrongf(words.DidYouMean(r.Field, known), "field label not supported for a %s: %s", kind, words.Printable(r.Field))
			}
		}
	}
	return nil
}

// kinds are those of the objects, each as often as it is written.
func (g *Get) kinds() []string {
	kinds := slices.Clone(g.Kinds)
	for _, n := range g.Names {
		kinds = append(kinds, n.Kind)
	}
	return kinds
}

// together refuses what kubectl does not take at once.
// Source: k8s.io/cli-runtime pkg/resource/builder.go:visitorResult, visitByResource, visitByName; result.go:Watch.
func (g *Get) together() error {
	table := g.Output == "" || g.Output == "wide"
	kinds := g.kinds()
	slices.Sort(kinds)
	named, watched := len(g.Names) > 0, g.Watch || g.WatchOnly
	switch {
	case named && (g.Selector != "" || g.FieldSelector != ""):
		return wrongf("leave out the names, or the selector", "name cannot be provided when a selector is specified")
	case named && g.AllNamespaces && slices.ContainsFunc(kinds, Namespaced):
		return wrongf("-n NAMESPACE", "a resource cannot be retrieved by name across all namespaces")
	case g.ShowLabels && !table:
		return wrongf("leave one of them out", "--show-labels option cannot be used with %s printer", g.Output)
	case watched && len(slices.Compact(kinds)) > 1:
		return wrongf("watch each kind in a step of its own", "you may only specify a single resource type")
	case watched && len(g.Names) > 1:
		return wrongf("name one, or select them with -l", "you may only watch a single resource or type of resource at a time")
	}
	return nil
}
