package kubectl

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// meets tells whether an object's state is what a command waits for; nil is an object that is not there.
func meets(state store.Object, c kubectl.Condition) (bool, error) {
	switch {
	case c.Kind == "delete":
		return state == nil, nil
	case state == nil:
		return false, nil
	case c.Kind == "create":
		return true, nil
	}
	tree, err := treeOf(state)
	if err != nil {
		return false, err
	}
	if c.Kind == "condition" {
		return hasCondition(tree, c), nil
	}
	return hasValue(tree, c)
}

// hasCondition tells whether one of the conditions in the status is what is waited for, and tells of the present generation.
// Source: k8s.io/kubectl pkg/cmd/wait/condition.go:checkCondition.
func hasCondition(tree any, c kubectl.Condition) bool {
	conditions, _ := at(tree, "status", "conditions").([]any)
	for _, condition := range conditions {
		name, _ := at(condition, "type").(string)
		status, _ := at(condition, "status").(string)
		if !strings.EqualFold(name, c.Name) {
			continue
		}
		observed := at(condition, "observedGeneration")
		if observed == nil {
			observed = at(tree, "status", "observedGeneration")
		}
		return !older(observed, at(tree, "metadata", "generation")) && strings.EqualFold(status, c.Value)
	}
	return false
}

// older compares two generations; one that is not there is not older.
func older(a, b any) bool {
	x, isX := a.(int64)
	y, isY := b.(int64)
	return isX && isY && x < y
}

// hasValue tells whether something stands at the path, and that it is the value which is waited for, if one is.
// Source: k8s.io/kubectl pkg/cmd/wait/json.go:checkCondition.
func hasValue(tree any, c kubectl.Condition) (bool, error) {
	found := at(tree, c.Path...)
	switch {
	case found == nil:
		return false, nil
	case c.Value == "":
		return true, nil
	}
	switch found.(type) {
	case map[string]any, []any:
		return false, errors.New("jsonpath leads to a nested object or list which is not supported")
	}
	return strings.TrimSpace(fmt.Sprint(found)) == strings.TrimSpace(c.Value), nil
}

// at returns what stands at a path of fields and indexes, or nil.
func at(tree any, path ...string) any {
	for _, step := range path {
		switch have := tree.(type) {
		case map[string]any:
			tree = have[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(have) {
				return nil
			}
			tree = have[i]
		default:
			return nil
		}
	}
	return tree
}
