package sim

import (
	"fmt"

	"statefulsim/scenarios"
)

// fault is something that a step did and that lasts until it is healed.
type fault struct {
	step string
	undo func()
}

// inflict does what a step says, and remembers how that ends if it lasts.
func (w *world) inflict(action scenarios.Action, step string, seq int) error {
	undo, err := w.do(action, step, seq)
	if err == nil && undo != nil {
		w.faults = append(w.faults, fault{step, undo})
	}
	return err
}

// do does what a step says at this instant. undo ends what lasts, and is nil for what does not. seq is the event of the step.
func (w *world) do(action scenarios.Action, step string, seq int) (undo func(), err error) {
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
	case scenarios.FailPull:
		return w.failPull(a)
	case scenarios.Evict:
		return nil, w.evict(a.Target)
	case scenarios.NodePressureEvict:
		return nil, w.nodePressureEvict(a)
	case scenarios.TransferLeadership:
		return nil, w.transferLeadership(a.Target)
	case scenarios.Crash, scenarios.Reboot, scenarios.RestartKubelet:
		return w.doToMachines(a, step)
	case scenarios.Partition, scenarios.Hold, scenarios.Degrade, scenarios.FailDNS:
		return w.doToLinks(a, step, seq)
	case scenarios.Disk:
		return w.spoilDisks(a, step)
	case scenarios.Storage:
		return w.spoilStorage(a, step)
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
