package kubectl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// deletion is `delete`: it asks for the objects' deletion, and waits until one after the other is gone.
// Source: k8s.io/kubectl pkg/cmd/delete/delete.go:DeleteResult, pkg/cmd/wait/delete.go:IsDeleted.
type deletion struct {
	terminal Terminal
	command  kubectl.Delete
	asked    bool
	vigil    vigil
	uids     map[store.Key]types.UID // of what was deleted: another object of the name is not waited for
	deadline deadline
}

// weekLong is how long kubectl waits if nobody says how long.
const weekLong = 168 * time.Hour

// Hear takes in what the watch on the first object that is not gone yet delivers.
func (d *deletion) Hear(change store.Change) { d.vigil.hear(change) }

// Proceed asks, and then sees whether the objects are gone.
func (d *deletion) Proceed(api *store.Client) (again time.Duration, done bool, err error) {
	if !d.asked {
		d.asked, d.uids = true, map[store.Key]types.UID{}
		if err := d.ask(api); err != nil || !d.command.Wait {
			return 0, true, worded(err)
		}
		d.deadline = within(api.Now, cmp.Or(d.command.Timeout, weekLong))
	}
	for len(d.vigil.left) > 0 && d.gone(api) {
		d.vigil.next()
	}
	switch {
	case len(d.vigil.left) == 0:
		return 0, true, nil
	case d.deadline.over(api.Now):
		return 0, true, worded(timeoutOn(d.vigil.left[0]))
	}
	return d.deadline.left(api.Now), false, nil
}

// gone tells whether the first object has gone: its successor may be there already.
func (d *deletion) gone(api *store.Client) bool {
	states, absent := d.vigil.news(api.View())
	return absent || slices.ContainsFunc(states, func(state store.Object) bool {
		return state == nil || state.GetUID() != d.uids[d.vigil.left[0]]
	})
}

// propagation is what kubectl's words for a cascade are in the API.
var propagation = map[string]string{"background": "Background", "foreground": "Foreground", "orphan": "Orphan"}

// deletable is an object that is to be deleted, and the file that names it, if one does.
type deletable struct {
	key  store.Key
	file string
}

func (d *deletion) ask(api *store.Client) error {
	if d.command.Force {
		d.terminal.Print("Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. " +
			"The resource may continue to run on the cluster indefinitely.")
	}
	named, err := d.named(api)
	if err != nil {
		return err
	}
	if outside := slices.ContainsFunc(named, func(n deletable) bool { return n.key.Namespace == "" }); outside && d.command.Namespace != "" {
		d.terminal.Print("Warning: deleting cluster-scoped resources, not scoped to the provided namespace")
	}
	var all []error
	for _, n := range named {
		live, _ := api.View().Object(n.key)
		err := api.Delete(n.key, store.DeleteOptions{GracePeriodSeconds: d.command.GracePeriod, Propagation: propagation[d.command.Cascade]})
		switch {
		case err == nil:
			d.tell(n.key)
			d.vigil.left, d.uids[n.key] = append(d.vigil.left, n.key), live.GetUID()
		case !d.command.IgnoreNotFound || !apierrors.IsNotFound(err):
			all = append(all, whileDoing("deleting", n.file, err))
		}
	}
	if len(named) == 0 {
		d.terminal.Print("No resources found")
	}
	return errors.Join(all...)
}

// named lists what is to be deleted. What is named is not looked for: the API server will say whether it is there.
func (d *deletion) named(api *store.Client) (all []deletable, err error) {
	for _, file := range d.command.Files {
		for _, obj := range d.terminal.Files(file) {
			key := store.KeyOf(obj)
			if d.command.Namespace != "" && key.Namespace != "" {
				key.Namespace = d.command.Namespace
			}
			all = append(all, deletable{key, file})
		}
	}
	for _, name := range d.command.Names {
		all = append(all, deletable{key: keyOf(name, cmp.Or(d.command.Namespace, d.terminal.Namespace))})
	}
	if len(d.command.Kinds) > 0 {
		found, err := objects(api, d.terminal, d.command.Objects)
		if err != nil {
			return nil, err
		}
		for _, obj := range found {
			all = append(all, deletable{key: store.KeyOf(obj)})
		}
	}
	return all, nil
}

// tell says that an object is deleted.
// Source: k8s.io/kubectl pkg/cmd/delete/delete.go:PrintObj.
func (d *deletion) tell(key store.Key) {
	kind := strings.ToLower(key.Kind.GroupVersionKind().GroupKind().String())
	done := "deleted"
	if d.command.GracePeriod != nil && *d.command.GracePeriod == 0 {
		done = "force deleted"
	}
	if key.Namespace != "" {
		done += " from " + key.Namespace + " namespace"
	}
	d.terminal.Print(fmt.Sprintf("%s %q %s", kind, key.Name, done))
}

// keyOf is the key of an object that a command names.
func keyOf(name kubectl.Name, namespace string) store.Key {
	kind := shown[name.Kind].kind
	if !kind.Namespaced() {
		namespace = ""
	}
	return store.Key{Kind: kind, Namespace: namespace, Name: name.Name}
}

// timeoutOn is the error of a wait for an object.
// Source: k8s.io/kubectl pkg/cmd/wait/condition.go:extendErrWaitTimeout.
func timeoutOn(key store.Key) error {
	return fmt.Errorf("%w on %s/%s", errTimeout, key.Kind.GroupResource().Resource, key.Name)
}
