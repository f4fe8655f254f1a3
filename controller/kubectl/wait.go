package kubectl

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// waiting is `wait`: for one object after the other, it waits for one condition after the other.
// Source: k8s.io/kubectl pkg/cmd/wait/wait.go:RunWaitContext.
type waiting struct {
	terminal   Terminal
	command    kubectl.Wait
	begun      bool
	found      bool
	deadline   deadline
	vigil      vigil
	conditions []kubectl.Condition // that the first object has still to meet
	failed     []error
}

// creationPoll is how often kubectl looks whether an object has been created.
const creationPoll = 500 * time.Millisecond

// Hear takes in what the watch on the object delivers that is waited for.
func (w *waiting) Hear(change store.Change) { w.vigil.hear(change) }

// Proceed finds the objects, and then sees which conditions they meet.
func (w *waiting) Proceed(api *store.Client) (again time.Duration, done bool, err error) {
	if !w.begun {
		w.begun, w.deadline = true, within(api.Now, w.command.Timeout)
	}
	if !w.found {
		missing := w.find(api)
		switch {
		case missing == nil:
		case !w.isFor("create"):
			return 0, true, worded(missing)
		case w.late(api):
			return 0, true, worded(errTimeout)
		default:
			return min(creationPoll, w.deadline.left(api.Now)), false, nil
		}
	}
	for len(w.vigil.left) > 0 {
		if !w.step(api) {
			return w.deadline.left(api.Now), false, nil
		}
	}
	return 0, true, worded(errors.Join(w.failed...))
}

// find lists the objects to wait for. One that is not there is as good as deleted.
func (w *waiting) find(api *store.Client) error {
	found, missing := objects(api, w.terminal, w.command.Objects)
	switch {
	case w.isFor("delete"):
		missing = nil
	case missing != nil && (len(found) == 0 || w.isFor("create")):
		return missing
	case len(found) == 0:
		return errors.New("no matching resources found")
	}
	for _, obj := range found {
		w.vigil.left = append(w.vigil.left, store.KeyOf(obj))
	}
	w.found, w.conditions, w.failed = true, w.command.For, []error{missing}
	return nil
}

func (w *waiting) isFor(kind string) bool {
	return slices.ContainsFunc(w.command.For, func(c kubectl.Condition) bool { return c.Kind == kind })
}

// late tells whether no more is waited. Without a timeout kubectl looks once.
func (w *waiting) late(api *store.Client) bool {
	return w.command.Timeout == 0 || w.deadline.over(api.Now)
}

// step sees whether the first object meets its next condition. false says that there is nothing to do but wait.
func (w *waiting) step(api *store.Client) bool {
	key, condition := w.vigil.left[0], w.conditions[0]
	if !w.vigil.listed && w.deadline.over(api.Now) {
		return w.fail(timeoutOn(key)) // kubectl does not look any more
	}
	states, absent := w.vigil.news(api.View())
	if absent {
		states = []store.Object{nil}
	}
	for _, state := range states {
		met, err := meets(state, condition)
		switch {
		case absent && !met:
			return w.fail(notFound(key.Kind, key.Name))
		case err != nil:
			return w.fail(err)
		case met:
			w.terminal.Print(strings.ToLower(key.Kind.GroupVersionKind().GroupKind().String()) + "/" + key.Name + " condition met")
			return w.met()
		}
	}
	switch {
	case w.command.Timeout == 0:
		return w.fail(fmt.Errorf("condition not met for %s/%s", key.Kind.GroupResource().Resource, key.Name))
	case w.late(api):
		return w.fail(timeoutOn(key))
	}
	return false
}

// met goes on to the next condition, and after the last to the next object.
func (w *waiting) met() bool {
	if w.conditions = w.conditions[1:]; len(w.conditions) > 0 {
		w.vigil.again()
		return true
	}
	return w.onward()
}

// fail gives an object up.
func (w *waiting) fail(err error) bool {
	w.failed = append(w.failed, err)
	return w.onward()
}

func (w *waiting) onward() bool {
	w.vigil.next()
	w.conditions = w.command.For
	return true
}
