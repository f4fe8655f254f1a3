package scenarios

import (
	"cmp"
	"io/fs"
	"slices"

	"statefulsim/scenarios/words"
)

// Parse reads a scenario that describes one run from data. name is that of its file, for messages and for the scenario's name if
// it gives none; fsys is the directory in which the file stands, where its manifests are looked for. All that is wrong is
// returned at once, as Problems.
func Parse(name string, data []byte, fsys fs.FS) (*Scenario, error) {
	return Single(parseAll(name, data, fsys, Choice{}))
}

// parseAll is Parse for the runs that are chosen of a file, in the order in which it describes them.
func parseAll(name string, data []byte, fsys fs.FS, c Choice) ([]*Scenario, error) {
	t, content, problem := readable(name, data)
	if problem != nil {
		return nil, Problems{*problem}
	}
	found := findings{seen: map[Problem]bool{}, places: map[Pos]bool{}}
	docs := documents(t, string(content), found.add)
	if len(docs) == 0 && len(found.problems) == 0 {
		found.add(Problem{Pos: Pos{File: name}, What: "the file holds nothing but comments"})
	}
	if len(docs) > 1 {
		found.add(docs[1].in.problem(1, 1, "a second YAML document", "a scenario is one document; its manifests stand under manifests"))
	}
	var all []*Scenario
	if len(docs) > 0 {
		all = found.read(docs[0], fsys, c)
	}
	if len(found.problems) > 0 {
		return nil, found.sorted(name)
	}
	return all, nil
}

// findings are the problems of a file, each once, however many of its runs have it.
type findings struct {
	problems Problems
	seen     map[Problem]bool
	places   map[Pos]bool // where there is a problem
}

func (f *findings) add(p Problem) {
	if !f.seen[p] {
		f.problems, f.seen[p], f.places[p.Pos] = append(f.problems, p), true, true
	}
}

// read reads the runs of a file. A problem that only some of them have says which is the first.
func (f *findings) read(root *node, fsys fs.FS, c Choice) (all []*Scenario) {
	s := &series{choice: c, sets: settings(c.Set, f.add), used: map[string]bool{versionAxis: true}, report: f.add}
	runs := s.runs(root)
	var seen []Problem
	in := map[Problem][]*run{}
	for _, run := range runs {
		r := newReader(root.in, fsys, run)
		r.read(run.root)
		all = append(all, r.scenario)
		for _, p := range r.problems {
			if f.places[p.Pos] {
				continue // it comes of what is wrong there already: a variable that there is not, for instance
			}
			if len(in[p]) == 0 {
				seen = append(seen, p)
			}
			if !slices.Contains(in[p], run) {
				in[p] = append(in[p], run)
			}
		}
	}
	for _, p := range seen {
		if of := in[p]; len(of) < len(runs) {
			p.What += ", in the run " + of[0].variant
		}
		f.add(p)
	}
	for _, set := range s.sets {
		if p := set.nowhere(); p != nil {
			f.add(*p)
		}
	}
	if len(f.problems) == 0 && len(c.Variants) == 0 && len(c.Set) == 0 {
		f.unused(runs)
	}
	return all
}

// unused reports the variables that no run uses.
func (f *findings) unused(runs []*run) {
	for _, r := range runs {
		for _, k := range r.vars.keys {
			if !r.vars.used[k.name] {
				f.add(k.problem("nothing uses the variable "+words.Quoted(k.name), "write ${"+k.name+"} where it belongs, or leave it out"))
			}
		}
	}
}

// sorted returns the problems by file, the scenario first, and by place.
func (f *findings) sorted(scenario string) Problems {
	order := map[string]int{scenario: 0}
	for _, p := range f.problems {
		if _, seen := order[p.Pos.File]; !seen {
			order[p.Pos.File] = len(order)
		}
	}
	slices.SortStableFunc(f.problems, func(a, b Problem) int {
		return cmp.Or(order[a.Pos.File]-order[b.Pos.File], a.Pos.Line-b.Pos.Line, a.Pos.Column-b.Pos.Column)
	})
	return f.problems
}
