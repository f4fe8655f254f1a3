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
	ID        string   // raft's server ID
	Address   string   // raft's server address; messages carry it
	Dir       string   // the log and the snapshots live here; made if missing
	Bootstrap bool     // start a cluster of this peer alone if the directory holds nothing yet
	Recover   []Server // if not empty: what the log holds is taken for committed, and the cluster is made of these peers
	Timing    Timing

	// DiskLatency draws how long the n-th use of the disk takes, counted from 0. It is called from raft's goroutines.
	DiskLatency func(n uint64) time.Duration
	// DiskError says why a use of the disk fails, once its time has passed; nil is a disk that never does. A peer that cannot
	// open its log or write its term ends, and Exited is told that error. It is called from raft's goroutines: what it reads may
	// change only while all in the bubble are blocked.
	DiskError func(use DiskUse) error
	// Stores, if not nil, may put something between raft and what it keeps its state in, such as a storage engine that breaks its
	// promises. What it returns is called from raft's goroutines.
	Stores func(Stores) Stores
	// Send takes what the peer says to others. It is called from raft's goroutines and must not block.
	Send func(Message)
	// Answer takes the outcome of a Write, Read, Join or Leave. It is called from any goroutine, also from within that call,
	// and must not block. A peer that is killed answers nothing more.
	Answer func(Answer)
	// Exited is called once, from a goroutine of the peer and when the directory is free again: err says why a peer ended
	// that was neither stopped nor killed. It must not block.
	Exited func(err error)
}

// Stores is what raft keeps its state in.
type Stores struct {
	Log       raft.LogStore
	Stable    raft.StableStore
	Snapshots raft.SnapshotStore
}

// Server is a peer as others know it.
type Server struct{ ID, Address string }

// DiskUse is what a peer does with its disk.
type DiskUse int

// The uses of a disk.
const (
	OpenLog      DiskUse = iota // the log, which is there already, is opened for reading and writing
	WriteLog                    // the log is made, or entries, a term or a vote go into it, or entries are removed
	ReadSnapshot                // a snapshot is read to be sent, or restored
	WriteSnapshot
)

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
