package kubectl

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"statefulsim/controller/store"
)

// threeWay changes a document from what a manifest said when it was applied last to what it says now, and leaves alone what it
// never said.
// Source: k8s.io/apimachinery pkg/util/strategicpatch/patch.go:CreateThreeWayMergePatch.
func threeWay(last, now, live any, of store.Object) any {
	t := reflect.TypeOf(of)
	return merge(live, difference(last, now, live, t), t)
}

// difference is the strategic merge patch that brings an object to what its manifest says now: all of the manifest, and what it
// had and no longer has, to be taken away.
func difference(last, now, live any, t reflect.Type) map[string]any {
	before, _ := last.(map[string]any)
	after, _ := now.(map[string]any)
	have, _ := live.(map[string]any)
	change := map[string]any{}
	for name := range before {
		if _, is := after[name]; !is {
			change[name] = nil
		}
	}
	for name, value := range after {
		f := metaOf(t, name)
		items, isList := value.([]any)
		had, _ := before[name].([]any)
		there, _ := have[name].([]any)
		_, isObject := value.(map[string]any)
		switch {
		case isList && f.merged && f.key == "":
			gone, missing := withoutValues(had, items), withoutValues(items, there)
			if len(missing) > 0 || len(gone) > 0 || !reflect.DeepEqual(items, sorted(there, "")) {
				change[name], change[orderDirective+"/"+name], change[deleteFromDirective+"/"+name] = missing, items, gone
			}
		case isList && f.merged:
			change[name], change[orderDirective+"/"+name] = append(changedItems(had, items, there, f), removedItems(had, items, f.key)...), items
		case isObject:
			change[name] = retaining(difference(before[name], value, have[name], f.of), value, f)
		default:
			change[name] = value
		}
	}
	return change
}

func changedItems(had, items, there []any, f patchMeta) (changes []any) {
	for _, item := range items {
		key := at(item, f.key)
		changes = append(changes, retaining(difference(found(had, key, f.key), item, found(there, key, f.key), f.of), item, f))
	}
	return changes
}

// found is the item of a list with a key, or nil.
func found(items []any, wanted any, key string) any {
	if i := indexOf(items, wanted, key); i >= 0 {
		return items[i]
	}
	return nil
}

func removedItems(had, items []any, key string) (gone []any) {
	for _, item := range had {
		if indexOf(items, at(item, key), key) < 0 {
			gone = append(gone, map[string]any{key: at(item, key), patchDirective: "delete"})
		}
	}
	return sorted(gone, key)
}

// sorted are items in the order of what their keys, or they themselves, are as text.
func sorted(items []any, key string) []any {
	return slices.SortedStableFunc(slices.Values(items), func(a, b any) int {
		return cmp.Compare(fmt.Sprint(keyIn(a, key)), fmt.Sprint(keyIn(b, key)))
	})
}

// retaining says in a change which fields an object is to keep, where its type wants all others to go: a volume cannot have two
// sources.
func retaining(change map[string]any, object any, f patchMeta) map[string]any {
	fields, _ := object.(map[string]any)
	if f.retains {
		keep := []any{}
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			keep = append(keep, name)
		}
		change[retainKeysDirective] = keep
	}
	return change
}
