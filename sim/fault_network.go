package sim

import (
	"slices"
	"time"

	"statefulsim/network"
	"statefulsim/scenarios"
)

// cut is what a peer that hears of nobody can blame while it lasts: a fault of the network, or a process that hangs.
type cut struct {
	name string
	a, b network.Side
	at   time.Duration
	seq  int
}

func (c *cut) touches(p network.Place) bool { return c.a.Has(p) || c.b.Has(p) }

// doToLinks makes a fault of the network.
func (w *world) doToLinks(action scenarios.Action, step string, seq int) (undo func(), err error) {
	switch a := action.(type) {
	case scenarios.Partition:
		return w.partition(a, step, seq)
	case scenarios.Hold:
		from, to, err := w.sides(a.From, a.To)
		if err != nil {
			return nil, err
		}
		w.net.Hold(step, from, to)
		return w.shown(Cut{Action: "hold", From: from, To: to}, step, seq, w.blamed(from, to, step, seq)), nil
	case scenarios.Degrade:
		from, to, err := w.sides(a.From, a.To)
		if err != nil {
			return nil, err
		}
		w.net.Degrade(step, from, to, network.Quality{Latency: a.Latency, Jitter: a.Jitter, Loss: a.Loss, Duplicate: a.Duplicate,
			Reorder: a.Reorder, Bandwidth: a.Bandwidth})
		return w.shown(Cut{Action: "degrade", From: from, To: to}, step, seq, func() { w.net.Heal(step) }), nil
	}
	return w.failDNS(action.(scenarios.FailDNS))
}

func (w *world) partition(a scenarios.Partition, step string, seq int) (undo func(), err error) {
	from, to, err := w.sides(a.From, a.To)
	if err != nil {
		return nil, err
	}
	var except network.Side
	if a.Except.Kind != "" {
		if except, err = w.side(a.Except); err != nil {
			return nil, err
		}
	}
	w.net.Cut(step, from, to, except, a.OneWay)
	return w.shown(Cut{Action: "partition", From: from, To: to, Except: except, OneWay: a.OneWay}, step, seq, w.blamed(from, to, step, seq)), nil
}

// shown keeps a fault of the network in the recording, and notes there when it ends.
func (w *world) shown(c Cut, step string, seq int, undo func()) func() {
	c.Step, c.At, c.Seq = step, w.loop.Now(), seq
	w.rec.Cuts = append(w.rec.Cuts, c)
	i := len(w.rec.Cuts) - 1
	return func() {
		w.rec.Cuts[i].Until = w.loop.Now()
		undo()
	}
}

// blamed remembers a fault between two sides as one that can be blamed for silence, and returns how it ends.
func (w *world) blamed(from, to network.Side, step string, seq int) (undo func()) {
	w.cuts = append(w.cuts, cut{step, from, to, w.loop.Now(), seq})
	return func() {
		w.cuts = slices.DeleteFunc(w.cuts, func(c cut) bool { return c.seq == seq && c.name == step })
		w.net.Heal(step)
		w.release(step)
	}
}
