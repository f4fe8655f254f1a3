package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"statefulsim/scenarios/words"
)

// Choice says which runs of a file are wanted, and what is to be different in them.
type Choice struct {
	Set        []string // path=value: what the file should say instead
	Kubernetes []string // the versions to run, one run each; none: what the file says
	Variants   []string // the runs by a part of their Scenario.Variant, or the whole of it; none: all
}

// run is one of the runs that a file describes, before it is read.
type run struct {
	variant string     // Scenario.Variant
	root    *node      // the file, as this run has it
	patches []*node    // the manifests of its variant
	vars    bindings   // what its variables stand for
	sets    []*setting // shared by all runs of the file
}

// mostRuns is how many runs one file can describe.
const mostRuns = 64

// series makes the runs of a file.
type series struct {
	choice Choice
	sets   []*setting
	used   map[string]bool // the variables that some run uses
	report func(Problem)
}

// axis is a key of the matrix with its values: one of the things in which runs differ.
type axis struct {
	key
	values []*node
}

// runs divides the file into its runs, in the order in which it describes them.
func (s *series) runs(root *node) []*run {
	for _, set := range s.sets {
		if set.path[0] == "matrix" || set.path[0] == "variants" {
			root = set.apply(root)
		}
	}
	points, variants := product(s.axes(root.value("matrix"))), s.variants(root)
	if total := len(points) * len(variants); total > mostRuns {
		s.report(root.problem(fmt.Sprintf("the file describes %d runs, and %d are the most", total, mostRuns), "make two files of it"))
		return nil
	}
	base := root.without("matrix", "variants")
	var runs []*run
	for _, v := range variants {
		laid := overlay(base, v.over, s.report)
		for _, at := range points {
			runs = append(runs, s.run(v.name, laid, v.over.value("manifests"), at))
		}
	}
	return s.chosen(runs)
}

// variant is what is different in some runs.
type variant struct {
	name string
	over *node
}

// variants returns those of the file, or the one that changes nothing.
func (s *series) variants(root *node) (all []variant) {
	n := root.value("variants")
	switch {
	case n == nil:
		return []variant{{over: &node{place: root.place, kind: mapping}}}
	case n.kind != mapping || len(n.keys) == 0:
		s.report(n.problem("the variants are no mapping with at least one of them", "variants: {bug: {…}, cure: {…}}"))
		return nil
	}
	for i, k := range n.keys {
		if s.isVariant(k, n.values[i]) {
			all = append(all, variant{k.name, n.values[i]})
		}
	}
	return all
}

func (s *series) isVariant(k key, over *node) bool {
	if !label.MatchString(k.name) {
		s.report(k.problem(words.Quoted(k.name)+" is no name for a variant", labelCure))
		return false
	}
	if over.kind != mapping {
		s.report(over.problem("a variant is a mapping, and this is "+string(over.kind), "its keys are those of the file"))
		return false
	}
	for _, k := range over.keys {
		if slices.Contains([]string{"matrix", "variants", "name"}, k.name) {
			s.report(k.problem("a variant has no "+k.name+" of its own", "it stands outside of the variants"))
			return false
		}
	}
	return true
}

// axes reads the matrix, in which the wanted versions of Kubernetes take the place of those of the file.
func (s *series) axes(matrix *node) (axes []axis) {
	if matrix != nil && matrix.kind != mapping {
		s.report(matrix.problem("the matrix is a mapping, and this is "+string(matrix.kind), "matrix: {policy: [OrderedReady, Parallel]}"))
		matrix = nil
	}
	if matrix != nil {
		for i, k := range matrix.keys {
			if a := s.axis(k, matrix.values[i]); a.name != versionAxis || len(s.choice.Kubernetes) == 0 {
				axes = append(axes, a)
			}
		}
	}
	if wanted := s.choice.Kubernetes; len(wanted) > 0 {
		a := axis{key: key{versionAxis, place{in: &text{file: "--kubernetes"}}}}
		for _, version := range wanted {
			a.values = append(a.values, &node{place: a.place, kind: str, text: version})
		}
		axes = append(axes, a)
	}
	return axes
}

// versionAxis is the key of the matrix that also sets the version of Kubernetes.
const versionAxis = "kubernetes"

