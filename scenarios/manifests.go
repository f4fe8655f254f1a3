package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"reflect"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"

	"statefulsim/scenarios/kubectl"
	"statefulsim/scenarios/words"
)

func (r *reader) readManifests(n *node) {
	for _, item := range r.list(n, "manifests") {
		switch {
		case item.kind == mapping:
			r.object(&source{r.text, item})
		case item.style == block:
			at := *r.text
			at.line, at.column = r.text.line+item.line, indentation(r.text.lines, r.text.line+item.line)
			r.objects(&at, item.text)
		default:
			r.manifestFile(item, r.str(item))
		}
	}
	for _, m := range r.scenario.Objects {
		r.warnOfMissingService(m)
	}
}

// warnOfMissingService tells of a set whose serviceName leads nowhere. Kubernetes accepts it, and its pods find nobody.
func (r *reader) warnOfMissingService(m Manifest) {
	set, is := m.Object.(*appsv1.StatefulSet)
	if !is {
		return
	}
	if _, found := r.objectsAt["Service "+set.Namespace+"/"+set.Spec.ServiceName]; !found {
		r.scenario.Warnings = append(r.scenario.Warnings, m.Problem("spec.serviceName",
			"no Service of the manifests is named "+words.Quoted(set.Spec.ServiceName)+", so the pods have no names in DNS", "add a headless Service"))
	}
}

// indentation is how far the first line from a given one on that is not blank stands to the right. Lines count from 0.
func indentation(lines []string, from int) int {
	for _, line := range lines[min(from, len(lines)):] {
		if text := strings.TrimLeft(line, " "); text != "" {
			return len(line) - len(text)
		}
	}
	return 0
}

