package scenarios

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"statefulsim/scenarios/words"
)

// setting is something that the user wants to be different from what the file says: "cluster.dns.ttl=5s".
type setting struct {
	text  string
	path  []string // in the tree of the file
	value *node
	led   bool     // in some run the path led to something
	wrong *Problem // why it did not in the first run in which it did not

	others []string // the objects that it is not about, for a path into an object
}

// settings reads what the user wants to be different.
func settings(texts []string, report func(Problem)) (all []*setting) {
	for _, t := range texts {
		at := place{in: &text{file: "--set " + t}}
		path, value, found := strings.Cut(t, "=")
		if path = strings.TrimSpace(path); !found || path == "" {
			report(at.problem("this is not path=value", "--set for=90s"))
			continue
		}
		before := false
		docs := documents(at.in, value, func(p Problem) {
			p.Pos, p.excerpt, before = at.pos(), "", true
			report(p)
		})
		if before {
			continue
		}
		s := &setting{text: path, path: pathSteps(path), value: &node{place: at, kind: null, text: "null"}}
		if len(docs) > 0 {
			s.value = placeless(docs[0])
		}
		all = append(all, s)
	}
	return all
}

// placeless takes the lines away from the tree of what stands in no file.
func placeless(n *node) *node {
	n.line, n.column = 0, 0
	for i := range n.keys {
		n.keys[i].line, n.keys[i].column = 0, 0
	}
	for _, v := range n.values {
		placeless(v)
	}
	return n
}

// inTree tells whether the path leads into the tree of a run, rather than into an object or to what makes the runs.
func (s *setting) inTree() bool {
	return s.path[0] != "matrix" && s.path[0] != "variants" && !strings.Contains(s.path[0], "/")
}

// apply returns the tree with the value in its place.
func (s *setting) apply(root *node) *node {
	changed, problem := s.put(root, nil, s.path)
	if problem != nil {
		s.wrong = cmp.Or(s.wrong, problem)
		return root
	}
	s.led = true
	return changed
}

// put puts the value where the path leads to from n, to which the steps before led. Mappings on the way are made if they are
// missing: the reader knows better which keys there are.
func (s *setting) put(n *node, led, path []string) (*node, *Problem) {
	if len(path) == 0 {
		return s.value, nil
	}
	switch {
	case len(led) == 2 && led[0] == "runs":
		n = long("process", n)
	case len(led) == 1, len(led) == 3 && led[0] == "steps":
		n = long(led[len(led)-1], n)
	}
	if n.kind == null {
		n = &node{place: s.value.place, kind: mapping}
	}
	switch n.kind {
	case mapping:
		return s.putInMapping(n, led, path)
	case sequence:
		return s.putInList(n, led, path)
	}
	return nil, s.astray(led, "which is "+string(n.kind)+" and has no "+words.Quoted(path[0]), "")
}

// closed are the mappings of the file whose keys only the file itself can name.
var closed = []string{"vars", "matrix", "variants"}

// putInMapping is put for a mapping.
func (s *setting) putInMapping(n *node, led, path []string) (*node, *Problem) {
	step, before := path[0], append(slices.Clone(led), path[0])
	child := n.value(step)
	switch {
	case child != nil:
	case len(led) == 1 && slices.Contains(closed, led[0]):
		var known []string
		for _, k := range n.keys {
			known = append(known, k.name)
		}
		return nil, s.astray(led, "which has no "+words.Quoted(step), words.DidYouMean(step, known))
	case len(path) > 1 && isList(before):
		return nil, s.astray(led, "which has no "+words.Quoted(step), "a list can be set as a whole")
	default:
		child = &node{place: s.value.place, kind: null}
	}
	value, problem := s.put(child, before, path[1:])
	if problem != nil {
		return nil, problem
	}
	return put(n, key{step, s.value.place}, value), nil
}

// putInList is put for a list, of which a step of the path names an entry.
func (s *setting) putInList(n *node, led, path []string) (*node, *Problem) {
	step := path[0]
	at := n.entry(step)
	if i, err := strconv.Atoi(step); at < 0 && err == nil && i >= 0 && i < len(n.values) {
		at = i
	}
	if at < 0 {
		return nil, s.astray(led, "which has no entry "+words.Quoted(step), words.DidYouMean(step, n.entries()))
	}
	value, problem := s.put(n.values[at], append(slices.Clone(led), step), path[1:])
	if problem != nil {
		return nil, problem
	}
	changed := *n
	changed.values = slices.Clone(n.values)
	changed.values[at] = value
	return &changed, nil
}

// isList tells whether a path leads to a list of the language.
func isList(path []string) bool {
	fields := scenarioForm.fields
	if len(path) == 2 && path[0] == "cluster" {
		fields = clusterForm.fields
	} else if len(path) != 1 {
		return false
	}
	return slices.ContainsFunc(fields, func(f entry) bool { return f.name == path[len(path)-1] && f.is.Type == "array" })
}

// astray is the problem of a path that leads to nothing.
func (s *setting) astray(led []string, what, cure string) *Problem {
	p := s.value.problem("the path leads only to "+words.Printable(cmp.Or(strings.Join(led, "."), "the file"))+", "+what, cure)
	return &p
}

// set changes an object as the user wants it.
func (r *reader) set(n *node) *node {
	for _, s := range r.sets {
		if !strings.Contains(s.path[0], "/") {
			continue
		}
		name, path := s.inObject(n)
		if name == "" {
			s.others = append(s.others, objectNames(n)[0])
			continue
		}
		changed, problem := s.put(n, []string{name}, path)
		if problem != nil {
			s.wrong = cmp.Or(s.wrong, problem)
			continue
		}
		if !hasKind(changed) {
			p := s.value.problem("without a text as its apiVersion and its kind "+words.Printable(name)+" is no object", "set one of its other fields")
			s.wrong = cmp.Or(s.wrong, &p)
			continue
		}
		s.led, n = true, changed
	}
	return n
}

// hasKind tells whether a tree can still be read as an object.
func hasKind(n *node) bool {
	apiVersion, kind := n.value("apiVersion"), n.value("kind")
	return apiVersion != nil && apiVersion.kind == str && kind != nil && kind.kind == str
}

// objectNames are the names by which a path can begin with an object.
func objectNames(n *node) []string {
	kind, name := n.textAt("kind"), n.textAt("metadata", "name")
	return []string{kind + "/" + name, kind + "/" + cmp.Or(n.textAt("metadata", "namespace"), "default") + "/" + name}
}

// inObject returns the object's name if the path begins with it, and the rest of the path.
func (s *setting) inObject(n *node) (name string, path []string) {
	for _, name := range objectNames(n) {
		if rest, found := strings.CutPrefix(s.text, name); found && afterName.MatchString(rest) {
			return name, pathSteps(strings.TrimPrefix(rest, "."))
		}
	}
	return "", nil
}

var afterName = regexp.MustCompile(`^[.[]`)

// nowhere is the problem of a setting that led to nothing in any run; nil if it led to something.
func (s *setting) nowhere() *Problem {
	switch {
	case s.led:
		return nil
	case s.wrong != nil:
		return s.wrong
	}
	name, _, _ := strings.Cut(s.text, ".")
	slices.Sort(s.others)
	p := s.value.problem("no object of the manifests is named "+words.Quoted(name), words.DidYouMean(name, slices.Compact(s.others)))
	return &p
}
