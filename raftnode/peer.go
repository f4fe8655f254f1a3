// Package raftnode runs one real hashicorp/raft peer, with its log in bolt, inside a bubble of virtual time. The peer knows
// nothing of the world but two seams: a wire, which turns every call into a Message and takes messages in, and a disk, each
// use of which takes a drawn time.
//
// A peer lives on goroutines of its own. What a caller does to it returns at once, never waiting on virtual time, and is to
// come from one goroutine, one thing in an instant, after everything in the bubble has settled. Then a peer does the same
// things in the same instants whenever it meets the same messages, draws and seed of math/rand's global source: wherever raft
// would leave a choice to Go's scheduler, the wire, the gate before raft's main goroutine and the logger take it away.
package raftnode

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

// logCacheSize is how many entries raft finds in memory, as many as in Consul.
const logCacheSize = 512

// Peer is a raft peer: a process that runs, or is about to, or has ended.
type Peer struct {
	config  Config
	conf    *raft.Config
	timeout time.Duration

	dead chan struct{} // closed by Kill
	kill sync.Once
	gone atomic.Bool

	gate      *gate
	wire      *wire
	disk      *disk
	log       *mainLog
	chain     *Chain
	registers *registers
	reads     reads

	raft         atomic.Pointer[raft.Raft] // nil while the peer starts
	serving      atomic.Uint64             // the term in which this peer, as its leader, has applied a barrier
	changing     atomic.Bool               // a change of the configuration is under way
	transferring atomic.Bool               // it is handing its leadership over

	retimed bool // its timeouts are others than it was configured with; only SetTimeouts and Deliver touch it

	// What only Deliver and Status touch.
	learned struct{ term, commit uint64 } // what the leader of that term had committed when it was first heard
	voters  struct {
		configured uint64 // the disk's count when they were read
		ids        []string
	}
}

// Start begins to run a peer. It fails at once only for a configuration that raft does not accept; what goes wrong later, or
// with the directory, ends the peer and is told to Exited.
func Start(config Config) (*Peer, error) {
	conf := config.raftConfig()
	if err := raft.ValidateConfig(conf); err != nil {
		return nil, fmt.Errorf("peer %s: %w", config.ID, err)
	}
	dead := make(chan struct{})
	p := &Peer{
		config: config, conf: conf, dead: dead,
		timeout:   cmp.Or(config.Timing.CallTimeout, DefaultTimeout),
		gate:      &gate{dead: dead},
		registers: newRegisters(), chain: new(Chain),
	}
	conf.Logger = settlingLogger{hclog.NewNullLogger(), p.gate, dead}
	p.disk = &disk{dir: config.Dir, latency: config.DiskLatency, fault: config.DiskError, dead: dead, gate: p.gate, end: p.Kill,
		reconfigured: p.reconfigured}
	p.wire = &wire{
		address: raft.ServerAddress(config.Address), timeout: p.timeout, send: config.Send, standing: p.standing,
		dead: dead, consumer: make(chan raft.RPC), sent: map[route]uint64{}, matched: map[string]match{}, removed: map[raft.ServerID]int{},
	}
	p.gate.close()
	go p.run()
	return p, nil
}

// run is the life of the peer. In the nanosecond before raft is shut down everything settles that the loss of the wire and
// the disk has set off, and raft has taken in whatever was handed to it: so it answers all of it, and no goroutine is left
// behind that waits for an answer.
func (p *Peer) run() {
	err := p.disk.blame(p.start())
	if err == nil {
		p.gate.open()
		<-p.dead
		time.Sleep(time.Nanosecond)
		err = p.raft.Load().Shutdown().Error()
		time.Sleep(time.Nanosecond)
	}
	if p.log != nil {
		err = cmp.Or(err, p.log.Close())
	}
	if closed(p.dead) {
		err = nil
	}
	if fatal := p.disk.fatal.Load(); fatal != nil {
		err = *fatal
	}
	p.Kill()
	p.gone.Store(true)
	p.config.Exited(err)
}

// start opens the directory and starts raft on what it finds there.
func (p *Peer) start() error {
	if err := p.disk.makeDir(); err != nil {
		return err
	}
	var err error
	if p.log, err = openLog(p.disk, p.chain); err != nil {
		return err
	}
	stores, err := p.stores()
	if err != nil {
		return err
	}
	if p.config.Bootstrap {
		if err := p.bootstrap(stores); err != nil {
			return err
		}
	}
	if err := p.recover(stores); err != nil {
		return err
	}
	r, err := raft.NewRaft(p.conf, p.registers, stores.Log, stores.Stable, stores.Snapshots, p.wire)
	if err != nil {
		return fmt.Errorf("start raft: %w", err)
	}
	p.raft.Store(r)
	go p.lead(r)
	return nil
}

// stores are what raft keeps its state in: the log and the snapshots of the directory.
func (p *Peer) stores() (s Stores, err error) {
	snapshots, err := openSnapshots(p.disk)
	if err != nil {
		return s, err
	}
	s = Stores{Log: p.log, Stable: p.log, Snapshots: snapshots}
	if p.config.Stores != nil {
		s = p.config.Stores(s)
	}
	s.Log, err = raft.NewLogCache(logCacheSize, s.Log)
	return s, err
}

// bootstrap makes a cluster of this peer alone, unless there is something in the directory.
func (p *Peer) bootstrap(s Stores) error {
	if exists, err := raft.HasExistingState(s.Log, s.Stable, s.Snapshots); err != nil || exists {
		return err
	}
	alone := raft.Configuration{Servers: []raft.Server{{ID: p.conf.LocalID, Address: p.wire.address}}}
	if err := raft.BootstrapCluster(p.conf, s.Log, s.Stable, s.Snapshots, p.wire, alone); err != nil {
		return fmt.Errorf("bootstrap: %w", err)
	}
	return nil
}

