package sim

import (
	"context"
	"fmt"
	"maps"
	"time"

	"statefulsim/controller/store"
	"statefulsim/scenarios"
	"statefulsim/sim/engine"
	"statefulsim/volume"
)

// Options are what a run can be told beside its scenario.
type Options struct {
	Seed    uint64
	DataDir string // where the volumes' directories go, and stay; "" is a temporary place that is removed at the end

	// StopWhenDecided ends a run as soon as something broke and, if the scenario says in what time the world recovers, once it has
	// and nothing is to come.
	StopWhenDecided bool

	Bug string // the deliberate bug that the simulator is to have; "" is none
}

// Run runs a scenario in virtual time and returns what it left behind. When ctx is cancelled the run stops after the step
// that it is at, and the recording has what was reached.
//
// The error is scenarios.Problems if the scenario is at fault, *engine.Panic if the simulator is, and any other if the
// directory for volumes cannot be used.
func Run(ctx context.Context, s *scenarios.Scenario, o Options) (*Recording, error) {
	plant, err := plantBug(o.Bug)
	if err != nil {
		return nil, err
	}
	return runWith(ctx, s, o, plant)
}

// runWith is Run with a word to the world before it begins: tests break it there.
func runWith(ctx context.Context, s *scenarios.Scenario, o Options, prepare func(*world)) (*Recording, error) {
	if problems := Validate(s); len(problems) > 0 {
		return nil, problems
	}
	disks, err := volume.Open(o.DataDir, o.DataDir != "")
	if err != nil {
		return nil, err
	}
	var rec *Recording
	began := time.Now()
	err = engine.Bubble(o.Seed, func() {
		w := newWorld(s, o.Seed, disks)
		w.setUp()
		prepare(w)
		w.run(ctx, o.StopWhenDecided)
		w.finish()
		rec = w.rec
		w.shutDown()
	})
	wall := time.Since(began)
	if closed := disks.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, fmt.Errorf("scenario %s, seed %d: %w", s.Name, o.Seed, err)
	}
	rec.Wall = wall
	rec.Hash = hashOf(rec.Events)
	return rec, nil
}

// run takes steps until the scenario's time is over, or all is decided if that is to be the end.
func (w *world) run(ctx context.Context, stopWhenDecided bool) {
	for {
		w.settle()
		at, ok := w.loop.Head()
		switch {
		case ctx.Err() != nil:
			w.rec.Interrupted = true
			return
		case stopWhenDecided && w.broken:
			w.rec.Stopped = true
			return
		case stopWhenDecided && w.liveness.lost():
			w.liveness.end()
			w.rec.Stopped = true
			return
		case stopWhenDecided && w.liveness.mayStop():
			return
		case ok && at <= w.loop.Now() && at <= w.scenario.For:
			w.loop.Apply()
		case w.loop.Now() >= w.scenario.For:
			return
		case ok && at <= w.scenario.For:
			w.loop.Sleep(at)
		default:
			w.loop.Sleep(w.scenario.For)
		}
	}
}

// settle lets the peers run until all are quiet, takes in what they did, and judges the step that this ends.
func (w *world) settle() {
	w.loop.Settle()
	w.loop.Collect()
	w.collect()
	w.judge.after()
}

// finish decides what is still open and writes down how the world stands.
func (w *world) finish() {
	w.rec.Virtual = w.loop.Now()
	for _, c := range w.clients {
		w.rec.History = append(append(w.rec.History, c.history...), c.unanswered()...)
	}
	if !w.rec.Stopped {
		w.judgeEnd()
	}
	w.closeDoubles()
	for _, c := range w.clients {
		w.rec.Clients = append(w.rec.Clients, c.result)
	}
	for _, fact := range (facts{w}).Pods() {
		w.rec.Pods = append(w.rec.Pods, PodState{Namespace: fact.Namespace, Name: fact.Name, Node: fact.Node, Zone: fact.Zone, Phase: fact.Phase,
			Revision: fact.Revision, Volume: fact.Volume, Role: fact.Role, Ready: fact.Ready, Restarts: int32(fact.Restarts)})
	}
}

// judgeEnd decides what is still open.
func (w *world) judgeEnd() {
	w.judgeHistories(w.survivors())
	w.judge.end()
	if !w.rec.Interrupted {
		w.liveness.end()
		w.judgeBreaks()
	}
}

// survivors returns what the registers of all sets have taken in, oldest first: as the primary knows it or, while a set has
// none, as the peer knew it that ever applied most. A set without a primary may still have everything on its volumes.
func (w *world) survivors() map[string][]string {
	best := map[store.Key]*process{}
	for _, p := range w.everyMember() {
		if b := best[p.sandbox.set]; b == nil || p.program.(member).beats(b.program.(member)) {
			best[p.sandbox.set] = p
		}
	}
	maps.Copy(best, w.failovers.primaries)
	applied := map[string][]string{}
	for set, p := range best {
		for key, values := range p.program.(member).history() {
			applied[registerOf(set, key)] = values
		}
	}
	return applied
}

// shutDown ends every peer, and waits until their goroutines have ended: a bubble cannot close before.
func (w *world) shutDown() {
	for _, r := range w.peers {
		r.peer.Kill()
	}
	for _, r := range w.started {
		for !r.peer.Gone() {
			w.loop.Sleep(w.loop.Now() + time.Second)
			w.loop.Settle()
		}
	}
}
