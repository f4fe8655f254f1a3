package scenarios

import (
	"cmp"
	"embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"statefulsim/scenarios/words"
)

//go:embed *.yaml manifests
var embedded embed.FS

// Load reads the scenario in a file, which may be a pipe. A bare name rather than a path is that of an embedded scenario if
// there is no such file. The error is of type Problems if the file can be read and is wrong.
//
// The file itself may be a symbolic link to anywhere, because the user named it. What it names itself stays in its directory.
func Load(file string) (*Scenario, error) {
	data, err := readNamed(file)
	isDir := errors.Is(err, errDirectory)
	switch {
	case err == nil:
	case filepath.Base(file) == file && path.Ext(file) == "" && (isDir || errors.Is(err, fs.ErrNotExist)):
		return Find(file)
	case isDir:
		return nil, Problems{{Pos: Pos{File: file}, What: err.Error(), Cure: "name a scenario in it"}}
	case errors.Is(err, fs.ErrNotExist):
		return nil, Problems{{Pos: Pos{File: file}, What: "there is no such file", Cure: missingFileCure(file)}}
	default:
		return nil, Problems{{Pos: Pos{File: file}, What: "the file cannot be read: " + cause(err).Error()}}
	}
	root, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return Parse(filepath.ToSlash(file), data, root.FS())
}

var errDirectory = errors.New("this is a directory, and not a scenario")

// readNamed reads the file that the user named, and no more of it than is needed to tell that it is too large.
func readNamed(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, errDirectory
	}
	return io.ReadAll(io.LimitReader(file, mostBytes+1))
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
		if best := nearestFile(filepath.ToSlash(filepath.Clean(file)), known); best != "" {
			return "did you mean " + words.Quoted(best) + "?"
		}
	}
	if best := words.Nearest(stem(filepath.ToSlash(file)), embeddedNames()); best != "" {
		return "did you mean the embedded scenario " + words.Quoted(best) + "?"
	}
	return ""
}

// nearestFile is nearest for files of one directory: that they lie there, and end in .yaml, makes no two of them alike.
func nearestFile(name string, known []string) string {
	stems := make([]string, len(known))
	for i := range known {
		stems[i] = stem(known[i])
	}
	if best := words.Nearest(stem(name), stems); best != "" {
		return known[slices.Index(stems, best)]
	}
	return ""
}

// stem is the name of a file without its directory and its extension.
func stem(file string) string { return strings.TrimSuffix(path.Base(file), path.Ext(file)) }

// Find reads the embedded scenario of that name.
func Find(name string) (*Scenario, error) {
	known := embeddedNames()
	if !slices.Contains(known, name) {
		return nil, Problems{{Pos: Pos{File: name}, What: "no scenario has this name, and there is no such file", Cure: words.DidYouMean(name, known)}}
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
	r := &reader{text: t, fsys: fsys, scenario: &Scenario{File: name}, objectsAt: map[string]Pos{}, files: map[string][]Manifest{}}
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
