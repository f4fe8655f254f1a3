package sim

import (
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/network"
	"statefulsim/scenarios"
)

// cut is a fault of the network that lasts: it is what a peer that hears of nobody can blame.
type cut struct {
	name string
	a, b network.Side
	at   time.Duration
	seq  int
}

func (c *cut) touches(p network.Place) bool { return c.a.Has(p) || c.b.Has(p) }

// stepRefused is the invariant that a scenario breaks whose step cannot be done, or never begins.
const stepRefused = "every-step-happens"

// schedule queues the scenario's steps: those of an instant, and those that wait for a condition.
func (w *world) schedule() {
	w.begun = make([]bool, len(w.scenario.Steps))
	for i := range w.scenario.Steps {
		step := &w.scenario.Steps[i]
		name := step.Name
		if name == "" {
			name = fmt.Sprintf("step %d", i+1)
		}
		begin := func() {
			w.begun[i] = true
			w.because(0, "step", func() { w.begin(step, name) })
		}
		if step.When == nil {
			w.loop.Push(step.At, begin)
			continue
		}
		w.judge.waiting = append(w.judge.waiting, &waiting{step, readsOf(step.When), func() { w.loop.Push(w.loop.Now()+step.After+1, begin) }})
	}
}

// begin carries out a step, and queues its end if it has one.
func (w *world) begin(step *scenarios.Step, name string) {
	seq := w.tell(Event{Verb: "begin", Kind: "Step", Name: name, Reason: "Step", Detail: step.Do.String(), Level: Headline})
	w.because(seq, "step", func() {
		if err := w.do(step.Do, name, seq); err != nil {
			w.tell(Event{Verb: "fail", Kind: "Step", Name: name, Reason: "Refused", Detail: err.Error(), Level: Headline})
			w.violate(stepRefused, "the step at "+step.Pos.String()+" could not be done: "+err.Error())
			return
		}
		if step.For > 0 {
			w.after(step.For, func() { w.heal(name) })
		}
	})
}

func (w *world) do(action scenarios.Action, name string, seq int) error {
	switch a := action.(type) {
	case scenarios.Kubectl:
		return w.kubectl(a.Do)
	case scenarios.Kill:
		return w.kill(a)
	case scenarios.Partition:
		return w.between(a.From, a.To, name, seq, func(from, to network.Side) { w.net.Cut(name, from, to, a.OneWay) })
	case scenarios.Hold:
		return w.between(a.From, a.To, name, seq, func(from, to network.Side) { w.net.Hold(name, from, to) })
	case scenarios.Degrade:
		from, to, err := w.sides(a.From, a.To)
		if err == nil {
			w.net.Degrade(name, from, to, a.Latency, a.Jitter, a.Loss, a.Duplicate)
		}
		return err
	case scenarios.Heal:
		w.healAll(a.Step)
		return nil
	}
	panic(fmt.Sprintf("sim: no way to do %T", action))
}

// between makes a fault between two sides, and remembers it as one that can be blamed.
func (w *world) between(a, b scenarios.Target, name string, seq int, make func(from, to network.Side)) error {
	from, to, err := w.sides(a, b)
	if err != nil {
		return err
	}
	make(from, to)
	w.cuts = append(w.cuts, cut{name, from, to, w.loop.Now(), seq})
	return nil
}

func (w *world) healAll(name string) {
	if name != "" {
		w.heal(name)
		return
	}
	for _, rule := range w.net.Rules() {
		w.heal(rule.Name)
	}
}

// heal ends a step's fault: what was cut is joined, what was held is sent on.
func (w *world) heal(name string) {
	if !w.net.Heal(name) {
		return
	}
	for i := range w.cuts {
		if w.cuts[i].name == name {
			w.cuts = append(w.cuts[:i], w.cuts[i+1:]...)
			break
		}
	}
	seq := w.tell(Event{Verb: "heal", Kind: "Step", Name: name, Reason: "Healed", Level: Headline})
	w.because(seq, "step", func() { w.release(name) })
}

func (w *world) kill(a scenarios.Kill) error {
	pods, err := w.pods(a.Target)
	if err != nil {
		return err
	}
	for _, s := range pods {
		container := a.Container
		if container == "" {
			container = s.main
		}
		p := s.processes[container]
		if p == nil {
			return fmt.Errorf("container %s of pod %s is not running", container, s.name())
		}
		p.crash()
	}
	return nil
}

// kubectl does what kubectl would: it asks the API server.
func (w *world) kubectl(command any) error {
	var err error
	w.because(w.cause, "kubectl", func() {
		switch a := command.(type) {
		case scenarios.Scale:
			err = w.edit(a.Set, func(set *appsv1.StatefulSet) error { set.Spec.Replicas = &a.Replicas; return nil })
		case scenarios.SetImage:
			err = w.edit(a.Set, func(set *appsv1.StatefulSet) error { return setImage(set, a.Container, a.Image) })
		case scenarios.Patch:
			err = w.edit(a.Set, func(set *appsv1.StatefulSet) error { return patch(set, a.Merge) })
		case scenarios.Delete:
			err = w.delete(a)
		default:
			panic(fmt.Sprintf("sim: no way to do kubectl %T", command))
		}
	})
	return err
}

func (w *world) edit(name string, change func(*appsv1.StatefulSet) error) error {
	api := w.api()
	set, ok := store.Get[*appsv1.StatefulSet](api.View(), corev1.NamespaceDefault, name)
	if !ok {
		return fmt.Errorf("statefulsets.apps %q not found", name)
	}
	update := set.DeepCopy()
	if err := change(update); err != nil {
		return err
	}
	_, err := api.Update(update)
	return err
}

func setImage(set *appsv1.StatefulSet, container, image string) error {
	for i := range set.Spec.Template.Spec.Containers {
		if c := &set.Spec.Template.Spec.Containers[i]; c.Name == container {
			c.Image = image
			return nil
		}
	}
	return fmt.Errorf("unable to find container named %q", container)
}

// deletable are the kinds that kubectl can be told to delete.
var deletable = map[string]store.Kind{
	"Pod": store.Pod, "StatefulSet": store.StatefulSet, "PersistentVolumeClaim": store.PersistentVolumeClaim,
}

func (w *world) delete(a scenarios.Delete) error {
	kind, ok := deletable[a.Kind]
	if !ok {
		panic("sim: cannot delete a " + a.Kind)
	}
	return w.api().Delete(store.Key{Kind: kind, Namespace: corev1.NamespaceDefault, Name: a.Name},
		store.DeleteOptions{GracePeriodSeconds: a.GracePeriod, Propagation: propagation[a.Cascade]})
}

var propagation = map[string]string{"": "Background", "background": "Background", "foreground": "Foreground", "orphan": "Orphan"}
