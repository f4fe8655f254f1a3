package raftnode

import (
	"cmp"
	"time"

	"github.com/hashicorp/raft"
)

// DefaultTimeout is how long a call waits for its answer: what hashicorp/raft's own examples and Consul give its transport.
const DefaultTimeout = 10 * time.Second

// Config says who a peer is and what it stands on.
type Config struct {
	ID        string // raft's server ID
	Address   string // raft's server address; messages carry it
	Dir       string // the log and the snapshots live here; made if missing
	Bootstrap bool   // start a cluster of this peer alone if the directory holds nothing yet
	Timing    Timing

	// DiskLatency draws how long the n-th use of the disk takes, counted from 0. It is called from raft's goroutines.
	DiskLatency func(n uint64) time.Duration
	// Send takes what the peer says to others. It is called from raft's goroutines and must not block.
	Send func(Message)
	// Answer takes the outcome of a Write, Read, Join or Leave. It is called from any goroutine, also from within that call,
	// and must not block. A peer that is killed answers nothing more.
	Answer func(Answer)
	// Exited is called once, from a goroutine of the peer and when the directory is free again: err says why a peer ended
	// that was neither stopped nor killed. It must not block.
	Exited func(err error)
}

// Timing is how patient raft is, in hashicorp/raft's words. Zero is raft's default.
type Timing struct {
	HeartbeatTimeout, ElectionTimeout, CommitTimeout, LeaderLeaseTimeout time.Duration

	SnapshotInterval  time.Duration
	SnapshotThreshold uint64 // entries
	TrailingLogs      uint64 // entries

	CallTimeout time.Duration // of a call to another peer, and of a client's wait for its turn; zero is DefaultTimeout
}

// raftConfig is the configuration for raft itself. A peer that is removed from the cluster goes on as a follower, as in
// Consul: whether its process ends is not raft's affair.
func (c *Config) raftConfig() *raft.Config {
	conf := raft.DefaultConfig()
	t := c.Timing
	conf.LocalID = raft.ServerID(c.ID)
	conf.HeartbeatTimeout = cmp.Or(t.HeartbeatTimeout, conf.HeartbeatTimeout)
	conf.ElectionTimeout = cmp.Or(t.ElectionTimeout, conf.ElectionTimeout)
	conf.CommitTimeout = cmp.Or(t.CommitTimeout, conf.CommitTimeout)
	conf.LeaderLeaseTimeout = cmp.Or(t.LeaderLeaseTimeout, conf.LeaderLeaseTimeout)
	conf.SnapshotInterval = cmp.Or(t.SnapshotInterval, conf.SnapshotInterval)
	conf.SnapshotThreshold = cmp.Or(t.SnapshotThreshold, conf.SnapshotThreshold)
	conf.TrailingLogs = cmp.Or(t.TrailingLogs, conf.TrailingLogs)
	conf.ShutdownOnRemove = false
	conf.NoLegacyTelemetry = true
	return conf
}
