package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"statefulsim/scenarios/words"
)

// bindings are what the variables of one run stand for. The zero value has none.
type bindings struct {
	keys []key // in the order of the file
	of   map[string]*node
	used map[string]bool // by all runs of the file
}

var (
	variableName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	// reference is ${name}, or with one more dollar sign what stands for these characters themselves.
	reference = regexp.MustCompile(`\$?\$\{([^{}]*)\}`)
	alone     = regexp.MustCompile(`^\$\{([^{}]*)\}$`)
)

// define gives a variable its value, in which those before it are filled in.
func (v *bindings) define(k key, value *node, report func(Problem)) {
	if !variableName.MatchString(k.name) {
		report(k.problem(words.Quoted(k.name)+" is no name for a variable", "a letter, then letters, digits and '_'"))
		return
	}
	v.keys = append(v.keys, k)
	v.of[k.name] = v.fill(value, inScenario, report)
}

// where says in what kind of text variables are filled in.
type where bool

const (
	inScenario where = false
	inManifest where = true // has scripts with variables of their own: what no variable is called is left as it is
)

// fill returns the tree with its variables filled in. What holds none is shared with the tree as it was. A variable that stands
// for much, within others that hold it often, gives no more than a document can hold.
func (v *bindings) fill(n *node, in where, report func(Problem)) *node {
	if n.kind == str {
		return v.scalar(n, in, report)
	}
	changed := n
	for i, child := range n.values {
		value := v.fill(child, in, report)
		if value == child {
			continue
		}
		if changed == n {
			copied := *n
			copied.values = slices.Clone(n.values)
			changed = &copied
		}
		changed.values[i] = value
		if changed.size = min(changed.size-child.size+value.size, mostNodes+1); changed.size > mostNodes {
			report(n.problem(fmt.Sprintf("more than %d values when its variables are filled in", mostNodes), usualSize))
			return &node{place: n.place, kind: null, text: "null", size: 1}
		}
	}
	return changed
}

// scalar fills in one text. A text that is a variable and nothing else becomes its value, of whatever kind that is.
func (v *bindings) scalar(n *node, in where, report func(Problem)) *node {
	if !strings.Contains(n.text, "${") {
		return n
	}
	if m := alone.FindStringSubmatch(n.text); m != nil {
		if value := v.find(m[1], n, report); value != nil {
			return value
		}
		return n
	}
	text := reference.ReplaceAllStringFunc(n.text, func(ref string) string { return v.within(ref, n, in, report) })
	switch {
	case text == n.text:
		return n
	case len(text) > mostBytes:
		report(n.problem("the text is larger than 8 MiB when its variables are filled in", usualSize))
		return n
	}
	copied := *n
	copied.text, copied.style = text, filled
	return &copied
}

// within is what takes the place of a reference that stands in the longer text of n.
func (v *bindings) within(ref string, n *node, in where, report func(Problem)) string {
	name := strings.Trim(ref, "${}")
	if _, known := v.of[name]; in == inManifest && !known {
		return ref
	}
	if strings.HasPrefix(ref, "$$") {
		return ref[1:]
	}
	value := v.find(name, n, report)
	switch {
	case value == nil:
		return ref
	case value.kind == mapping || value.kind == sequence:
		report(n.problem("the variable "+words.Quoted(name)+" is "+string(value.kind)+", which cannot stand within a text", "let it stand alone"))
		return ref
	}
	return value.text
}

// find returns the value of a variable that n names, or reports that there is none.
func (v *bindings) find(name string, n *node, report func(Problem)) *node {
	value, known := v.of[name]
	if !known {
		cure := words.DidYouMean(name, sortedKeys(v.of))
		if len(v.keys) == 0 {
			cure = "vars: {" + words.Printable(name) + ": …}; $${ stands for ${ itself"
		}
		report(n.problem("no variable is named "+words.Quoted(name), cure))
		return nil
	}
	v.used[name] = true
	return value
}

// fillScenario fills in a scenario's tree. Texts that are manifests are left for when they are read as such.
func (v *bindings) fillScenario(root *node, report func(Problem)) *node {
	changed := root
	for i, k := range root.keys {
		value := root.values[i]
		if k.name == "manifests" || k.name == "files" {
			value = v.fillManifests(value, report)
		} else {
			value = v.fill(value, inScenario, report)
		}
		if value != root.values[i] {
			changed = changed.with(k, value)
		}
	}
	return changed
}

// fillManifests fills in a list of manifests, or a mapping of such lists.
func (v *bindings) fillManifests(list *node, report func(Problem)) *node {
	changed := *list
	changed.values = make([]*node, len(list.values))
	for i, item := range list.values {
		switch {
		case item.style == block:
			changed.values[i] = item
		case item.kind == sequence:
			changed.values[i] = v.fillManifests(item, report)
		case item.kind == mapping:
			changed.values[i] = v.fill(item, inManifest, report)
		default:
			changed.values[i] = v.fill(item, inScenario, report)
		}
	}
	return &changed
}
