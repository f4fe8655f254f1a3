package scenarios

import (
	"reflect"
	"slices"
	"strings"

	"statefulsim/scenarios/words"
)

// patched changes the object that has the kind, namespace and name of a patch, or adds the patch as an object of its own.
func (r *reader) patched(objects []*node, patch *node) []*node {
	at := slices.IndexFunc(objects, func(n *node) bool { return identity(n) == identity(patch) })
	switch directive := patch.value("$patch"); {
	case at < 0 && directive != nil:
		r.wrong(directive, "the base has no "+identity(patch)+" to "+words.Printable(directive.text), "")
	case at < 0:
		objects = append(objects, patch)
	case directive != nil && directive.text == "delete":
		objects = slices.Delete(objects, at, at+1)
	default:
		objects[at] = merged(objects[at], patch, typeOf(patch), "")
	}
	return objects
}

// identity is what makes two manifests speak of one object.
func identity(n *node) string {
	kind, namespace := n.textAt("kind"), n.textAt("metadata", "namespace")
	if namespace == "" && namespaced(kind) {
		namespace = "default"
	}
	name := strings.TrimPrefix(namespace+"/"+n.textAt("metadata", "name"), "/")
	return strings.TrimPrefix(group(n.textAt("apiVersion"))+"/"+kind+" "+name, "/")
}

// typeOf is the Go type of an object, or nil for a kind that is not simulated.
func typeOf(n *node) reflect.Type {
	if fresh, known := simulated[n.textAt("apiVersion")+" "+n.textAt("kind")]; known {
		return reflect.TypeOf(fresh())
	}
	return nil
}

// merged lays a strategic merge patch over a value: mappings merge, and so do those lists whose entries a field of the type t
// tells apart by the key byKey. New entries come last, so that a container which is added does not become the first. Without a
// type it is a JSON merge patch. Of the directives $setElementOrder and $deleteFromPrimitiveList mean nothing.
//
// Source: k8s.io/apimachinery pkg/util/strategicpatch/patch.go:mergeMap, mergeSlice.
func merged(n, patch *node, t reflect.Type, byKey string) *node {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case n == nil || n.kind != patch.kind:
		return undirected(patch)
	case n.kind == mapping:
		if patch.textAt("$patch") == "replace" {
			return undirected(patch)
		}
		return mergedMapping(n, patch, t)
	case n.kind == sequence && byKey != "":
		return mergedList(n, patch, t, byKey)
	}
	return patch
}

func mergedMapping(n, patch *node, t reflect.Type) *node {
	if retained := patch.value("$retainKeys"); retained != nil {
		for _, k := range n.keys {
			if retained.entry(k.name) < 0 {
				n = n.without(k.name)
			}
		}
	}
	for i, k := range patch.keys {
		if isDirective(k.name) {
			continue
		}
		of, byKey := fieldType(t, k.name)
		value := patch.values[i]
		switch {
		case value.textAt("$patch") == "delete":
			n = n.without(k.name)
			continue
		case value.kind != null:
			value = merged(n.value(k.name), value, of, byKey)
		}
		n = put(n, k, value)
	}
	return n
}

// onItself is the merge key of a list whose entries are texts.
const onItself = "."

func mergedList(n, patch *node, t reflect.Type, byKey string) *node {
	result := *n
	result.values = slices.Clone(n.values)
	var of reflect.Type
	if t != nil && t.Kind() == reflect.Slice {
		of = t.Elem()
	}
	for _, item := range patch.values {
		if item.textAt("$patch") == "replace" && len(item.keys) == 1 {
			result.values = nil
			continue
		}
		at := slices.IndexFunc(result.values, func(has *node) bool { return sameEntry(has, item, byKey) })
		switch {
		case at < 0 && item.textAt("$patch") != "delete":
			result.values = append(result.values, undirected(item))
		case at >= 0 && item.textAt("$patch") == "delete":
			result.values = slices.Delete(result.values, at, at+1)
		case at >= 0 && byKey != onItself:
			result.values[at] = merged(result.values[at], item, of, "")
		}
	}
	return &result
}

func sameEntry(a, b *node, byKey string) bool {
	if byKey == onItself {
		return a.kind == b.kind && a.text == b.text
	}
	return a.value(byKey) != nil && b.value(byKey) != nil && a.textAt(byKey) == b.textAt(byKey)
}

// undirected is a patch where there is nothing to patch: without its directives, and without what it takes away.
func undirected(patch *node) *node {
	if patch.kind != mapping {
		return patch
	}
	clean := patch
	for i, k := range patch.keys {
		switch value := patch.values[i]; {
		case isDirective(k.name) || value.kind == null:
			clean = clean.without(k.name)
		case value.kind == mapping:
			clean = clean.with(k, undirected(value))
		}
	}
	return clean
}

// fieldType is the type of a field, and the key by which its list is merged: "" for a list that is replaced.
func fieldType(t reflect.Type, name string) (of reflect.Type, byKey string) {
	if t == nil {
		return nil, ""
	}
	if t.Kind() == reflect.Map {
		return t.Elem(), ""
	}
	if t.Kind() != reflect.Struct {
		return nil, ""
	}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "" && f.Anonymous {
			if of, byKey = fieldType(f.Type, name); of != nil {
				return of, byKey
			}
		}
		if tag != name {
			continue
		}
		if strings.Contains(f.Tag.Get("patchStrategy"), "merge") {
			if byKey = f.Tag.Get("patchMergeKey"); byKey == "" {
				byKey = onItself
			}
		}
		return f.Type, byKey
	}
	return nil, ""
}
