package sim

import (
	"fmt"
	"strconv"
	"strings"
	"time"

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
		if command, ok := step.Do.(scenarios.Kubectl); ok {
			w.kubectl(command, name, func(err error) { w.because(seq, "step", func() { w.answered(step, name, err) }) })
		} else if err := w.do(step.Do, name, seq); err != nil {
			w.refused(step, name, err)
			return
		}
		if step.For > 0 {
			w.after(step.For, func() { w.heal(name) })
		}
	})
}

// answered takes in how a command ended.
func (w *world) answered(step *scenarios.Step, name string, err error) {
	switch {
	case err == nil && step.Fails != "":
		w.violate(stepRefused, "the step at "+step.Pos.String()+" was to fail with "+strconv.Quote(step.Fails)+", and did not")
	case err != nil && step.Fails != "" && strings.Contains(err.Error(), step.Fails):
		w.tell(Event{Verb: "fail", Kind: "Step", Name: name, Reason: "RefusedAsExpected", Detail: err.Error(), Level: Headline})
	case err != nil:
		w.refused(step, name, err)
	}
}

func (w *world) refused(step *scenarios.Step, name string, err error) {
	w.tell(Event{Verb: "fail", Kind: "Step", Name: name, Reason: "Refused", Detail: err.Error(), Level: Headline})
	w.violate(stepRefused, "the step at "+step.Pos.String()+" could not be done: "+err.Error())
}

func (w *world) do(action scenarios.Action, name string, seq int) error {
	switch a := action.(type) {
	case scenarios.Kill:
		return w.kill(a)
	case scenarios.Crash:
		return w.down(a.Target, outage{step: name})
	case scenarios.Reboot:
		return w.down(a.Target, outage{step: name, reboot: true})
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
	for _, m := range w.machines {
		if m.down != nil && m.down.step != "" {
			w.heal(m.down.step)
		}
	}
}

// heal ends a step's fault: what was cut is joined, what was held is sent on, a machine that lost its power gets it back, a
// command that still runs is broken off.
func (w *world) heal(name string) {
	for _, t := range w.terminals {
		if t.step == name {
			t.close()
			return
		}
	}
	machines := w.downBy(name)
	if !w.net.Heal(name) && len(machines) == 0 {
		return
	}
	for i := range w.cuts {
		if w.cuts[i].name == name {
			w.cuts = append(w.cuts[:i], w.cuts[i+1:]...)
			break
		}
	}
	seq := w.tell(Event{Verb: "heal", Kind: "Step", Name: name, Reason: "Healed", Level: Headline})
	w.healed = seq
	w.because(seq, "step", func() {
		w.release(name)
		for _, m := range machines {
			m.restore()
		}
	})
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
