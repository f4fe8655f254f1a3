package kubectl

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"statefulsim/controller/store"
)

// The words by which a strategic merge patch asks for more than a merge.
// Source: k8s.io/apimachinery pkg/util/strategicpatch/patch.go.
const (
	patchDirective      = "$patch"                   // of an object: replace or delete; of an item of a list too
	retainKeysDirective = "$retainKeys"              // the fields that an object keeps
	deleteFromDirective = "$deleteFromPrimitiveList" // /FIELD: what goes from a list of plain values
	orderDirective      = "$setElementOrder"         // /FIELD: how the items of a list stand, by their keys or values
)

// merge lays a change over a document, both as JSON decodes them: objects field by field, null removes. With the Go type of
// what the document stands for it is a strategic merge: lists whose items have a key (containers, ports, tolerations) are
// merged item by item, and directives say what else is to be done. Without a type it is a JSON merge patch: lists are replaced.
// Source: k8s.io/apimachinery pkg/util/strategicpatch/patch.go:mergeMap, RFC 7386.
func merge(was, change any, t reflect.Type) any {
	fields, ok := change.(map[string]any)
	if !ok {
		return change
	}
	old, _ := was.(map[string]any)
	if t != nil {
		switch fields[patchDirective] {
		case "replace":
			return withoutDirectives(fields)
		case "delete":
			return nil
		}
		old = retained(old, fields)
	}
	if old == nil {
		old = map[string]any{}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if t != nil && strings.HasPrefix(name, "$") {
			direct(old, fields, name, t)
			continue
		}
		var value any
		if t == nil || reflect.TypeOf(old[name]) == reflect.TypeOf(fields[name]) {
			value = mergeField(old[name], fields[name], fields[orderDirective+"/"+name], metaOf(t, name))
		} else {
			value = taken(fields[name])
		}
		if value != nil {
			old[name] = value
		} else {
			delete(old, name)
		}
	}
	return old
}

// direct does what a directive says of a list for itself.
func direct(old, fields map[string]any, name string, t reflect.Type) {
	directive, list, _ := strings.Cut(name, "/")
	have, is := old[list].([]any)
	said, _ := fields[name].([]any)
	_, changes := fields[list]
	switch {
	case directive == deleteFromDirective && is:
		old[list] = withoutValues(have, said)
	case directive == orderDirective && is && !changes:
		old[list] = arranged(have, said, have, metaOf(t, list).key)
	}
}

// taken is what a change puts where there was nothing of its kind: as it is, without what it says to remove or to replace.
// Source: k8s.io/apimachinery pkg/util/strategicpatch/patch.go:removeDirectives, discardNullValuesFromPatch.
func taken(change any) any {
	switch change := change.(type) {
	case map[string]any:
		if change[patchDirective] != nil {
			return nil
		}
		kept := map[string]any{}
		for name, value := range change {
			if value = taken(value); value != nil {
				kept[name] = value
			}
		}
		return kept
	case []any:
		kept := []any{}
		for _, item := range change {
			if item = taken(item); item != nil {
				kept = append(kept, item)
			}
		}
		return kept
	}
	return change
}

func withoutDirectives(fields map[string]any) map[string]any {
	rest := maps.Clone(fields)
	maps.DeleteFunc(rest, func(name string, _ any) bool { return strings.HasPrefix(name, "$") })
	return rest
}

// retained drops the fields of an object that a change says not to keep.
func retained(old, fields map[string]any) map[string]any {
	if keep, is := fields[retainKeysDirective].([]any); is {
		maps.DeleteFunc(old, func(name string, _ any) bool { return !slices.Contains(keep, any(name)) })
	}
	return old
}

// mergeField merges one field of an object. nil says that the field goes. order is how the items of a list are to stand; nil:
// as the change has them.
func mergeField(was, change, order any, f patchMeta) any {
	items, isList := change.([]any)
	if !isList || !f.merged {
		return merge(was, change, f.of)
	}
	old, _ := was.([]any)
	merged, server := mergeItems(old, items, f)
	if wanted, is := order.([]any); is {
		merged = arranged(merged, wanted, server, f.key)
	}
	return merged
}

// patchMeta is what a Go type says of one of its fields.
type patchMeta struct {
	of      reflect.Type // that of the items, for a list; nil: not known
	key     string       // of the items of a list that is merged; "" if their values are their keys
	merged  bool         // the items are merged, not replaced
	retains bool         // what a manifest does not say of it goes (of each item, for a list)
}

// metaOf finds a field of a struct by its name in JSON, and what the tags say of how to merge it.
func metaOf(t reflect.Type, name string) patchMeta {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct {
		return patchMeta{}
	}
	for i := range t.NumField() {
		f := t.Field(i)
		tagged, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tagged == "" && (f.Anonymous || strings.Contains(options, "inline")) {
			if found := metaOf(f.Type, name); found.of != nil {
				return found
			}
		}
		if tagged != name {
			continue
		}
		of := f.Type
		if of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		strategies := strings.Split(f.Tag.Get("patchStrategy"), ",")
		return patchMeta{of, f.Tag.Get("patchMergeKey"), slices.Contains(strategies, "merge"), slices.Contains(strategies, "retainKeys")}
	}
	return patchMeta{}
}

// treeOf is an object as JSON has it, its whole numbers as int64.
func treeOf(obj store.Object) (map[string]any, error) {
	return runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
}

// ofTree makes an object of the type of another from a tree.
func ofTree(like store.Object, tree any) (store.Object, error) {
	fields, is := tree.(map[string]any)
	if !is {
		return nil, errors.New("the object is no longer one")
	}
	made := reflect.New(reflect.TypeOf(like).Elem()).Interface().(store.Object)
	return made, runtime.DefaultUnstructuredConverter.FromUnstructured(fields, made)
}
