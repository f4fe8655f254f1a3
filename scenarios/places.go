package scenarios

import (
	"strconv"
	"strings"
)

// At returns where a field of the object stands in its file: the field's value, or the key above a mapping or a list. The
// path is written as k8s.io/apimachinery's field.Path prints it: "spec.template.spec.containers[0].name". For a field that
// the file does not have it is the nearest one above.
func (m Manifest) At(path string) Pos {
	if m.root == nil {
		return m.Pos
	}
	return m.root.find(path).pos()
}

// Problem says what is wrong with a field of the object, with the line in which At finds it.
func (m Manifest) Problem(path, what, cure string) Problem {
	if m.root == nil {
		return Problem{Pos: m.Pos, What: what, Cure: cure}
	}
	return m.root.find(path).problem(what, cure)
}

// saidNamespace is the namespace that the file gives the object; "" if it gives none.
func (m Manifest) saidNamespace() string {
	if m.root == nil {
		return ""
	}
	return m.root.textAt("metadata", "namespace")
}

// textAt returns the text below some keys of mappings within each other, or "".
func (n *node) textAt(keys ...string) string {
	for _, k := range keys {
		if n = n.value(k); n == nil {
			return ""
		}
	}
	return n.text
}

// find returns the place of what a path leads to.
func (n *node) find(path string) place {
	at := n.place
	for _, step := range pathSteps(path) {
		child := (*node)(nil)
		if i, err := strconv.Atoi(step); err == nil && n.kind == sequence && i >= 0 && i < len(n.values) {
			child = n.values[i]
			at = child.place
		}
		for i, k := range n.keys {
			if k.name == step {
				child = n.values[i]
				at = k.place
			}
		}
		if child == nil {
			return at
		}
		n = child
	}
	if n.kind != mapping && n.kind != sequence && n.kind != null {
		return n.place
	}
	return at
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
