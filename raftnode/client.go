package raftnode

import (
	"errors"

	"github.com/hashicorp/raft"
)

// ErrNotServing refuses a linearizable read: the leader is so new that it may not know yet all that was committed before.
var ErrNotServing = errors.New("raftnode: the leader has not yet caught up with its own cluster")

// ErrChanging refuses a change of the configuration while another one is under way.
var ErrChanging = errors.New("raftnode: another change of the configuration is under way")

// Answer is the outcome of one request of a client.
type Answer struct {
	ID    uint64 // as the client gave it
	Value string // of a read
	Found bool   // by a read
	Index uint64 // of the entry in the log, for a write or a change of the configuration; what had been applied, for a read
	Err   error  // raft's own, where it has one: raft.ErrNotLeader, raft.ErrLeadershipLost, raft.ErrEnqueueTimeout …
	Maybe bool   // with an error: it may have happened, or happen yet
}

// Write sets a register through the log. It is not repeated, and a repetition of it is another write.
func (p *Peer) Write(id uint64, key, value string) {
	p.gate.enter(func() {
		if p.transferring.Load() {
			p.answer(Answer{ID: id, Err: raft.ErrLeadershipTransferInProgress})
			return
		}
		go p.propose(id, func(r *raft.Raft) raft.IndexFuture { return r.Apply(encodeWrite(key, value), p.timeout) })
	})
}

// Join makes a server a voter. One that is a voter already gets the address.
func (p *Peer) Join(id uint64, server, address string) {
	p.reconfigure(id, func(r *raft.Raft) raft.IndexFuture {
		return r.AddVoter(raft.ServerID(server), raft.ServerAddress(address), 0, p.timeout)
	})
}

// Leave removes a server from the cluster; it may be this one.
func (p *Peer) Leave(id uint64, server string) {
	p.reconfigure(id, func(r *raft.Raft) raft.IndexFuture { return r.RemoveServer(raft.ServerID(server), 0, p.timeout) })
}

// reconfigure proposes a change of the configuration. Raft would let it wait for the one before, and then find it together
// with what else has come.
func (p *Peer) reconfigure(id uint64, propose func(*raft.Raft) raft.IndexFuture) {
	p.gate.enter(func() {
		r := p.raft.Load()
		refusal := error(nil)
		switch {
		case p.transferring.Load():
			refusal = raft.ErrLeadershipTransferInProgress
		case r.State() == raft.Leader && !p.serves(r):
			refusal = ErrNotServing
		case !p.changing.CompareAndSwap(false, true):
			refusal = ErrChanging
		}
		if refusal != nil {
			p.answer(Answer{ID: id, Err: refusal})
			return
		}
		go func() {
			defer p.changing.Store(false)
			p.propose(id, propose)
		}()
	})
}

// propose puts an entry into the log and answers when it is committed and applied, or cannot be.
func (p *Peer) propose(id uint64, propose func(*raft.Raft) raft.IndexFuture) {
	future := propose(p.raft.Load())
	if err := future.Error(); err != nil {
		p.answer(Answer{ID: id, Err: err, Maybe: mayHappen(err)})
		return
	}
	p.answer(Answer{ID: id, Index: future.Index()})
}

// mayHappen tells whether something refused with that error may be in some log all the same.
func mayHappen(err error) bool {
	for _, never := range []error{raft.ErrNotLeader, raft.ErrNotVoter, raft.ErrEnqueueTimeout, raft.ErrLeadershipTransferInProgress} {
		if errors.Is(err, never) {
			return false
		}
	}
	return true
}

func (p *Peer) answer(a Answer) {
	if !closed(p.dead) {
		p.config.Answer(a)
	}
}
