package sim

import (
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
)

// patch merges a JSON document into a set, as `kubectl patch` does unless told otherwise: objects field by field, null
// removes, and lists of named things (containers, volumes, environment variables) name by name; other lists are replaced.
// Kubernetes' types merge a few lists by another key than the name, such as ports: those are replaced here.
func patch(set *appsv1.StatefulSet, document []byte) error {
	var change map[string]any
	if err := json.Unmarshal(document, &change); err != nil {
		return fmt.Errorf("patch: %w", err)
	}
	was, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("patch: %w", err)
	}
	var tree map[string]any
	if err := json.Unmarshal(was, &tree); err != nil {
		return fmt.Errorf("patch: %w", err)
	}
	is, err := json.Marshal(merge(tree, change))
	if err != nil {
		return fmt.Errorf("patch: %w", err)
	}
	*set = appsv1.StatefulSet{}
	return json.Unmarshal(is, set)
}

func merge(was, change any) any {
	switch change := change.(type) {
	case map[string]any:
		old, ok := was.(map[string]any)
		if !ok {
			old = map[string]any{}
		}
		for name, value := range change {
			if value == nil {
				delete(old, name)
			} else {
				old[name] = merge(old[name], value)
			}
		}
		return old
	case []any:
		if old, ok := was.([]any); ok && named(old) && named(change) {
			return mergeNamed(old, change)
		}
	}
	return change
}

func named(list []any) bool {
	for _, item := range list {
		if _, ok := nameIn(item); !ok {
			return false
		}
	}
	return true
}

func nameIn(item any) (string, bool) {
	object, _ := item.(map[string]any)
	name, ok := object["name"].(string)
	return name, ok
}

func mergeNamed(old, change []any) []any {
	for _, item := range change {
		name, _ := nameIn(item)
		found := false
		for i := range old {
			if have, _ := nameIn(old[i]); have == name {
				old[i], found = merge(old[i], item), true
			}
		}
		if !found {
			old = append(old, item)
		}
	}
	return old
}
