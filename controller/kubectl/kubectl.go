// Package kubectl does what kubectl does when it is run: it asks the API server, waits where kubectl waits, and prints what
// kubectl prints, to its output and to its standard error alike.
// Source: k8s.io/kubectl pkg/cmd, one package a command.
package kubectl

import (
	"fmt"
	"time"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// Terminal is where a command runs.
type Terminal struct {
	Namespace string                           // of what the command names
	Files     func(name string) []store.Object // the objects of a manifest file that the command names; they are shared
	Print     func(line string)                // a line of the command's output
}

// Process is one command at work. It proceeds when it is begun, when the time that it asked for is over, and after each
// change that it hears of.
type Process interface {
	// Proceed does what is next. again > 0 asks for another call after that long; done says that the command has ended, with
	// err if it failed, worded as kubectl words it.
	Proceed(api *store.Client) (again time.Duration, done bool, err error)
	// Hear tells of a change of the API server's content, as a watch delivers it. Every change comes, in order.
	Hear(change store.Change)
}

// Start returns the process of a command. Nothing has happened yet when it returns.
func Start(command kubectl.Command, t Terminal) Process {
	switch c := command.(type) {
	case kubectl.Apply:
		return once(func(api *store.Client) error { return applyFiles(api, t, c) })
	case kubectl.Cordon:
		return once(func(api *store.Client) error { return cordon(api, t, c.Objects, !c.Off) })
	case kubectl.Delete:
		return &deletion{terminal: t, command: c}
	case kubectl.Drain:
		return &drain{terminal: t, command: c}
	case kubectl.Evict:
		return once(func(api *store.Client) error { return evict(api, t, c) })
	case kubectl.Get:
		if c.Watch || c.WatchOnly {
			return watch(c, t)
		}
		return once(func(api *store.Client) error { return get(api, t, c) })
	case kubectl.Label:
		return once(func(api *store.Client) error { return label(api, t, c) })
	case kubectl.Patch:
		return once(func(api *store.Client) error { return patch(api, t, c) })
	case kubectl.Rollout:
		if c.Verb == "status" {
			return &rolloutStatus{terminal: t, command: c}
		}
		return once(func(api *store.Client) error { return rollout(api, t, c) })
	case kubectl.Scale:
		return once(func(api *store.Client) error { return scale(api, t, c) })
	case kubectl.SetImage:
		return once(func(api *store.Client) error { return setImage(api, t, c) })
	case kubectl.Taint:
		return once(func(api *store.Client) error { return taint(api, t, c) })
	case kubectl.Wait:
		return &waiting{terminal: t, command: c}
	}
	panic(fmt.Sprintf("kubectl: no process for %T", command))
}

// once is a command that asks the API server once and ends.
type once func(api *store.Client) error

// Proceed does it.
func (f once) Proceed(api *store.Client) (time.Duration, bool, error) { return 0, true, worded(f(api)) }

// Hear has nothing to hear.
func (once) Hear(store.Change) {}
