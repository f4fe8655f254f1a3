package scenarios

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"reflect"
	"strings"

	appsv1 "k8s.io/api/apps/v1"

	"statefulsim/scenarios/kubectl"
	"statefulsim/scenarios/words"
)

// readManifests reads the objects that there are from the beginning: those of the file, changed by the run's variant.
func (r *reader) readManifests(n *node) {
	objects := r.gather(r.list(n, "manifests"))
	for _, patch := range r.gather(r.patches) {
		objects = r.patched(objects, patch)
	}
	r.take(objects)
	for _, m := range r.scenario.Objects {
		r.warnOfMissingService(m)
	}
}

// gather returns the objects that the entries of a list of manifests hold.
func (r *reader) gather(items []*node) (objects []*node) {
	for _, item := range items {
		switch {
		case item.kind == mapping:
			objects = r.flatten(objects, item)
		case item.style == block:
			at := *item.in
			at.line, at.column = item.in.line+item.line, indentation(item.in.lines, item.in.line+item.line)
			objects = append(objects, r.objectsIn(&at, item.text)...)
		default:
			objects = append(objects, r.manifestFile(item, r.str(item))...)
		}
	}
	return objects
}

// warnOfMissingService tells of a set whose serviceName leads nowhere, or that has none. Kubernetes accepts it, and its pods find nobody.
func (r *reader) warnOfMissingService(m Manifest) {
	set, is := m.Object.(*appsv1.StatefulSet)
	if !is {
		return
	}
	what := "no Service of the manifests is named " + words.Quoted(set.Spec.ServiceName) + ", so the pods have no names in DNS"
	if set.Spec.ServiceName == "" {
		what = "the StatefulSet has no serviceName, so the pods have no names in DNS"
	}
	if _, found := r.objectsAt["Service "+set.Namespace+"/"+set.Spec.ServiceName]; !found {
		r.scenario.Warnings = append(r.scenario.Warnings, m.Problem("spec.serviceName", what, "add a headless Service"))
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

// manifestFile reads the objects of the file that a scenario names at n, if it lies in the scenario's directory or below.
func (r *reader) manifestFile(n *node, named string) []*node {
	if inline := r.files.value(named); inline != nil {
		return r.gather(r.list(inline, "the objects of a file"))
	}
	name := path.Clean(named)
	if path.IsAbs(named) || strings.HasPrefix(name, "..") || strings.Contains(named, `\`) {
		r.wrong(n, "the path "+words.Quoted(named)+" leads outside of the scenario's directory", "put the manifest beside the scenario or below it")
		return nil
	}
	if !fs.ValidPath(name) || r.fsys == nil {
		r.wrong(n, words.Quoted(named)+" is no path that can be read here", "")
		return nil
	}
	data, err := readFile(r.fsys, name)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		r.wrong(n, "there is no file "+words.Quoted(named)+" beside the scenario", didYouMeanFile(r.fsys, name))
		return nil
	case strings.Contains(err.Error(), "escapes"): // what os.Root says of a symbolic link that leads out
		r.wrong(n, "the path "+words.Quoted(named)+" leads outside of the scenario's directory", "put the manifest beside the scenario or below it")
		return nil
	default:
		r.wrong(n, "the file "+words.Quoted(named)+" cannot be read: "+cause(err).Error(), "")
		return nil
	}
	t, content, problem := readable(path.Join(path.Dir(r.text.file), name), data)
	if problem != nil {
		r.report(*problem)
		return nil
	}
	return r.objectsIn(t, string(content))
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

// objectsIn returns the objects of a text, with its variables filled in. A text without any is wrong.
func (r *reader) objectsIn(t *text, content string) (objects []*node) {
	before := len(r.problems)
	for _, doc := range documents(t, content, r.report) {
		objects = r.flatten(objects, r.vars.fill(doc, inManifest, r.report))
	}
	if len(r.problems) == before && len(objects) == 0 {
		r.report(t.problem(1, 1, "the manifest holds no object", ""))
	}
	return objects
}

// flatten adds one document of a manifest to the objects: an object, or each of a list of them.
func (r *reader) flatten(objects []*node, n *node) []*node {
	if n.kind != mapping {
		r.wrong(n, "a manifest is a mapping, and this is "+string(n.kind), "apiVersion: …, kind: …, metadata: …")
		return objects
	}
	for _, field := range []string{"apiVersion", "kind"} {
		if v := n.value(field); v == nil || v.kind != str || v.text == "" {
			r.wrong(n, "the manifest has no "+field, "for instance apiVersion: apps/v1, kind: StatefulSet")
			return objects
		}
	}
	items := n.value("items")
	if items == nil || items.kind != sequence || !strings.HasSuffix(n.value("kind").text, "List") {
		return append(objects, n)
	}
	for _, item := range items.values {
		objects = r.flatten(objects, item)
	}
	return objects
}

// take reads objects into the scenario.
func (r *reader) take(objects []*node) {
	for _, n := range objects {
		r.object(r.set(n))
	}
}

// object reads one object, or tells that its kind has no effect.
func (r *reader) object(n *node) {
	apiVersion, kind := n.value("apiVersion").text, n.value("kind").text
	if make, known := simulated[apiVersion+" "+kind]; known {
		r.decode(n, make(), kind)
		return
	}
	at := n.value("kind")
	if problem, cure := unknownKind(apiVersion, kind); problem != "" {
		r.wrong(at, problem, cure)
		return
	}
	what, cure := "the kind "+words.Printable(kind)+" is not simulated: the object has no effect", ""
	if kind == "Node" {
		cure = "nodes are part of the scenario: cluster: {nodes: …}"
	}
	r.scenario.Warnings = append(r.scenario.Warnings, at.problem(what, cure))
}

// decode turns a document into the typed object, or reports why it cannot be one.
func (r *reader) decode(n *node, into Object, kind string) {
	before := len(r.problems)
	c := &checker{of: "the " + kind, report: r.report}
	c.check(n, reflect.TypeOf(into), "")
	if len(r.problems) > before {
		return
	}
	if err := json.Unmarshal(n.json(nil), into); err != nil {
		r.wrong(n, "the object cannot be decoded: "+err.Error(), "")
		return
	}
	if into.GetNamespace() == "" && namespaced(kind) {
		into.SetNamespace("default")
	}
	m := Manifest{Object: into, Pos: n.pos(), root: n}
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
	if n := set.Spec.Replicas; n != nil && *n > kubectl.MostReplicas {
		r.report(m.Problem("spec.replicas", fmt.Sprintf("%d replicas are more than the %d that can be simulated", *n, kubectl.MostReplicas), fmt.Sprintf("0 to %d", kubectl.MostReplicas)))
	}
}
