package sim

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/kubectl"
	"statefulsim/controller/store"
	"statefulsim/scenarios"
	"statefulsim/sim/engine"
)

// terminal is a kubectl at work, and where it prints.
type terminal struct {
	w       *world
	step    string
	cause   int
	process kubectl.Process
	next    *engine.Event
	last    time.Duration // the latest change on its way: changes arrive in their order
	ended   func(err error)
}

// kubectl runs a command. ended hears how it ended, at once or later.
func (w *world) kubectl(a scenarios.Kubectl, step string, ended func(err error)) {
	t := &terminal{w: w, step: step, cause: w.cause, ended: ended}
	t.process = kubectl.Start(a.Do, kubectl.Terminal{Namespace: corev1.NamespaceDefault, Files: filesOf(a), Print: t.print})
	w.terminals = append(w.terminals, t)
	t.tell("type", "kubectl "+strings.TrimPrefix(a.Line, "kubectl "))
	if by := w.slowness(apiServer); by > 0 {
		t.next = w.loop.Push(w.loop.Now()+by, t.proceed)
		return
	}
	t.proceed()
}

// filesOf finds the objects in the files that a command names.
func filesOf(a scenarios.Kubectl) func(name string) []store.Object {
	return func(name string) (objects []store.Object) {
		for _, m := range a.Files[name] {
			objects = append(objects, m.Object)
		}
		return objects
	}
}

func (t *terminal) print(line string) { t.tell("print", line) }

func (t *terminal) tell(verb, line string) {
	t.w.tell(Event{Verb: verb, Kind: "Terminal", Name: t.step, Detail: line, Level: Normal})
}

// proceed lets the command do what is next.
func (t *terminal) proceed() {
	if t.next != nil {
		t.next.Cancel()
		t.next = nil
	}
	t.w.because(t.cause, "kubectl", func() {
		api := t.w.api()
		again, done, err := time.Duration(0), true, kubectl.Unreachable(apiServerAddress)
		if api.Down == nil {
			again, done, err = t.process.Proceed(api)
		}
		switch {
		case done:
			if err != nil {
				for line := range strings.SplitSeq(err.Error(), "\n") {
					t.print(line)
				}
			}
			t.close()
			t.ended(err)
		case again > 0:
			t.next = t.w.loop.Push(t.w.loop.Now()+again, t.proceed)
		}
	})
}

// watch sends a change to the command.
func (t *terminal) watch(c store.Change) {
	at := max(t.w.loop.Now()+t.w.latency("watch", "kubectl")+t.w.slowness(apiServer), t.last+1)
	t.last = t.w.loop.Push(at, func() {
		if t.process == nil {
			return
		}
		t.process.Hear(c)
		t.proceed()
	}).At
}

// close ends the command, as Ctrl-C does.
func (t *terminal) close() {
	if t.next != nil {
		t.next.Cancel()
	}
	t.process = nil
	w := t.w
	for i := range w.terminals {
		if w.terminals[i] == t {
			w.terminals = append(w.terminals[:i:i], w.terminals[i+1:]...)
			return
		}
	}
}
