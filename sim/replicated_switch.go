package sim

import (
	"errors"
	"time"
)

// takeOver has the primary of its set hand over to the instance: it takes no more writes, waits until the instance has all, and asks
// the operator.
func (i *instance) takeOver(primary *process) error {
	old, ok := primary.program.(*instance)
	if !ok || !i.running() || !i.caughtUp || i.halted != nil {
		return errors.New("pod " + i.id + " cannot take over: it does not follow the primary")
	}
	w := i.world()
	w.because(w.cause, old.actor(), func() { old.yield(i) })
	return nil
}

// The pace of a primary that hands over and stays.
const (
	yieldLook    = 10 * time.Millisecond // how often it looks whether the heir has all
	yieldTimeout = 10 * time.Second      // when it goes on as the primary, if nothing has come of it
)

// yield takes no more writes, and hands over when the heir has all.
func (i *instance) yield(heir *instance) {
	w, life, pod := i.world(), i.life, heir.process.sandbox.pod
	i.yielding = true
	i.stand("it hands over to " + heir.id)
	w.after(yieldTimeout, func() {
		if !i.over(life) {
			i.yielding = false
			i.stand("")
		}
	})
	var look func()
	look = func() {
		switch {
		case i.over(life) || !i.yielding || i.stopping:
		case i.has[ordinalOf(pod)] < len(i.log.entries):
			w.after(yieldLook, look)
		default:
			i.handOver(pod.Name, func() {})
		}
	}
	look()
}
