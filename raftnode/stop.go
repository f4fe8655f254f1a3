package raftnode

import (
	"slices"
	"time"

	"github.com/hashicorp/raft"
)

// Kill ends the peer at once, like SIGKILL: from now on it says nothing and writes nothing. Its goroutines end in the
// background, and then the directory is free.
func (p *Peer) Kill() { p.kill.Do(func() { close(p.dead) }) }

// Stop ends the peer in an orderly way, like a process that handles SIGTERM: a leader first tries to hand its leadership
// over, which takes an election timeout at most. It stays a member of its cluster.
func (p *Peer) Stop() {
	p.gate.enter(func() {
		go func() {
			p.transfer(nil)
			p.Kill()
		}()
	})
}

// TransferLeadership lets a leader hand its leadership to the voter that is most up to date; until that is done, or has
// failed, it takes no writes. On any other peer, or without another voter, nothing happens.
func (p *Peer) TransferLeadership() { p.gate.enter(func() { go p.transfer(nil) }) }

// TransferLeadershipTo is TransferLeadership to one certain voter, with that ID and address.
func (p *Peer) TransferLeadershipTo(id, address string) {
	p.gate.enter(func() { go p.transfer(&heir{raft.ServerID(id), raft.ServerAddress(address)}) })
}

// heir is who is to lead.
type heir struct {
	id      raft.ServerID
	address raft.ServerAddress
}

// transferPoll is how often a leader that is to hand over looks whether a follower has everything.
const transferPoll = 999_983 * time.Nanosecond

// transfer waits until the leadership was handed over, or an election timeout has passed in vain.
//
// Raft would itself bring the chosen follower up to date first, by a request to the goroutine that replicates to it. That
// goroutine then may find this request and new entries at once, between which Go chooses at random; and a request that is still
// there when raft gives up can keep the next transfer waiting for ever. So raft is asked only when a follower has everything,
// and then it chooses that one.
func (p *Peer) transfer(to *heir) {
	r := p.raft.Load()
	if !p.transferring.CompareAndSwap(false, true) {
		return
	}
	defer p.transferring.Store(false)
	for deadline := time.Now().Add(p.conf.ElectionTimeout); time.Now().Before(deadline); time.Sleep(transferPoll) {
		if p.serves(r) && len(votersOf(r)) < 2 || r.State() != raft.Leader || closed(p.dead) {
			return
		}
		handed := make(chan bool, 1)
		p.gate.enterNext(func() { go p.handOver(r, to, handed) })
		select {
		case done := <-handed:
			if done {
				return
			}
		case <-p.dead:
			return
		}
	}
}

// handOver asks raft to transfer the leadership if a follower, or the heir if there is to be a certain one, has the whole log. It
// tells whether raft was asked, when raft has done with it.
func (p *Peer) handOver(r *raft.Raft, to *heir, handed chan<- bool) {
	voters := votersOf(r)
	if to != nil {
		voters = slices.DeleteFunc(voters, func(id string) bool { return id != string(to.id) })
	}
	ready := p.serves(r) && p.wire.replicated(r.CurrentTerm(), r.LastIndex(), voters)
	switch {
	case ready && to != nil:
		_ = r.LeadershipTransferToServer(to.id, to.address).Error() // what came of it shows in who leads
	case ready:
		_ = r.LeadershipTransfer().Error()
	}
	handed <- ready
}
