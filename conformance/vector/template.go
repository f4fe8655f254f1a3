package vector

import (
	"encoding/json"
	"hash/fnv"
	"iter"
	"maps"
	"slices"
	"strconv"
	"sync"

	"k8s.io/apimachinery/pkg/util/rand"
)

// patches holds the stored form of each template, which is asked for again and again.
var patches sync.Map

// patchOf returns the patch that a ControllerRevision stores for a template (stateful_set_utils.go:getPatch).
func patchOf(template string) []byte {
	if patch, ok := patches.Load(template); ok {
		return patch.([]byte)
	}
	data, err := json.Marshal(podTemplate(template))
	if err != nil {
		panic(err) // Plain values always have a JSON form.
	}
	var content map[string]any
	if err := json.Unmarshal(data, &content); err != nil {
		panic(err)
	}
	content["$patch"] = "replace"
	if data, err = json.Marshal(map[string]any{"spec": map[string]any{"template": content}}); err != nil {
		panic(err)
	}
	patches.Store(template, data)
	return data
}

// templateIn returns the template whose patch a revision stores.
func templateIn(patch []byte) string {
	var content struct {
		Spec struct {
			Template struct {
				Spec struct{ Containers []struct{ Image string } }
			}
		}
	}
	if err := json.Unmarshal(patch, &content); err != nil || len(content.Spec.Template.Spec.Containers) == 0 {
		return ""
	}
	return content.Spec.Template.Spec.Containers[0].Image
}

// RevisionName returns the name that the controller gives the revision of a template after so many collisions
// (pkg/controller/history/controller_history.go:HashControllerRevision).
func RevisionName(set, template string, collisions int32) string {
	h := fnv.New32()
	h.Write(patchOf(template))
	h.Write(strconv.AppendInt(nil, int64(collisions), 10))
	return set + "-" + rand.SafeEncodeString(strconv.FormatUint(uint64(h.Sum32()), 10))
}

// sorted goes through a map in the order of its keys.
func sorted(m map[string]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