// recover makes a cluster of the peers that the configuration names, as Consul and Vault do with a file peers.json. It takes
// every entry of the log for committed.
func (p *Peer) recover(stores Stores) error {
	if len(p.config.Recover) == 0 {
		return nil
	}
	if exists, err := raft.HasExistingState(stores.Log, stores.Stable, stores.Snapshots); err != nil || !exists {
		return err
	}
	var peers raft.Configuration
	for _, s := range p.config.Recover {
		peers.Servers = append(peers.Servers, raft.Server{ID: raft.ServerID(s.ID), Address: raft.ServerAddress(s.Address)})
	}
	if err := raft.RecoverCluster(p.conf, newRegisters(), stores.Log, stores.Stable, stores.Snapshots, p.wire, peers); err != nil {
		return fmt.Errorf("recover the cluster: %w", err)
	}
	return nil
}

// lead makes sure, each time that the peer becomes the leader, that it has applied everything that was committed before.
func (p *Peer) lead(r *raft.Raft) {
	for {
		select {
		case leads := <-r.LeaderCh():
			if leads {
				term := r.CurrentTerm()
				p.gate.enterNext(func() { go p.barrier(r, term) })
			}
		case <-p.dead:
			return
		}
	}
}

// barrierRetry is how long a new leader waits before it tries again. Raft refuses a barrier while it still believes that a transfer of
// leadership is under way, which outlives the term in which it was asked for.
const barrierRetry = 100*time.Millisecond + 7

// barrier makes sure that the leader of a term has applied all that was committed before it, and tries until it has or leads no more.
func (p *Peer) barrier(r *raft.Raft, term uint64) {
	if r.Barrier(0).Error() == nil {
		p.serving.Store(term)
		return
	}
	again := time.NewTimer(barrierRetry)
	defer again.Stop()
	select {
	case <-again.C:
	case <-p.dead:
		return
	}
	if r.State() == raft.Leader && r.CurrentTerm() == term {
		p.gate.enterNext(func() { go p.barrier(r, term) })
	}
}

// serves tells whether the peer leads and has applied a barrier of its own term.
func (p *Peer) serves(r *raft.Raft) bool {
	return r.State() == raft.Leader && p.serving.Load() == r.CurrentTerm()
}

// standing tells what the peer is to a server that it replicated to in a term.
func (p *Peer) standing(term uint64, target raft.ServerID) standing {
	r := p.raft.Load()
	if closed(p.dead) || r.State() != raft.Leader || r.CurrentTerm() != term {
		return deposed
	}
	if contains(r.GetConfiguration().Configuration(), target) {
		return leading
	}
	return parting
}

// reconfigured is told of a configuration that goes into the log, before raft takes it up.
func (p *Peer) reconfigured(next raft.Configuration) {
	r := p.raft.Load()
	if r == nil {
		return
	}
	for _, s := range r.GetConfiguration().Configuration().Servers {
		if !contains(next, s.ID) {
			p.wire.remove(s.ID)
		}
	}
}

func contains(c raft.Configuration, id raft.ServerID) bool {
	return slices.ContainsFunc(c.Servers, func(s raft.Server) bool { return s.ID == id })
}

// Deliver takes in what the network brings: a request, or the answer to one of this peer's. An answer that can move the commit
// index waits while raft's main goroutine writes, which could not take notice of it anyway; a heartbeat's does not, because a
// leader with a slow disk goes on beating.
func (p *Peer) Deliver(m Message) {
	switch {
	case closed(p.dead):
	case m.Answer && m.call.wire != p.wire: // to one who is no more
	case m.Answer && (m.Kind == AppendEntries || m.Kind == InstallSnapshot):
		p.gate.enter(func() { m.call.settle(m.response) })
	case m.Answer:
		m.call.settle(m.response)
	default:
		if m.Kind == TimeoutNow {
			p.asked()
		}
		p.learn(m)
		p.gate.enter(func() {
			if !p.outdated(m) {
				go p.wire.serve(m)
			}
		})
	}
}

// outdated tells whether a message brings a snapshot older than what the peer has applied, which was long under way. hashicorp/raft
// v1.7.3 would set the peer back by it and, when the entries between are compacted, panic in a goroutine of its own (raft.go:
// installSnapshot, processLogs). So nobody answers it, as if it had been lost.
func (p *Peer) outdated(m Message) bool {
	request, ok := m.call.request.(*raft.InstallSnapshotRequest)
	r := p.raft.Load()
	return ok && r != nil && request.LastLogIndex < r.AppliedIndex()
}

// learn notes what a new leader has committed when it is first heard of. Heartbeats do not tell, nor does a leader that has
// just been started and does not know yet.
func (p *Peer) learn(m Message) {
	request, ok := m.call.request.(*raft.AppendEntriesRequest)
	if ok && request.LeaderCommitIndex > 0 && m.Term > p.learned.term {
		p.learned.term, p.learned.commit = m.Term, request.LeaderCommitIndex
	}
}

// Fail tells the peer that a request of its own could not be delivered, for instance because the host is not known or the
// connection was refused. A request that is merely lost runs into its timeout.
func (p *Peer) Fail(m Message, err error) {
	if !m.Answer && m.call.wire == p.wire {
		m.call.settle(raft.RPCResponse{Error: err})
	}
}
