package sim

import (
	"errors"
	"fmt"

	"statefulsim/scenarios"
)

// successor is a member of a set to which the set's primary can hand over.
type successor interface {
	// takeOver has the primary, which is another, hand over to the member. The error says why that cannot be begun.
	takeOver(primary *process) error
}

// transferLeadership has the primary of a pod's set hand over to the pod.
func (w *world) transferLeadership(t scenarios.Target) error {
	processes, err := w.processes(t, "")
	switch {
	case err != nil:
		return err
	case len(processes) > 1:
		return fmt.Errorf("%s is %d pods, and one alone can lead", t.Text, len(processes))
	}
	p := processes[0]
	heir, can := p.program.(successor)
	primary := w.failovers.primaries[p.sandbox.set]
	switch {
	case !can:
		return fmt.Errorf("pod %s is of no set that has a primary", p.sandbox.name())
	case primary == nil:
		return errors.New("the set " + p.sandbox.set.Name + " has no primary now")
	case primary == p:
		return errors.New("pod " + p.sandbox.name() + " is the primary already")
	}
	return heir.takeOver(primary)
}

func (r *raftPeer) takeOver(primary *process) error {
	leader := primary.program.(*raftPeer)
	if r.peer == nil {
		return errors.New("pod " + r.id + " belongs to no cluster yet")
	}
	leader.touch()
	leader.peer.TransferLeadershipTo(r.id, r.address)
	return nil
}
