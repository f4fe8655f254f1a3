package kubectl

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// taint adds and removes taints of nodes.
// Source: k8s.io/kubectl pkg/cmd/taint/taint.go:updateTaints, utils.go:reorganizeTaints.
func taint(api *store.Client, t Terminal, c kubectl.Taint) error {
	return each(api, t, c.Objects, func(obj store.Object) error {
		node := copyOf(obj).(*corev1.Node)
		if taken := alreadyTainted(node, c.Add); len(taken) > 0 && !c.Overwrite {
			return fmt.Errorf("node %s already has %s taint(s) with same effect(s) and --overwrite is false", node.Name, strings.Join(taken, ","))
		}
		before := len(node.Spec.Taints)
		addTaints(node, c.Add)
		added := len(node.Spec.Taints) != before
		removed, err := removeTaints(node, c.Remove)
		if err != nil {
			return err
		}
		if _, err := api.Update(node); err != nil {
			return err
		}
		t.done(obj, tainted(c.Overwrite, added, removed))
		return nil
	})
}

// tainted is what kubectl says of the change.
// Source: k8s.io/kubectl pkg/cmd/taint/utils.go:reorganizeTaints.
func tainted(overwrite, added, removed bool) string {
	switch {
	case added && removed || overwrite:
		return "modified"
	case added:
		return "tainted"
	}
	return "untainted"
}

func alreadyTainted(node *corev1.Node, add []kubectl.TaintSpec) (keys []string) {
	for _, spec := range add {
		for _, have := range node.Spec.Taints {
			if have.Key == spec.Key && string(have.Effect) == spec.Effect {
				keys = append(keys, spec.Key)
			}
		}
	}
	return keys
}

// removeTaints takes taints away. removed is true if the last of them was there, which is all that kubectl remembers.
func removeTaints(node *corev1.Node, remove []kubectl.TaintSpec) (removed bool, err error) {
	var missing []error
	for _, spec := range remove {
		before := len(node.Spec.Taints)
		node.Spec.Taints = slices.DeleteFunc(node.Spec.Taints, func(have corev1.Taint) bool {
			return have.Key == spec.Key && (spec.Effect == "" || string(have.Effect) == spec.Effect)
		})
		if removed = len(node.Spec.Taints) < before; !removed {
			absent := corev1.Taint{Key: spec.Key, Effect: corev1.TaintEffect(spec.Effect)}
			missing = append(missing, fmt.Errorf("taint %q not found", absent.ToString()))
		}
	}
	return removed, errors.Join(missing...)
}

// addTaints puts new taints in front of those that stay, as kubectl does.
func addTaints(node *corev1.Node, add []kubectl.TaintSpec) {
	var taints []corev1.Taint
	for _, spec := range add {
		taints = append(taints, corev1.Taint{Key: spec.Key, Value: spec.Value, Effect: corev1.TaintEffect(spec.Effect)})
	}
	for _, have := range node.Spec.Taints {
		if !slices.ContainsFunc(taints, func(t corev1.Taint) bool { return t.Key == have.Key && t.Effect == have.Effect }) {
			taints = append(taints, have)
		}
	}
	node.Spec.Taints = taints
}
