package scenarios

import (
	"embed"
	"errors"
	"fmt"
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

// Load reads the runs that are chosen of the scenario in a file, which may be a pipe. A bare name rather than a path is that of
// an embedded scenario if there is no such file. The error is of type Problems if the file can be read and is wrong.
//
// The file itself may be a symbolic link to anywhere, because the user named it. What it names itself stays in its directory.
func Load(file string, c Choice) ([]*Scenario, error) {
	data, err := readNamed(file)
	isDir := errors.Is(err, errDirectory)
	switch {
	case err == nil:
	case (path.Ext(file) == "" && filepath.Base(file) == file || slices.Contains(embeddedNames(), file)) && (isDir || errors.Is(err, fs.ErrNotExist)):
		return find(file, c)
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
	return parseAll(filepath.ToSlash(file), data, root.FS(), c)
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

// Find reads all runs of the embedded scenario of that name.
func Find(name string) ([]*Scenario, error) { return find(name, Choice{}) }

// Single returns the scenario of a file that describes one run: Single(Find("primary-crash")).
func Single(runs []*Scenario, err error) (*Scenario, error) {
	if err == nil && len(runs) > 1 {
		err = Problems{{Pos: Pos{File: runs[0].File}, What: fmt.Sprintf("the file describes %d runs", len(runs)), Cure: "choose one of them by its variant: " + words.OneOf(variantsOf(runs))}}
	}
	if err != nil {
		return nil, err
	}
	return runs[0], nil
}

func variantsOf(runs []*Scenario) []string {
	names := make([]string, len(runs))
	for i := range runs {
		names[i] = words.Quoted(runs[i].Variant)
	}
	return names
}

func find(name string, c Choice) ([]*Scenario, error) {
	known := embeddedNames()
	if !slices.Contains(known, name) {
		cure := `"sim list" shows the scenarios that there are`
		if best := words.Nearest(name, known); best != "" {
			cure = "did you mean " + words.Quoted(best) + "?"
		}
		return nil, Problems{{Pos: Pos{File: name}, What: "no scenario has this name, and there is no such file", Cure: cure}}
	}
	data, err := embedded.ReadFile(name + ".yaml")
	if err != nil {
		return nil, err
	}
	return parseAll(name+".yaml", data, embedded, c)
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
