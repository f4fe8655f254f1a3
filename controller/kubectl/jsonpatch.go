package kubectl

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

// operated carries out the operations of a JSON patch in their order.
// Source: RFC 6902.
func operated(tree, operations any) (any, error) {
	for _, o := range operations.([]any) {
		operation, _ := o.(map[string]any)
		verb, _ := operation["op"].(string)
		path, err := pointer(operation["path"])
		if err != nil {
			return nil, err
		}
		value := operation["value"]
		if verb == "move" || verb == "copy" {
			from, err := pointer(operation["from"])
			if err != nil {
				return nil, err
			}
			if value, err = valueAt(tree, from); err != nil {
				return nil, err
			}
			if verb == "move" {
				if tree, err = operate(tree, from, "remove", nil); err != nil {
					return nil, err
				}
			}
			verb = "add"
		}
		if tree, err = operate(tree, path, verb, value); err != nil {
			return nil, fmt.Errorf("%s operation does not apply: %w", verb, err)
		}
	}
	return tree, nil
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// pointer reads a JSON pointer (RFC 6901).
func pointer(v any) (path []string, err error) {
	text, _ := v.(string)
	if !strings.HasPrefix(text, "/") {
		return nil, fmt.Errorf("%q is no path: it does not begin with /", text)
	}
	for step := range strings.SplitSeq(text[1:], "/") {
		path = append(path, unescape.Replace(step))
	}
	return path, nil
}

// valueAt returns a copy of what stands at a path.
func valueAt(tree any, path []string) (any, error) {
	found := at(tree, path...)
	if found == nil {
		return nil, fmt.Errorf("nothing stands at %s", strings.Join(path, "/"))
	}
	return runtime.DeepCopyJSONValue(found), nil
}

// operate returns the tree with an operation carried out at a path.
func operate(tree any, path []string, verb string, value any) (any, error) {
	name := path[0]
	switch tree := tree.(type) {
	case map[string]any:
		have, is := tree[name]
		switch {
		case !is && (verb != "add" || len(path) > 1):
			return nil, fmt.Errorf("there is no field %q", name)
		case len(path) > 1:
			inner, err := operate(have, path[1:], verb, value)
			tree[name] = inner
			return tree, err
		case verb == "remove":
			delete(tree, name)
			return tree, nil
		}
		tree[name] = value
		return tree, tested(verb, have, value)
	case []any:
		return operateList(tree, path, verb, value)
	}
	return nil, fmt.Errorf("nothing can stand at %q", name)
}

func operateList(list []any, path []string, verb string, value any) (any, error) {
	i, err := strconv.Atoi(path[0])
	inserts := verb == "add" && len(path) == 1
	if path[0] == "-" && inserts {
		i, err = len(list), nil
	}
	if err != nil || i < 0 || i > len(list) || i == len(list) && !inserts {
		return nil, fmt.Errorf("there is no item %q", path[0])
	}
	switch {
	case len(path) > 1:
		list[i], err = operate(list[i], path[1:], verb, value)
		return list, err
	case inserts:
		return slices.Insert(list, i, value), nil
	case verb == "remove":
		return slices.Delete(list, i, i+1), nil
	}
	have := list[i]
	list[i] = value
	return list, tested(verb, have, value)
}

// tested is the error of a test that fails.
func tested(verb string, have, want any) error {
	if verb == "test" && !reflect.DeepEqual(have, want) {
		return errors.New("testing value failed")
	}
	return nil
}
