package raftnode

import (
	"cmp"
	"slices"
	"sync"

	"github.com/hashicorp/raft"
)

// read is a client's question for a register.
type read struct {
	id  uint64
	key string
}

// reads are those whose leader was verified and that have not been answered yet.
type reads struct {
	mu       sync.Mutex // never held across a wait
	verified []read
}

// add tells whether it is the first of its batch.
func (s *reads) add(q read) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verified = append(s.verified, q)
	return len(s.verified) == 1
}

// take empties the batch. Raft verifies what was asked together in the order of a map, so the order is made here.
func (s *reads) take() []read {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := s.verified
	s.verified = nil
	slices.SortFunc(batch, func(a, b read) int { return cmp.Compare(a.id, b.id) })
	return batch
}

// Read reads a register: linearizably, which takes a round of heartbeats and is only possible on the leader, or as this peer
// happens to know it.
func (p *Peer) Read(id uint64, key string, linearizable bool) {
	p.gate.enter(func() {
		if !linearizable {
			p.answer(p.value(read{id, key}))
			return
		}
		go p.verify(read{id, key})
	})
}

// verify asks a quorum whether this peer still leads. Raft answers that from its main goroutine, which applies what it
// commits in one turn: once everything has settled, the state has all that was committed when the read began.
func (p *Peer) verify(q read) {
	r := p.raft.Load()
	if r.State() == raft.Leader && !p.serves(r) {
		p.answer(Answer{ID: q.id, Err: ErrNotServing})
		return
	}
	if err := r.VerifyLeader().Error(); err != nil {
		p.answer(Answer{ID: q.id, Err: err})
		return
	}
	if p.reads.add(q) {
		p.gate.enterNext(func() {
			for _, q := range p.reads.take() {
				p.answer(p.value(q))
			}
		})
	}
}

func (p *Peer) value(q read) Answer {
	value, found := p.registers.read(q.key)
	return Answer{ID: q.id, Value: value, Found: found, Index: p.raft.Load().AppliedIndex()}
}