func (s *series) axis(k key, list *node) axis {
	a := axis{key: k, values: list.values}
	if list.kind != sequence || len(list.values) == 0 {
		s.report(list.problem("the values of "+words.Quoted(k.name)+" are no list of at least one", "matrix: {"+words.Printable(k.name)+": [A, B]}"))
		a.values = []*node{{place: list.place, kind: str}}
	}
	for i, v := range a.values {
		same := func(other *node) bool { return other.text == v.text }
		switch {
		case v.kind == mapping || v.kind == sequence:
			s.report(v.problem("a value of the matrix is "+string(v.kind), "name it with a text, and let a variant say the rest"))
		case slices.ContainsFunc(a.values[:i], same):
			s.report(v.problem(words.Quoted(v.text)+" stands there twice", "once is enough"))
		}
	}
	return a
}

// point is one choice of a value for each key of the matrix.
type point struct {
	keys   []key
	values []*node
}

// product returns all points, the last key changing fastest; or, of more than a file can have, enough to tell.
func product(axes []axis) []point {
	points := []point{{}}
	for _, a := range axes {
		if len(points) > mostRuns {
			break
		}
		var more []point
		for _, p := range points {
			for _, v := range a.values {
				more = append(more, point{append(slices.Clone(p.keys), a.key), append(slices.Clone(p.values), v)})
			}
		}
		points = more
	}
	return points
}

// run makes one run: the tree of its variant, at a point of the matrix, with what the user sets.
func (s *series) run(variant string, root, manifests *node, at point) *run {
	r := &run{sets: s.sets, vars: bindings{of: map[string]*node{}, used: s.used}}
	var parts []string
	if variant != "" {
		parts = append(parts, variant)
	}
	for i, k := range at.keys {
		parts = append(parts, k.name+"="+words.Printable(at.values[i].text))
		if k.name == versionAxis {
			root = root.with(k, laid(versionAxis, root.value(versionAxis), long(versionAxis, at.values[i])))
		}
	}
	r.variant = strings.Join(parts, ", ")
	for _, set := range s.sets {
		if set.inTree() {
			root = set.apply(root)
		}
	}
	s.define(r, root.value("vars"), at)
	if manifests != nil {
		r.patches = r.vars.fillManifests(manifests, s.report).values
	}
	r.root = r.vars.fillScenario(root.without("vars"), s.report)
	return r
}

// define gives the variables of a run their values: the keys of the matrix, and those of the file, which can use them.
func (s *series) define(r *run, vars *node, at point) {
	if vars != nil && vars.kind != mapping {
		s.report(vars.problem("vars is a mapping, and this is "+string(vars.kind), "vars: {replicas: 3}"))
		vars = nil
	}
	for i, k := range at.keys {
		r.vars.define(k, at.values[i], s.report)
	}
	if vars == nil {
		return
	}
	for i, k := range vars.keys {
		if _, twice := r.vars.of[k.name]; twice {
			s.report(k.problem(words.Quoted(k.name)+" is a key of the matrix, too", "leave it out of one of them"))
			continue
		}
		r.vars.define(k, vars.values[i], s.report)
	}
}

// chosen returns the runs that are wanted.
func (s *series) chosen(runs []*run) []*run {
	var chosen []*run
	for _, r := range runs {
		if len(s.choice.Variants) == 0 || slices.ContainsFunc(s.choice.Variants, r.is) {
			chosen = append(chosen, r)
		}
	}
	for _, name := range s.choice.Variants {
		if is := func(r *run) bool { return r.is(name) }; !slices.ContainsFunc(runs, is) {
			cure := "leave it out: the file describes one run, which has no name"
			if known := callings(runs); len(known) > 0 {
				cure = words.DidYouMean(name, known)
			}
			s.report(place{in: &text{file: "--variant " + name}}.problem("no run of the file is called that", cure))
		}
	}
	return chosen
}

// is tells whether a run is meant by a name: that of its variant, "policy=Parallel", or all that it is called.
func (r *run) is(name string) bool {
	return r.variant == name || slices.Contains(strings.Split(r.variant, ", "), name)
}

// callings are the names by which runs can be chosen.
func callings(runs []*run) (names []string) {
	for _, r := range runs {
		for part := range strings.SplitSeq(r.variant, ", ") {
			if part != "" && !slices.Contains(names, part) {
				names = append(names, part)
			}
		}
	}
	return names
}
