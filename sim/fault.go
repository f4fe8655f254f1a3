package sim

import (
	"fmt"
	"slices"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
)

// fault is something that a step did and that lasts until it is healed.
type fault struct {
	step string
	undo func()
}

// inForce is the faults of one kind that last and are looked up when they matter, oldest first.
type inForce[T any] []*T

// begin adds a fault, and returns how it ends.
func (s *inForce[T]) begin(f T) (end func()) {
	added := &f
	*s = append(*s, added)
	return func() { *s = slices.DeleteFunc(*s, func(other *T) bool { return other == added }) }
}

// injected are the faults that change what happens later: a process that is started, a probe that asks, a name that is looked up.
type injected struct {
	crashLoops inForce[container]
	slowStarts inForce[slowStart]
	probes     inForce[probeFault]
	pulls      inForce[pullFault]
	names      inForce[dnsFault]
	components inForce[componentFault]
	storage    inForce[storageFault]
	timers     map[store.Key]*timers // by set
}

// inject does what a step says, and remembers how that ends if it lasts.
func (w *world) inject(action scenarios.Action, step string, seq int) error {
	undo, err := w.do(action, step, seq)
	if err == nil && undo != nil {
		w.faults = append(w.faults, fault{step, undo})
	}
	return err
}

// do does what a step says at this instant. undo ends what lasts, and is nil for what does not. seq is the event of the step.
func (w *world) do(action scenarios.Action, step string, seq int) (undo func(), err error) {
	switch a := action.(type) {
	case scenarios.Crash, scenarios.Reboot, scenarios.RestartKubelet:
		return w.doToMachines(a, step)
	case scenarios.FailPull:
		return w.failPull(a)
	case scenarios.Partition, scenarios.Hold, scenarios.Degrade, scenarios.FailDNS:
		return w.doToLinks(a, step, seq)
	case scenarios.Disk:
		return w.spoilDisks(a, step)
	case scenarios.Storage:
		return w.spoilStorage(a)
	case scenarios.Stop:
		return w.stopComponent(a.Component)
	case scenarios.Slow:
		return w.slowComponent(a.Component, a.By)
	case scenarios.Stale:
		return w.staleComponent(a.Component)
	case scenarios.Heal:
		w.healSteps(a.Step)
		return nil, nil
	}
	return w.doToPods(action, step, seq)
}

// doToPods does what a step says to pods and their containers.
func (w *world) doToPods(action scenarios.Action, step string, seq int) (undo func(), err error) {
	switch a := action.(type) {
	case scenarios.Kill:
		return nil, w.kill(a.Target, a.Container, "Error")
	case scenarios.OOMKill:
		return nil, w.kill(a.Target, a.Container, "OOMKilled")
	case scenarios.CrashLoop:
		return w.crashLoop(a)
	case scenarios.Hang:
		return w.hang(a, step, seq)
	case scenarios.SlowStart:
		return w.slowStart(a)
	case scenarios.FailProbe:
		return w.failProbe(a)
	case scenarios.SlowProbe:
		return w.slowProbe(a)
	case scenarios.Evict:
		return nil, w.evict(a.Target)
	case scenarios.NodePressureEvict:
		return nil, w.nodePressureEvict(a)
	case scenarios.TransferLeadership:
		return nil, w.transferLeadership(a.Target)
	case scenarios.Timers:
		return w.setTimers(a)
	}
	panic(fmt.Sprintf("sim: no way to do %T", action))
}

// healSteps ends the faults of the step of that name, or with "" of all steps, oldest first. What comes again and again does not
// come again.
func (w *world) healSteps(name string) {
	w.endRepetition(name)
	if name != "" {
		w.heal(name)
		return
	}
	for len(w.faults) > 0 {
		w.heal(w.faults[0].step)
	}
}

// heal ends a step's faults: what was cut is joined, what was held is sent on, a machine that lost its power gets it back, a
// command that still runs is broken off.
func (w *world) heal(step string) {
	for _, t := range w.terminals {
		if t.step == step {
			t.close()
			w.ended(step)
			return
		}
	}
	var over, rest []fault
	for _, f := range w.faults {
		if f.step == step {
			over = append(over, f)
		} else {
			rest = append(rest, f)
		}
	}
	if len(over) == 0 {
		return
	}
	w.faults = rest
	seq := w.tell(Event{Verb: "heal", Kind: "Step", Name: step, Reason: "Healed", Level: Headline})
	w.healed = seq
	w.liveness.disturbed()
	w.because(seq, "step", func() {
		for _, f := range over {
			f.undo()
		}
		w.ended(step)
	})
}
