package kubectl

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// merge lays a change over a document, both as JSON decodes them: objects field by field, null removes. With the Go type of
// what the document stands for it is a strategic merge: lists whose items have a key (containers, ports, tolerations) are
// merged item by item, and $patch says what else is to be done. Without a type it is a JSON merge patch: lists are replaced.
// Source: k8s.io/apimachinery pkg/util/strategicpatch/patch.go, RFC 7386.
func merge(was, change any, t reflect.Type) any {
	fields, ok := change.(map[string]any)
	if !ok {
		return change
	}
	if fields["$patch"] == "replace" && t != nil {
		return without(fields, "$patch")
	}
	old, ok := was.(map[string]any)
	if !ok {
		old = map[string]any{}
	}
	for name, value := range fields {
		switch {
		case strings.HasPrefix(name, "$") && t != nil:
		case value == nil:
			delete(old, name)
		default:
			old[name] = mergeField(old[name], value, fieldOf(t, name))
		}
	}
	return old
}

// field is what a Go type says of one of its fields.
type field struct {
	of   reflect.Type // nil: not known
	key  string       // of the items of a list that is merged; "" if their values are their keys
	list bool         // the items are merged, not replaced
}

func mergeField(was, change any, f field) any {
	items, isList := change.([]any)
	if !isList || !f.list {
		return merge(was, change, f.of)
	}
	old, _ := was.([]any)
	if f.key == "" {
		for _, item := range items {
			if !slices.Contains(old, item) {
				old = append(old, item)
			}
		}
		return old
	}
	return mergeItems(old, items, f)
}

// mergeItems merges the items of a list by their key. $patch: delete removes one.
func mergeItems(old, change []any, f field) []any {
	for _, item := range change {
		fields, _ := item.(map[string]any)
		at := slices.IndexFunc(old, func(have any) bool {
			h, _ := have.(map[string]any)
			return h != nil && h[f.key] == fields[f.key]
		})
		switch {
		case fields["$patch"] == "delete":
			if at >= 0 {
				old = slices.Delete(old, at, at+1)
			}
		case at < 0:
			old = append(old, merge(nil, item, f.of))
		default:
			old[at] = merge(old[at], item, f.of)
		}
	}
	return old
}

// fieldOf finds a field of a struct by its name in JSON, and what the tags say of how to merge it.
func fieldOf(t reflect.Type, name string) field {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct {
		return field{}
	}
	for i := range t.NumField() {
		f := t.Field(i)
		tagged, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tagged == "" && (f.Anonymous || strings.Contains(options, "inline")) {
			if found := fieldOf(f.Type, name); found.of != nil {
				return found
			}
		}
		if tagged != name {
			continue
		}
		of := f.Type
		strategy := f.Tag.Get("patchStrategy")
		if of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		return field{of: of, key: f.Tag.Get("patchMergeKey"), list: strings.Contains(strategy, "merge")}
	}
	return field{}
}

func without(fields map[string]any, name string) map[string]any {
	rest := map[string]any{}
	for k, v := range fields {
		if k != name {
			rest[k] = v
		}
	}
	return rest
}

// removals is the change that takes away what a manifest had when it was applied last and no longer has.
// Source: k8s.io/apimachinery pkg/util/strategicpatch/patch.go:CreateThreeWayMergePatch.
func removals(last, now any, t reflect.Type) map[string]any {
	gone := map[string]any{}
	before, _ := last.(map[string]any)
	after, _ := now.(map[string]any)
	for name, value := range before {
		f := fieldOf(t, name)
		kept, is := after[name]
		switch {
		case !is:
			gone[name] = nil
		case f.list && f.key != "":
			if items := removedItems(value, kept, f); len(items) > 0 {
				gone[name] = items
			}
		default:
			if inner := removals(value, kept, f.of); len(inner) > 0 {
				gone[name] = inner
			}
		}
	}
	return gone
}

func removedItems(last, now any, f field) (gone []any) {
	before, _ := last.([]any)
	after, _ := now.([]any)
	for _, item := range before {
		fields, _ := item.(map[string]any)
		at := slices.IndexFunc(after, func(have any) bool { h, _ := have.(map[string]any); return h != nil && h[f.key] == fields[f.key] })
		if at < 0 {
			gone = append(gone, map[string]any{f.key: fields[f.key], "$patch": "delete"})
		} else if inner := removals(item, after[at], f.of); len(inner) > 0 {
			inner[f.key] = fields[f.key]
			gone = append(gone, inner)
		}
	}
	return gone
}

// treeOf turns what JSON can hold into maps and lists.
func treeOf(v any) (tree any, err error) {
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &tree)
	}
	return tree, err
}
