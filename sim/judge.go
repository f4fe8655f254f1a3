package sim

import (
	"statefulsim/controller/store"
	"statefulsim/scenarios"
	"statefulsim/sim/check"
)

// judge watches a run: the invariants and the scenario's expectations, after every step.
type judge struct {
	w          *world
	invariants []invariant
	step       check.Step // what has changed since the last judgement
	peers      bool       // whether any peer changed
	dirty      variables  // what may have another value than after the step before
	pending    []*pending
	waiting    []*waiting
}

type invariant struct {
	check.Invariant
	judge check.Judge
}

// pending is an expectation that is not decided yet.
type pending struct {
	scenarios.Expectation
	reads   variables
	outcome *Outcome
}

// waiting is a step of the scenario that begins when a condition holds.
type waiting struct {
	step  *scenarios.Step
	reads variables
	begin func()
}

func newJudge(w *world) *judge {
	j := &judge{w: w, step: check.Step{Before: w.store.View()}}
	for _, i := range check.Invariants() {
		j.invariants = append(j.invariants, invariant{i, i.New()})
	}
	w.rec.Expectations = make([]Outcome, len(w.scenario.Expect))
	for i, e := range w.scenario.Expect {
		outcome := &w.rec.Expectations[i]
		outcome.Name = e.Name
		j.pending = append(j.pending, &pending{e, readsOf(e.That), outcome})
		if e.Mode == scenarios.AtInstant {
			w.loop.Push(e.At, func() { j.decideAt(e, outcome) })
		}
	}
	return j
}

// readBy lists the variables of expressions that a change of a kind can touch.
var readBy = map[store.Kind]variables{
	store.Pod: pods | claims, store.StatefulSet: sets, store.Node: nodes, store.PersistentVolumeClaim: claims | pods,
	store.EndpointSlice: services, store.Service: services,
}

// variables is a set of the variables of expressions.
type variables uint8

const (
	pods variables = 1 << iota
	sets
	nodes
	claims
	services
	clients
	failures
	instant
)

var variablesByName = map[string]variables{
	"pods": pods, "sets": sets, "nodes": nodes, "claims": claims, "services": services, "clients": clients, "failovers": failures,
	"now": instant,
}

// readsOf returns what an expression reads.
func readsOf(e *scenarios.Expr) (reads variables) {
	for _, name := range e.Uses() {
		reads |= variablesByName[name]
	}
	return reads
}

func (j *judge) changed(c store.Change) {
	j.step.Changes = append(j.step.Changes, c)
	j.touch(readBy[c.Kind])
}

// touch notes that variables of expressions may have other values now.
func (j *judge) touch(v variables) { j.dirty |= v }

func (j *judge) peersChanged() {
	j.peers = true
	j.touch(sets)
}

func (j *judge) started(p *process) { j.step.Started = append(j.step.Started, p.facts()) }

func (j *judge) stopped(p *process) { j.step.Stopped = append(j.step.Stopped, p.facts()) }

func (p *process) facts() check.Process {
	pod := p.sandbox.pod
	return check.Process{Namespace: pod.Namespace, Pod: pod.Name, UID: pod.UID, Node: p.sandbox.place.Node, Container: p.container, Started: p.started}
}

// disk notes that a disk was attached or detached.
func (j *judge) disk(id string) {
	j.step.Disks = append(j.step.Disks, check.Disk{Volume: j.w.volumes[id], Nodes: j.w.disks.AttachedTo(id)})
}

// after judges the step that was just taken.
func (j *judge) after() {
	if len(j.step.Changes) > 0 || len(j.step.Started) > 0 || len(j.step.Stopped) > 0 || len(j.step.Disks) > 0 || j.peers || j.step.Peers != nil {
		j.judgeInvariants()
	}
	j.step.Actor = ""
	j.judgeExpectations()
	for i := 0; i < len(j.waiting); i++ {
		wait := j.waiting[i]
		if j.dirty&wait.reads == 0 {
			continue
		}
		if j.holds(wait.step.When) {
			j.waiting = append(j.waiting[:i], j.waiting[i+1:]...)
			i--
			wait.begin()
		}
	}
	j.dirty = instant
}

func (j *judge) judgeInvariants() {
	w := j.w
	j.step.Now, j.step.After = w.loop.Now(), w.store.View()
	if j.peers {
		j.step.Peers = w.peerFacts()
	}
	for _, i := range j.invariants {
		for _, message := range i.judge(&j.step) {
			w.breach(Violation{Invariant: i.Name, Why: i.Why, At: w.loop.Now(), Message: message})
			// What was told last is, of what is known here, the nearest to what broke it.
			w.because(len(w.rec.Events), "invariant", func() {
				w.tell(Event{Verb: "violate", Kind: "Invariant", Name: i.Name, Reason: "Violated", Detail: message, Level: Headline})
			})
		}
	}
	w.frame()
	j.step = check.Step{Before: j.step.After}
	j.peers = false
}

