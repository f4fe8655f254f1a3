package story

import (
	"time"

	"statefulsim/controller/store"
	"statefulsim/sim"
)

// lanesOf draws the lanes: it walks over the events once, and looks at an object when an event is about it, as it stood after the
// step of that event: in the first frame that is not before it or, if that step changed nothing, in the last one before it.
func lanesOf(rec *sim.Recording) []Lane {
	l, frame := newLoom(rec), -1
	for i := range rec.Events {
		e := &rec.Events[i]
		for frame+1 < len(rec.Frames) && rec.Frames[frame+1].At <= e.At && (frame < 0 || rec.Frames[frame].Seq < e.Seq) {
			frame++
			l.view = rec.Frames[frame].Store
			l.peers(frame)
		}
		l.at, l.seq = e.At, e.Seq
		l.hear(e)
	}
	l.tieOff()
	return l.lanes()
}

// loom is what lanesOf weaves the lanes on.
type loom struct {
	rec  *sim.Recording
	at   time.Duration
	seq  int         // the event
	view *store.View // after its step

	nodes, pods, claims, leaders, faults threads

	down        map[string]string // what ended a node's machine; "" for one that runs
	lives       map[string]life   // by pod
	attachments attachments
	leading     map[string]*leadership // by set
	served      map[string]lead        // by instance: the last time that it led
	lasting     map[string]bool        // the names of the steps that last
}

func newLoom(rec *sim.Recording) *loom {
	return &loom{
		rec: rec, view: &store.View{},
		nodes: threads{}, pods: threads{}, claims: threads{}, leaders: threads{}, faults: threads{},
		down: map[string]string{}, lives: map[string]life{},
		attachments: attachments{claims: map[string]string{}, of: map[string][]string{}},
		leading:     map[string]*leadership{}, served: map[string]lead{},
		lasting: lastingSteps(rec.Scenario),
	}
}

// hear takes in an event.
func (l *loom) hear(e *sim.Event) {
	switch e.Kind {
	case "Pod":
		l.pod(e.Name)
	case "Container":
		l.container(e)
	case "Node":
		l.node(e.Name)
	case "Machine":
		l.machine(e)
	case "PersistentVolumeClaim":
		l.claim(e.Name)
	case "PersistentVolume":
		l.volume(e.Name)
	case "VolumeAttachment":
		l.attachment(e.Name)
	case "Instance", "Primary":
		l.leader(e)
	case "Step":
		l.step(e)
	}
}

// become lets a thing be in a state from the event on.
func (l *loom) become(kind threads, name string, state State, text string) {
	kind.named(name).become(Span{From: l.at, State: state, Text: text, Seq: l.seq})
}

// end lets a thing be gone from the event on.
func (l *loom) end(kind threads, name string) {
	if t := kind[name]; t != nil {
		t.end(l.at)
	}
}

// tieOff ends all lanes with the run.
func (l *loom) tieOff() {
	for _, all := range []threads{l.nodes, l.pods, l.claims, l.leaders, l.faults} {
		for _, t := range all {
			t.end(l.rec.Virtual)
		}
	}
}

// lanes takes the lanes off the loom.
func (l *loom) lanes() (lanes []Lane) {
	lanes = l.nodes.appendTo(lanes, NodeLane)
	lanes = l.pods.appendTo(lanes, PodLane)
	lanes = l.claims.appendTo(lanes, VolumeLane)
	lanes = l.leaders.appendTo(lanes, LeaderLane)
	return l.faults.appendTo(lanes, FaultLane)
}
