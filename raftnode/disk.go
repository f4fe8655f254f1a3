package raftnode

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"
	raftboltdb "github.com/hashicorp/raft-boltdb/v2"
	"go.etcd.io/bbolt"
)

// disk is what a peer has of its volume: each use of it takes a drawn time first, in which everything else of the peer
// settles, and fails once the peer is dead.
type disk struct {
	dir     string
	latency func(n uint64) time.Duration
	used    atomic.Uint64
	dead    <-chan struct{}
	gate    *gate

	reconfigured func(next raft.Configuration) // is called for a configuration that goes into the log
	configured   atomic.Uint64                 // counts the writes that may have changed the cluster's configuration
}

// wait takes the time of one use of the disk.
func (d *disk) wait() error {
	timer := time.NewTimer(max(d.latency(d.used.Add(1)-1), 1))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.dead:
	}
	if closed(d.dead) {
		return errDead
	}
	return nil
}

// mainLog is the log and the stable store of raft's main goroutine, kept by bolt. Bolt does not sync: what survives a crash
// is the volume's affair, and virtual.
type mainLog struct {
	*raftboltdb.BoltStore
	disk *disk
}

// logFile is bolt's file in a peer's directory.
const logFile = "raft.db"

// Exists tells whether a peer has ever run on that directory.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, logFile))
	return err == nil
}

// ErrLocked ends a peer whose directory another process still has open.
var ErrLocked = errors.New("another process holds the lock of the log")

func openLog(d *disk) (*mainLog, error) {
	bolt, err := raftboltdb.New(raftboltdb.Options{
		Path:        filepath.Join(d.dir, logFile),
		NoSync:      true,
		BoltOptions: &bbolt.Options{NoSync: true, NoGrowSync: true, NoFreelistSync: true, Timeout: time.Second},
	})
	if errors.Is(err, bbolt.ErrTimeout) {
		err = ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("open the log in %s: %w", d.dir, err)
	}
	return &mainLog{bolt, d}, nil
}

// write does a write after the disk's time, and keeps everything out of raft's main goroutine, which waits for it.
func (l *mainLog) write(do func() error) error {
	l.disk.gate.close()
	defer l.disk.gate.open()
	if err := l.disk.wait(); err != nil {
		return err
	}
	return do()
}

// StoreLog appends an entry.
func (l *mainLog) StoreLog(entry *raft.Log) error { return l.StoreLogs([]*raft.Log{entry}) }

// StoreLogs appends entries.
func (l *mainLog) StoreLogs(entries []*raft.Log) error {
	return l.write(func() error {
		for _, e := range entries {
			if e.Type == raft.LogConfiguration {
				l.disk.configured.Add(1)
				l.disk.reconfigured(raft.DecodeConfiguration(e.Data))
			}
		}
		return l.BoltStore.StoreLogs(entries)
	})
}

// DeleteRange removes the entries from first to last: those that a snapshot covers, or those that a new leader does not have.
func (l *mainLog) DeleteRange(first, last uint64) error {
	return l.write(func() error {
		l.disk.configured.Add(1)
		return l.BoltStore.DeleteRange(first, last)
	})
}

// Set keeps a term or a vote. Raft panics when it cannot write its term; a dead peer's is not written, and raft is not told:
// nothing that it does from now on can be seen.
func (l *mainLog) Set(key, value []byte) error {
	return unlessDead(l.write(func() error { return l.BoltStore.Set(key, value) }))
}

// SetUint64 is Set for a number.
func (l *mainLog) SetUint64(key []byte, value uint64) error {
	return unlessDead(l.write(func() error { return l.BoltStore.SetUint64(key, value) }))
}

func unlessDead(err error) error {
	if errors.Is(err, errDead) {
		return nil
	}
	return err
}

// makeDir makes sure that the peer's directory exists.
func (d *disk) makeDir() error {
	if err := d.wait(); err != nil {
		return err
	}
	return os.MkdirAll(d.dir, 0o755)
}
