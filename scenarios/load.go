package scenarios

import (
	"cmp"
	"embed"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed *.yaml manifests/*.yaml
var embedded embed.FS

// Load reads the scenario in a file. A path that is no file, and a bare name rather than a path, is that of an embedded
// scenario. The error is of type Problems if the file can be read and is wrong.
func Load(file string) (*Scenario, error) {
	dir, base := filepath.Split(file)
	root, err := os.OpenRoot(filepath.Clean(dir))
	if err == nil {
		defer root.Close()
		var data []byte
		if data, err = readFile(root.FS(), base); err == nil {
			return Parse(filepath.ToSlash(file), data, root.FS())
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		if dir == "" && path.Ext(file) == "" {
			return Find(file)
		}
		return nil, Problems{{Pos: Pos{File: file}, What: "there is no such file", Cure: missingFileCure(file)}}
	}
	return nil, Problems{{Pos: Pos{File: file}, What: "the file cannot be read: " + cause(err).Error()}}
}

// cause is what went wrong with a file, without the path that the caller knows.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// missingFileCure looks for what may have been meant beside the missing file and among the embedded scenarios.
func missingFileCure(file string) string {
	dir := filepath.Dir(file)
	entries, err := os.ReadDir(dir)
	if err == nil {
		var known []string
		for _, e := range entries {
			known = append(known, filepath.ToSlash(filepath.Join(dir, e.Name())))
		}
		if best := nearest(filepath.ToSlash(filepath.Clean(file)), known); best != "" {
			return "did you mean " + quoted(best) + "?"
		}
	}
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	if best := nearest(name, embeddedNames()); best != "" {
		return "did you mean the embedded scenario " + quoted(best) + "?"
	}
	return ""
}

// Find reads the embedded scenario of that name.
func Find(name string) (*Scenario, error) {
	known := embeddedNames()
	if !slices.Contains(known, name) {
		return nil, Problems{{Pos: Pos{File: name}, What: "no scenario has this name, and there is no such file", Cure: didYouMean(name, known)}}
	}
	data, err := embedded.ReadFile(name + ".yaml")
	if err != nil {
		return nil, err
	}
	return Parse(name+".yaml", data, embedded)
}

func embeddedNames() []string {
	entries, err := embedded.ReadDir(".")
	if err != nil {
		panic(err) // the root of an embedded file system can be read
	}
	var known []string
	for _, e := range entries {
		if name, is := strings.CutSuffix(e.Name(), ".yaml"); is {
			known = append(known, name)
		}
	}
	return known
}

// Summary is an embedded scenario as a listing shows it.
type Summary struct{ Name, Title string }

// All lists the embedded scenarios by name. It reads no more of them than their titles.
func All() []Summary {
	var all []Summary
	for _, name := range embeddedNames() {
		data, err := embedded.ReadFile(name + ".yaml")
		if err != nil {
			panic(err) // it was listed
		}
		all = append(all, Summary{name, title(data)})
	}
	return all
}

// title finds the title of an embedded scenario, which stands in one line of its own, without parsing the file.
func title(data []byte) string {
	for line := range strings.Lines(string(data)) {
		if rest, found := strings.CutPrefix(line, "title:"); found {
			return strings.Trim(strings.TrimSpace(rest), `"'`)
		}
	}
	return ""
}

// Parse reads a scenario from data. name is that of its file, for messages and for the scenario's name if it gives none;
// fsys is the directory in which the file stands, where its manifests are looked for. All that is wrong is returned at
// once, as Problems.
func Parse(name string, data []byte, fsys fs.FS) (*Scenario, error) {
	t, content, problem := readable(name, data)
	if problem != nil {
		return nil, Problems{*problem}
	}
	r := &reader{text: t, fsys: fsys, scenario: &Scenario{File: name}, objectsAt: map[string]Pos{}}
	docs := documents(t, string(content), r.report)
	if len(docs) > 0 {
		r.text = docs[0].text
		r.read(docs[0].root)
	} else if len(r.problems) == 0 {
		r.report(Problem{Pos: Pos{File: name}, What: "the file holds nothing but comments"})
	}
	if len(docs) > 1 {
		r.report(docs[1].text.problem(1, 1, "a second YAML document", "a scenario is one document; its manifests stand under manifests"))
	}
	if len(r.problems) > 0 {
		return nil, r.sorted()
	}
	return r.scenario, nil
}

// sorted returns the problems by file, that of the scenario first, and by place.
func (r *reader) sorted() Problems {
	order := map[string]int{r.text.file: 0}
	for _, p := range r.problems {
		if _, seen := order[p.Pos.File]; !seen {
			order[p.Pos.File] = len(order)
		}
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(order[a.Pos.File]-order[b.Pos.File], a.Pos.Line-b.Pos.Line, a.Pos.Column-b.Pos.Column)
	})
	return r.problems
}
