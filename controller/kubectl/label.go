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
		pairs := maps.Clone(have)
		if pairs == nil {
			pairs = map[string]string{}
		}
		if err := mayOverwrite(c, have); err != nil {
			return err
		}
		added, removed := change(t, c, pairs)
		keep(pairs)
		if _, err := api.Update(update); err != nil {
			return err
		}
		t.done(obj, labelled(c.Annotate, added, removed))
		return nil
	})
}

// mayOverwrite refuses to change what is there already, unless the command says so.
func mayOverwrite(c kubectl.Label, have map[string]string) error {
	if c.Overwrite {
		return nil
	}
	var taken []string
	for _, pair := range c.Set {
		if value, is := have[pair.Key]; is && value != pair.Value {
			taken = append(taken, fmt.Sprintf("'%s' already has a value (%s)", pair.Key, value))
		}
	}
	switch {
	case len(taken) == 0:
		return nil
	case c.Annotate:
		return errors.New("--overwrite is false but found the following declared annotation(s): " + strings.Join(taken, "; "))
	}
	return errors.New(strings.Join(taken, ", and --overwrite is false\n") + ", and --overwrite is false")
}

// change carries out the command on a copy of what is there.
func change(t Terminal, c kubectl.Label, pairs map[string]string) (added, removed bool) {
	for _, key := range c.Remove {
		if _, is := pairs[key]; is {
			delete(pairs, key)
			removed = true
		} else if !c.Annotate {
			t.Print(fmt.Sprintf("label %q not found.", key))
		}
	}
	for _, pair := range c.Set {
		if value, is := pairs[pair.Key]; !is || value != pair.Value {
			pairs[pair.Key], added = pair.Value, true
		}
	}
	return added, removed
}

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
