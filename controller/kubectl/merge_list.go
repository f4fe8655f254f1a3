package kubectl

import (
	"cmp"
	"reflect"
	"slices"
)

// mergeItems merges the items of a list by their keys. An item with $patch: delete removes one, and one with $patch: replace
// says that the list becomes what is written. server is the order that the list had before, as far as Kubernetes remembers it:
// for each item that is removed it takes a new one for an old one.
// Source: k8s.io/apimachinery pkg/util/strategicpatch/patch.go:mergeSlice, mergePatchIntoOriginal.
func mergeItems(old, change []any, f patchMeta) (merged, server []any) {
	if f.key == "" {
		return mergeValues(old, change), old
	}
	var items []any
	replaces := false
	left := slices.Clone(old)
	for _, item := range change {
		switch at(item, patchDirective) {
		case nil:
			items = append(items, item)
		case "replace":
			replaces = true
		case "delete":
			left = slices.DeleteFunc(left, func(have any) bool { return reflect.DeepEqual(at(have, f.key), at(item, f.key)) })
		}
	}
	if replaces {
		return items, old
	}
	merged = slices.Clone(left)
	for _, item := range items {
		if i := indexOf(merged, at(item, f.key), f.key); i >= 0 {
			merged[i] = merge(merged[i], item, f.of)
		} else {
			merged = append(merged, item) // with its directives: they are no fields, and so mean nothing
		}
	}
	server = merged[:min(len(old), len(merged))]
	return arranged(merged, items, left, f.key), server
}

// mergeValues merges lists of plain values.
func mergeValues(old, change []any) []any {
	var merged []any
	for _, value := range slices.Concat(old, change) {
		if indexOf(merged, value, "") < 0 {
			merged = append(merged, value)
		}
	}
	return arranged(merged, change, old, "")
}

// withoutValues is a list of plain values without some of them.
func withoutValues(old, gone []any) []any {
	return slices.DeleteFunc(slices.Clone(old), func(have any) bool { return indexOf(gone, have, "") >= 0 })
}

// indexOf finds an item by its key, or by its value if there is none.
func indexOf(items []any, wanted any, key string) int {
	return slices.IndexFunc(items, func(item any) bool { return reflect.DeepEqual(keyIn(item, key), wanted) })
}

func keyIn(item any, key string) any {
	if key == "" {
		return item
	}
	return at(item, key)
}

// arranged puts a merged list into an order: the wanted one, with each item that only the server has before the first that it
// stood before.
// Source: k8s.io/apimachinery pkg/util/strategicpatch/patch.go:normalizeElementOrder, mergeSortedSlice.
func arranged(merged, wanted, server []any, key string) []any {
	var changed, others []any
	for _, item := range wanted {
		if i := indexOf(merged, keyIn(item, key), key); i >= 0 {
			changed = append(changed, merged[i])
		}
	}
	for _, item := range merged {
		if indexOf(wanted, keyIn(item, key), key) < 0 {
			others = append(others, item)
		}
	}
	slices.SortStableFunc(others, func(a, b any) int {
		return cmp.Compare(indexOf(server, keyIn(a, key), key), indexOf(server, keyIn(b, key), key))
	})
	all := []any{}
	for len(changed) > 0 && len(others) > 0 {
		theirs, ours := indexOf(server, keyIn(others[0], key), key), indexOf(server, keyIn(changed[0], key), key)
		if ours >= 0 && theirs >= 0 && theirs < ours {
			all, others = append(all, others[0]), others[1:]
		} else {
			all, changed = append(all, changed[0]), changed[1:]
		}
	}
	return append(append(all, changed...), others...)
}