func (w *world) peerFacts() []check.Peer {
	all := make([]check.Peer, 0, len(w.peers))
	for _, r := range w.peers {
		pod := r.process.sandbox.pod
		all = append(all, check.Peer{Set: r.set.Namespace + "/" + r.set.Name, Pod: pod.Namespace + "/" + pod.Name, Started: r.process.started,
			State: r.status.State, Term: r.status.Term, Commit: r.status.Commit, Applied: r.status.Applied, Digest: r.status.Digest})
	}
	return all
}

// frame adds a frame to the recording.
func (w *world) frame() {
	f := Frame{At: w.loop.Now(), Seq: len(w.rec.Events), Store: w.judge.step.After}
	if last := len(w.rec.Frames) - 1; !w.judge.peers && last >= 0 {
		f.Raft = w.rec.Frames[last].Raft
	} else {
		for _, r := range w.peers {
			s := r.status
			f.Raft = append(f.Raft, PeerState{Pod: r.id, Role: s.State, Leader: s.LeaderID, Term: s.Term, LastIndex: s.LastIndex, Commit: s.Commit, Applied: s.Applied})
		}
	}
	w.rec.Frames = append(w.rec.Frames, f)
}

func (j *judge) judgeExpectations() {
	now := j.w.loop.Now()
	for i := 0; i < len(j.pending); i++ {
		p := j.pending[i]
		if p.Mode == scenarios.Finally || p.Mode == scenarios.AtInstant {
			continue
		}
		if p.Mode == scenarios.Eventually && p.By > 0 && now > p.By {
			j.decide(i, false, "did not hold by "+seconds(p.By)+": "+p.That.Seen(facts{j.w}))
			i--
			continue
		}
		if j.dirty&p.reads == 0 {
			continue
		}
		holds := j.holds(p.That)
		switch {
		case p.Mode == scenarios.Eventually && holds:
			j.decide(i, true, "")
			i--
		case p.Mode == scenarios.Always && !holds, p.Mode == scenarios.Never && holds:
			j.decide(i, false, p.That.Seen(facts{j.w}))
			i--
		}
	}
}

// holds judges an expression; one that cannot be judged does not hold.
func (j *judge) holds(e *scenarios.Expr) bool {
	holds, err := e.Holds(facts{j.w})
	return err == nil && holds
}

// verdict judges an expression, and says what it saw if it does not hold.
func (j *judge) verdict(e *scenarios.Expr) (bool, string) {
	if j.holds(e) {
		return true, ""
	}
	return false, e.Seen(facts{j.w})
}

// decide gives the i-th pending expectation its verdict.
func (j *judge) decide(i int, passed bool, message string) {
	p := j.pending[i]
	j.pending = append(j.pending[:i], j.pending[i+1:]...)
	j.conclude(p.outcome, passed, message)
}

func (j *judge) conclude(o *Outcome, passed bool, message string) {
	o.Passed, o.At, o.Message = passed, j.w.loop.Now(), message
	reason := map[bool]string{true: "Passed", false: "Failed"}[passed]
	j.w.because(0, "expectation", func() {
		j.w.tell(Event{Verb: "judge", Kind: "Expectation", Name: o.Name, Reason: reason, Detail: message, Level: Headline})
	})
}

func (j *judge) decideAt(e scenarios.Expectation, o *Outcome) {
	holds, saw := j.verdict(e.That)
	j.conclude(o, holds, saw)
}

// end decides what is still open when the run is over.
func (j *judge) end() {
	for len(j.pending) > 0 {
		p := j.pending[0]
		switch p.Mode {
		case scenarios.AtInstant:
			j.pending = j.pending[1:]
			if p.At > j.w.loop.Now() {
				j.conclude(p.outcome, false, "the run ended before "+seconds(p.At))
			}
		case scenarios.Never:
			if j.holds(p.That) {
				j.decide(0, false, p.That.Seen(facts{j.w}))
			} else {
				j.decide(0, true, "")
			}
		default:
			holds, saw := j.verdict(p.That)
			j.decide(0, holds, saw)
		}
	}
	if j.w.rec.Interrupted {
		return
	}
	for i, begun := range j.w.begun {
		if step := j.w.scenario.Steps[i]; !begun {
			j.w.violate(stepRefused, "the step at "+step.Pos.String()+" never began: "+step.When.String()+" did not hold early enough")
		}
	}
}
