package raftnode

import (
	"cmp"
	"fmt"
	"time"

	"github.com/hashicorp/raft"
)

// HeartbeatTimeout is how long a follower waits to hear of the leader, as the peer was configured.
func (p *Peer) HeartbeatTimeout() time.Duration { return p.conf.HeartbeatTimeout }

// LastContact is when the peer last heard from a leader, or gave a candidate its vote; the zero time if it never did.
func (p *Peer) LastContact() time.Time {
	if r := p.raft.Load(); r != nil {
		return r.LastContact()
	}
	return time.Time{}
}

// SetTimeouts changes how long the peer waits for a leader, as a follower, and for votes, as a candidate, by raft's ReloadConfig;
// zero is what it was configured with. A follower whose heartbeat timeout becomes shorter looks at once whether that has passed, and
// then is a candidate. A leader keeps what it has, because the pace of its heartbeats depends on it. The error is raft's, for timeouts
// that it does not accept.
func (p *Peer) SetTimeouts(heartbeat, election time.Duration) error {
	next := *p.conf
	next.HeartbeatTimeout = cmp.Or(heartbeat, next.HeartbeatTimeout)
	next.ElectionTimeout = cmp.Or(election, next.ElectionTimeout)
	if err := raft.ValidateConfig(&next); err != nil {
		return fmt.Errorf("peer %s: %w", p.config.ID, err)
	}
	p.retimed = next.HeartbeatTimeout != p.conf.HeartbeatTimeout || next.ElectionTimeout != p.conf.ElectionTimeout
	p.gate.enter(func() {
		r := p.raft.Load()
		if r.State() == raft.Leader {
			return
		}
		reload := r.ReloadableConfig()
		reload.HeartbeatTimeout, reload.ElectionTimeout = next.HeartbeatTimeout, next.ElectionTimeout
		_ = r.ReloadConfig(reload) // it was validated above
	})
	return nil
}

// asked is told of a leader's word that the peer is to be a candidate now. It then has the timeouts that it was configured with: it
// may lead in a moment.
func (p *Peer) asked() {
	if p.retimed {
		_ = p.SetTimeouts(0, 0) // they were accepted when it started
	}
}
