package raftnode

import (
	"slices"

	"github.com/hashicorp/raft"
)

// Status is how a peer stands.
type Status struct {
	State    string // "Follower", "Candidate" or "Leader"; "" while the peer starts and once it is dead
	Term     uint64
	LeaderID string // of the leader that it knows; may be empty

	LastIndex, Commit, Applied uint64
	Digest                     uint64 // of the writes that were applied: peers that applied as far as each other have the same

	Voters []string // IDs, sorted; the same slice as long as the configuration stays the same. It must not be changed.

	// Serving: it leads, and has applied a barrier of its own term, so that it can read linearizably.
	Serving bool
	// CaughtUp: it serves, or it has a leader and has applied what that one had committed when it was first heard.
	CaughtUp bool
}

// Status tells how the peer stands. It costs a few loads of memory.
func (p *Peer) Status() Status {
	r := p.raft.Load()
	if r == nil || closed(p.dead) {
		return Status{}
	}
	_, leader := r.LeaderWithID()
	state := r.State()
	s := Status{
		State: state.String(), Term: r.CurrentTerm(), LeaderID: string(leader),
		LastIndex: r.LastIndex(), Commit: r.CommitIndex(), Applied: r.AppliedIndex(),
		Digest: p.registers.sum(), Voters: p.currentVoters(r),
	}
	s.Serving = p.serves(r)
	s.CaughtUp = s.Serving ||
		state == raft.Follower && leader != "" && p.learned.term == s.Term && p.learned.commit <= s.Applied
	return s
}

// currentVoters reads the configuration only if it may have changed since it was last read.
func (p *Peer) currentVoters(r *raft.Raft) []string {
	if configured := p.disk.configured.Load() + 1; p.voters.configured != configured {
		p.voters.configured = configured
		if ids := votersOf(r); !slices.Equal(ids, p.voters.ids) {
			p.voters.ids = ids
		}
	}
	return p.voters.ids
}

func votersOf(r *raft.Raft) (ids []string) {
	for _, s := range r.GetConfiguration().Configuration().Servers {
		if s.Suffrage == raft.Voter {
			ids = append(ids, string(s.ID))
		}
	}
	slices.Sort(ids)
	return ids
}

// Chain returns what can be compared of the peer's log; it is the same for the peer's whole life.
func (p *Peer) Chain() *Chain { return p.chain }

// Flush brings the log into its directory, for whoever looks at that before the peer is gone. It must be called when all has
// settled.
func (p *Peer) Flush() error {
	if p.log == nil {
		return nil
	}
	return p.log.Flush()
}

// Gone tells whether the peer has ended and its directory is free again.
func (p *Peer) Gone() bool { return p.gone.Load() }

// History returns every value that was written to each register as far as this peer has applied the log, oldest first.
func (p *Peer) History() map[string][]string { return p.registers.history() }
