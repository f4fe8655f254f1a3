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
	told       tally // the Kubernetes Events, for expressions that ask for them
	waiting    []*waiting
}

type invariant struct {
	check.Invariant
	judge check.Judge
}

// waiting is what begins when a condition holds.
type waiting struct {
	when  *scenarios.Expr
	reads variables
	begin func()
}

func newJudge(w *world) *judge {
	j := &judge{w: w, step: check.Step{Before: w.store.View()}}
	for _, i := range check.Invariants() {
		j.invariants = append(j.invariants, invariant{i, i.New()})
	}
	j.expectAll()
	return j
}

// readBy lists the variables of expressions that a change of a kind can touch.
var readBy = map[store.Kind]variables{
	store.Pod: pods | claims, store.StatefulSet: sets, store.Node: nodes, store.PersistentVolumeClaim: claims | pods,
	store.VolumeAttachment: claims,
	store.EndpointSlice:    services, store.Service: services, store.CronJob: cronJobs, store.Job: jobs,
}

// variables is a set of the variables of expressions.
type variables uint16

const (
	pods variables = 1 << iota
	sets
	nodes
	claims
	services
	clients
	peers
	events
	cronJobs
	jobs
	failures
	instant
)

var variablesByName = map[string]variables{
	"pods": pods, "sets": sets, "nodes": nodes, "claims": claims, "services": services, "clients": clients, "peers": peers, "events": events, "failovers": failures,
	"cronjobs": cronJobs, "jobs": jobs, "now": instant,
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
	j.touch(sets | peers)
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
	var refused *scenarios.Expr // several may wait for the same
	for i := 0; i < len(j.waiting); i++ {
		wait := j.waiting[i]
		if j.dirty&wait.reads == 0 || wait.when == refused {
			continue
		}
		if refused = wait.when; j.holds(wait.when) {
			refused = nil
			j.waiting = append(j.waiting[:i], j.waiting[i+1:]...)
			i--
			wait.begin()
		}
	}
	j.w.liveness.look(j.dirty)
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
			State: r.status.State, Term: r.status.Term, LastIndex: r.status.LastIndex, Log: r.peer.Chain(),
			Commit: r.status.Commit, Applied: r.status.Applied, Digest: r.status.Digest})
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

// end decides what is still open when the run is over.
func (j *judge) end() {
	j.endExpectations()
	if !j.w.rec.Interrupted {
		j.w.judgeSteps()
	}
}
