package kubectl

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// deletion is `delete`: it asks for the objects' deletion, and waits until they are gone.
// Source: k8s.io/kubectl pkg/cmd/delete/delete.go:DeleteResult, pkg/cmd/wait/delete.go:IsDeleted.
type deletion struct {
	terminal Terminal
	command  kubectl.Delete
	asked    bool
	waiting  []store.Object
}

// Hear has nothing to hear: what is left is looked at after every change.
func (*deletion) Hear(store.Change) {}

// Proceed asks, and then looks whether the objects are gone.
func (d *deletion) Proceed(api *store.Client) (again time.Duration, done bool, err error) {
	if !d.asked {
		d.asked = true
		if err := d.ask(api); err != nil || !d.command.Wait {
			return 0, true, worded(err)
		}
	}
	var left []store.Object
	for _, obj := range d.waiting {
		if !isGone(api.View(), obj) {
			left = append(left, obj)
		}
	}
	d.waiting = left
	return 0, len(left) == 0, nil
}

// propagation is what kubectl's words for a cascade are in the API.
var propagation = map[string]string{"background": "Background", "foreground": "Foreground", "orphan": "Orphan"}

func (d *deletion) ask(api *store.Client) error {
	found, missing := d.find(api)
	if d.command.Force {
		d.terminal.Print("Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. " +
			"The resource may continue to run on the cluster indefinitely.")
	}
	all := []error{missing}
	for _, obj := range found {
		err := api.Delete(store.KeyOf(obj), store.DeleteOptions{GracePeriodSeconds: d.command.GracePeriod, Propagation: propagation[d.command.Cascade]})
		if err != nil && (!d.command.IgnoreNotFound || !apierrors.IsNotFound(err)) {
			all = append(all, err)
			continue
		}
		d.tell(obj)
		d.waiting = append(d.waiting, obj)
	}
	if err := errors.Join(all...); err != nil {
		return err
	}
	if len(found) == 0 {
		d.terminal.Print("No resources found")
	}
	return nil
}

func (d *deletion) find(api *store.Client) (found []store.Object, missing error) {
	if len(d.command.Files) == 0 {
		found, missing = objects(api, d.terminal, d.command.Objects)
		if d.command.IgnoreNotFound {
			missing = nil
		}
		return found, missing
	}
	var all []error
	for _, file := range d.command.Files {
		for _, obj := range d.terminal.Files(file) {
			key := store.KeyOf(obj)
			if live, ok := api.View().Object(key); ok {
				found = append(found, live)
			} else if !d.command.IgnoreNotFound {
				all = append(all, notFound(key.Kind, key.Name))
			}
		}
	}
	return found, errors.Join(all...)
}

func (d *deletion) tell(obj store.Object) {
	kind := strings.ToLower(store.KindOf(obj).GroupVersionKind().GroupKind().String())
	done := "deleted"
	if d.command.GracePeriod != nil && *d.command.GracePeriod == 0 {
		done = "force deleted"
	}
	if namespace := obj.GetNamespace(); namespace != "" {
		done += " from " + cmp.Or(namespace, d.terminal.Namespace) + " namespace"
	}
	d.terminal.Print(fmt.Sprintf("%s %q %s", kind, obj.GetName(), done))
}
