package kubectl

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// label sets and removes labels, or annotations.
// Source: k8s.io/kubectl pkg/cmd/label/label.go:RunLabel, pkg/cmd/annotate/annotate.go:RunAnnotate.
func label(api *store.Client, t Terminal, c kubectl.Label) error {
	return each(api, t, c.Objects, func(obj store.Object) error {
		update := copyOf(obj)
		have, keep := update.GetLabels(), update.SetLabels
		if c.Annotate {
			have, keep = update.GetAnnotations(), update.SetAnnotations
		}
		for _, key := range c.Remove {
			if _, is := have[key]; !is && !c.Annotate {
				t.Print(fmt.Sprintf("label %q not found.", key))
			}
		}
		if err := mayOverwrite(c, have); err != nil {
			return err
		}
		pairs, added, removed := changed(c, have)
		keep(pairs)
		if _, err := api.Update(update); err != nil {
			return err
		}
		t.done(obj, labelled(c.Annotate, added, removed))
		return nil
	})
}

// changeCause is what a revision's annotation tells in the history of a rollout. It can be set anew at any time.
const changeCause = "kubernetes.io/change-cause"

// mayOverwrite refuses to change what is there already, unless the command says so.
func mayOverwrite(c kubectl.Label, have map[string]string) error {
	if c.Overwrite {
		return nil
	}
	var taken []string
	for _, pair := range c.Set {
		if value, is := have[pair.Key]; is && value != pair.Value && !(c.Annotate && pair.Key == changeCause) {
			taken = append(taken, fmt.Sprintf("'%s' already has a value (%s)", pair.Key, value))
		}
	}
	if c.Annotate && len(taken) > 0 {
		return errors.New("--overwrite is false but found the following declared annotation(s): " + strings.Join(taken, "; "))
	}
	var all []error
	for _, one := range taken {
		all = append(all, errors.New(one+", and --overwrite is false"))
	}
	return errors.Join(all...)
}

// changed carries out the command on a copy of what is there.
func changed(c kubectl.Label, have map[string]string) (pairs map[string]string, added, removed bool) {
	pairs = map[string]string{}
	maps.Copy(pairs, have)
	for _, pair := range c.Set {
		if value, is := have[pair.Key]; !is || value != pair.Value {
			pairs[pair.Key], added = pair.Value, true
		}
	}
	for _, key := range c.Remove {
		if _, is := pairs[key]; is {
			delete(pairs, key)
			removed = true
		}
	}
	return pairs, added, removed
}

// labelled is what kubectl says of the change. Of annotations it only says that there are some.
// Source: k8s.io/kubectl pkg/cmd/label/label.go:updateDataChangeMsg.
func labelled(annotate, added, removed bool) string {
	switch {
	case annotate:
		return "annotated"
	case added && removed:
		return "modified"
	case added:
		return "labeled"
	case removed:
		return "unlabeled"
	}
	return "not labeled"
}