// manifestFile reads the file that a scenario names at n, if it lies in the directory of the scenario or below.
func (r *reader) manifestFile(n *node, named string) {
	name := path.Clean(named)
	if path.IsAbs(named) || strings.HasPrefix(name, "..") || strings.Contains(named, `\`) {
		r.wrong(n, "the path "+words.Quoted(named)+" leads outside of the scenario's directory", "put the manifest beside the scenario or below it")
		return
	}
	if !fs.ValidPath(name) || r.fsys == nil {
		r.wrong(n, words.Quoted(named)+" is no path that can be read here", "")
		return
	}
	data, err := readFile(r.fsys, name)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		r.wrong(n, "there is no file "+words.Quoted(named)+" beside the scenario", didYouMeanFile(r.fsys, name))
		return
	case strings.Contains(err.Error(), "escapes"): // what os.Root says of a symbolic link that leads out
		r.wrong(n, "the path "+words.Quoted(named)+" leads outside of the scenario's directory", "put the manifest beside the scenario or below it")
		return
	default:
		r.wrong(n, "the file "+words.Quoted(named)+" cannot be read: "+cause(err).Error(), "")
		return
	}
	t, content, problem := readable(path.Join(path.Dir(r.text.file), name), data)
	if problem != nil {
		r.report(*problem)
		return
	}
	r.objects(t, string(content))
}

// readFile reads a regular file, and no more of it than is needed to tell that it is too large.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, mostBytes+1))
}

// didYouMeanFile is the cure for a file that is missing: one of its would-be neighbours.
func didYouMeanFile(fsys fs.FS, name string) string {
	entries, err := fs.ReadDir(fsys, path.Dir(name))
	if err != nil {
		return ""
	}
	known := make([]string, len(entries))
	for i := range entries {
		known[i] = path.Join(path.Dir(name), entries[i].Name())
	}
	if best := nearestFile(name, known); best != "" {
		return "did you mean " + words.Quoted(best) + "?"
	}
	return "paths are relative to the scenario file"
}

func (r *reader) objects(t *text, content string) {
	before, objects := len(r.problems), len(r.scenario.Objects)+len(r.scenario.Warnings)
	for _, doc := range documents(t, content, r.report) {
		r.object(doc)
	}
	if len(r.problems) == before && len(r.scenario.Objects)+len(r.scenario.Warnings) == objects {
		r.report(t.problem(1, 1, "the manifest holds no object", ""))
	}
}

// object reads one document of a manifest: an object or a list of them.
func (r *reader) object(doc *source) {
	n := doc.root
	wrong := func(at *node, what, cure string) { r.report(doc.text.problem(at.line, at.column, what, cure)) }
	if n.kind != mapping {
		wrong(n, "a manifest is a mapping, and this is "+string(n.kind), "apiVersion: …, kind: …, metadata: …")
		return
	}
	for _, field := range []string{"apiVersion", "kind"} {
		if v := n.value(field); v == nil || v.kind != str || v.text == "" {
			wrong(n, "the manifest has no "+field, "for instance apiVersion: apps/v1, kind: StatefulSet")
			return
		}
	}
	apiVersion, kind := n.value("apiVersion").text, n.value("kind").text
	if items := n.value("items"); items != nil && strings.HasSuffix(kind, "List") && items.kind == sequence {
		for _, item := range items.values {
			r.object(&source{doc.text, item})
		}
		return
	}
	if make, known := simulated[apiVersion+" "+kind]; known {
		r.decode(doc, make(), kind)
		return
	}
	at := n.value("kind")
	if problem, cure := unknownKind(apiVersion, kind); problem != "" {
		wrong(at, problem, cure)
		return
	}
	what, cure := "the kind "+words.Printable(kind)+" is not simulated: the object has no effect", ""
	if kind == "Node" {
		cure = "nodes are part of the scenario: cluster: {nodes: …}"
	}
	r.scenario.Warnings = append(r.scenario.Warnings, doc.text.problem(at.line, at.column, what, cure))
}

// decode turns a document into the typed object, or reports why it cannot be one.
func (r *reader) decode(doc *source, into Object, kind string) {
	before := len(r.problems)
	c := &checker{text: doc.text, of: "the " + kind, report: r.report}
	c.check(doc.root, reflect.TypeOf(into), "")
	if len(r.problems) > before {
		return
	}
	if err := json.Unmarshal(doc.root.json(nil), into); err != nil {
		r.report(doc.text.problem(doc.root.line, doc.root.column, "the object cannot be decoded: "+err.Error(), ""))
		return
	}
	if into.GetNamespace() == "" && namespaced(kind) {
		into.SetNamespace("default")
	}
	m := Manifest{Object: into, Pos: doc.text.pos(doc.root.line, doc.root.column), source: doc}
	r.admit(m, kind)
}

// admit checks what no single field shows, and takes the object into the scenario.
func (r *reader) admit(m Manifest, kind string) {
	name := m.Object.GetName()
	if name == "" {
		r.report(m.Problem("metadata.name", "the "+kind+" has no name", "metadata: {name: …}"))
		return
	}
	set, isSet := m.Object.(*appsv1.StatefulSet)
	full := kind + " " + m.Object.GetNamespace() + "/" + name
	if isSet {
		full = kind + " " + name // a scenario names a set without its namespace
	}
	if first, taken := r.objectsAt[full]; taken {
		r.report(m.Problem("metadata.name", fmt.Sprintf("a second %s is named %s; the first stands at %s", kind, words.Quoted(name), first),
			"give each its own name"))
		return
	}
	r.objectsAt[full] = m.At("metadata.name")
	if isSet {
		r.checkSet(m, set)
	}
	r.scenario.Objects = append(r.scenario.Objects, m)
}

func (r *reader) checkSet(m Manifest, set *appsv1.StatefulSet) {
	if set.Spec.ServiceName == "" {
		r.report(m.Problem("spec.serviceName", "the StatefulSet has no serviceName, so its pods would have no names in DNS",
			"serviceName: "+words.Printable(set.Name)+", and a headless Service of that name"))
	}
	if n := set.Spec.Replicas; n != nil && *n > kubectl.MostReplicas {
		r.report(m.Problem("spec.replicas", fmt.Sprintf("%d replicas are more than the %d that can be simulated", *n, kubectl.MostReplicas), fmt.Sprintf("0 to %d", kubectl.MostReplicas)))
	}
}

// At returns where a field of the object stands in its file: the field's value, or the key above a mapping or a list. The
// path is written as k8s.io/apimachinery's field.Path prints it: "spec.template.spec.containers[0].name". For a field that
// the file does not have it is the nearest one above.
func (m Manifest) At(path string) Pos {
	line, column := m.place(path)
	if m.source == nil {
		return m.Pos
	}
	return m.source.text.pos(line, column)
}

// Problem says what is wrong with a field of the object, with the line in which At finds it.
func (m Manifest) Problem(path, what, cure string) Problem {
	if m.source == nil {
		return Problem{Pos: m.Pos, What: what, Cure: cure}
	}
	line, column := m.place(path)
	return m.source.text.problem(line, column, what, cure)
}

// saidNamespace is the namespace that the file gives the object; "" if it gives none.
func (m Manifest) saidNamespace() string {
	if m.source == nil {
		return ""
	}
	if meta := m.source.root.value("metadata"); meta != nil {
		if namespace := meta.value("namespace"); namespace != nil {
			return namespace.text
		}
	}
	return ""
}

func (m Manifest) place(path string) (line, column int) {
	if m.source == nil {
		return 0, 0
	}
	n := m.source.root
	line, column = n.line, n.column
	for _, step := range pathSteps(path) {
		child := (*node)(nil)
		if i, err := strconv.Atoi(step); err == nil && n.kind == sequence && i >= 0 && i < len(n.values) {
			child = n.values[i]
			line, column = child.line, child.column
		}
		for i, k := range n.keys {
			if k.name == step {
				child = n.values[i]
				line, column = k.line, k.column
			}
		}
		if child == nil {
			return line, column
		}
		n = child
	}
	if n.kind != mapping && n.kind != sequence && n.kind != null {
		return n.line, n.column
	}
	return line, column
}

// pathSteps divides a field's path into names, indexes and the keys of maps.
func pathSteps(path string) []string {
	var steps []string
	for path != "" {
		if inside, found := strings.CutPrefix(path, "["); found {
			step, rest, _ := strings.Cut(inside, "]")
			steps, path = append(steps, step), strings.TrimPrefix(rest, ".")
			continue
		}
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			end = len(path)
		}
		steps = append(steps, path[:end])
		path = strings.TrimPrefix(path[end:], ".")
	}
	return steps
}
