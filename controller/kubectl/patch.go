package kubectl

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// patch changes an object by a patch of one of the three types.
// Source: k8s.io/kubectl pkg/cmd/patch/patch.go:RunPatch.
func patch(api *store.Client, t Terminal, c kubectl.Patch) error {
	return each(api, t, c.Objects, func(obj store.Object) error {
		update, err := patched(obj, c.Type, c.Document)
		if err != nil {
			return err
		}
		updated, err := api.Update(update)
		if err != nil {
			return err
		}
		if updated.GetResourceVersion() == obj.GetResourceVersion() {
			t.done(obj, "patched (no change)")
		} else {
			t.done(obj, "patched")
		}
		return nil
	})
}

// patched returns a changed copy of an object.
func patched(obj store.Object, kind string, document []byte) (store.Object, error) {
	tree, err := treeOf(obj)
	if err != nil {
		return nil, err
	}
	var change any
	if err := json.Unmarshal(document, &change); err != nil {
		return nil, err
	}
	switch kind {
	case "json":
		tree, err = operated(tree, change)
	case "merge":
		tree = merge(tree, change, nil)
	default:
		tree = merge(tree, change, reflect.TypeOf(obj))
	}
	if err != nil {
		return nil, err
	}
	return decoded(obj, tree)
}

// decoded makes an object of the type of another from a tree.
func decoded(like store.Object, tree any) (store.Object, error) {
	text, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	made := reflect.New(reflect.TypeOf(like).Elem()).Interface().(store.Object)
	if err := json.Unmarshal(text, made); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return made, nil
}

// operated carries out the operations of a JSON patch (RFC 6902) in their order: add, remove, replace and test.
func operated(tree, operations any) (any, error) {
	for _, o := range operations.([]any) {
		operation, _ := o.(map[string]any)
		path, _ := operation["path"].(string)
		verb, _ := operation["op"].(string)
		if verb != "add" && verb != "remove" && verb != "replace" && verb != "test" {
			return nil, fmt.Errorf("the operation %q of a JSON patch is not simulated; use add, remove, replace or test", verb)
		}
		if !strings.HasPrefix(path, "/") {
			return nil, fmt.Errorf("the path %q of a JSON patch does not begin with /", path)
		}
		var err error
		if tree, err = operate(tree, strings.Split(path[1:], "/"), verb, operation["value"]); err != nil {
			return nil, apierrors.NewBadRequest(fmt.Sprintf("%s operation does not apply at %s: %v", verb, path, err))
		}
	}
	return tree, nil
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// operate returns the tree with an operation carried out at a path.
func operate(tree any, path []string, verb string, value any) (any, error) {
	name := unescape.Replace(path[0])
	switch tree := tree.(type) {
	case map[string]any:
		have, is := tree[name]
		if !is && (verb != "add" || len(path) > 1) {
			return nil, fmt.Errorf("there is no field %q", name)
		}
		if len(path) > 1 {
			inner, err := operate(have, path[1:], verb, value)
			tree[name] = inner
			return tree, err
		}
		if verb == "remove" {
			delete(tree, name)
			return tree, nil
		}
		tree[name] = value
		return tree, tested(verb, have, value)
	case []any:
		return operateList(tree, name, path, verb, value)
	}
	return nil, fmt.Errorf("nothing is below %q", name)
}

func operateList(list []any, name string, path []string, verb string, value any) (any, error) {
	at, err := strconv.Atoi(name)
	if name == "-" && verb == "add" && len(path) == 1 {
		at, err = len(list), nil
	}
	inserts := verb == "add" && len(path) == 1
	if err != nil || at < 0 || at > len(list) || at == len(list) && !inserts {
		return nil, fmt.Errorf("there is no item %q", name)
	}
	switch {
	case len(path) > 1:
		list[at], err = operate(list[at], path[1:], verb, value)
		return list, err
	case inserts:
		return slices.Insert(list, at, value), nil
	case verb == "remove":
		return slices.Delete(list, at, at+1), nil
	}
	have := list[at]
	list[at] = value
	return list, tested(verb, have, value)
}

// tested is the error of a test that fails.
func tested(verb string, have, want any) error {
	if verb == "test" && !reflect.DeepEqual(have, want) {
		return fmt.Errorf("testing value failed")
	}
	return nil
}
