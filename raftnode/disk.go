package raftnode

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
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
	fault   func(DiskUse) error
	used    atomic.Uint64
	dead    <-chan struct{}
	gate    *gate

	end    func()                // ends the process
	failed atomic.Pointer[error] // the latest error of the disk itself
	fatal  atomic.Pointer[error] // the one because of which the process was ended

	reconfigured func(next raft.Configuration) // is called for a configuration that goes into the log
	configured   atomic.Uint64                 // counts the writes that may have changed the cluster's configuration
}

// use takes the time of one use of the disk and tells whether it fails.
func (d *disk) use(what DiskUse) error {
	if err := d.wait(); err != nil {
		return err
	}
	if d.fault == nil {
		return nil
	}
	err := d.fault(what)
	if err != nil {
		d.failed.Store(&err)
	}
	return err
}

// blame names the disk's own error beside one of raft's that came of it: raft does not wrap.
func (d *disk) blame(err error) error {
	if failed := d.failed.Load(); err != nil && failed != nil && !errors.Is(err, *failed) {
		return fmt.Errorf("%v: %w", err, *failed)
	}
	return err
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
// is the volume's affair, and virtual. For the same reason entries go into bolt's file a batch at a time: nobody else looks at it
// while the peer runs, and who wants to calls Flush.
type mainLog struct {
	*raftboltdb.BoltStore
	disk  *disk
	chain *Chain

	mu    sync.Mutex // never held across a wait
	batch []*raft.Log
}

// largestBatch is how many entries are not in bolt's file at most.
const largestBatch = 128

// logFile is bolt's file in a peer's directory.
const logFile = "raft.db"

// Exists tells whether a peer has ever run on that directory.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, logFile))
	return err == nil
}

// ErrLocked ends a peer whose directory another process still has open.
var ErrLocked = errors.New("another process holds the lock of the log")

func openLog(d *disk, chain *Chain) (*mainLog, error) {
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
	if err := chain.read(bolt); err != nil {
		return nil, errors.Join(fmt.Errorf("read the log in %s: %w", d.dir, err), bolt.Close())
	}
	return &mainLog{BoltStore: bolt, disk: d, chain: chain}, nil
}

// write does a write after the disk's time, and keeps everything out of raft's main goroutine, which waits for it.
func (l *mainLog) write(do func() error) error {
	l.disk.gate.close()
	defer l.disk.gate.open()
	if err := l.disk.use(WriteLog); err != nil {
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
		if err := l.append(entries); err != nil {
			return err
		}
		l.chain.store(entries)
		return nil
	})
}

// append takes entries into the batch.
func (l *mainLog) append(entries []*raft.Log) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.batch = append(l.batch, entries...); len(l.batch) < largestBatch {
		return nil
	}
	return l.flush()
}

// Flush brings what the log holds into bolt's file.
func (l *mainLog) Flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flush()
}

func (l *mainLog) flush() error {
	if len(l.batch) == 0 {
		return nil
	}
	batch := l.batch
	l.batch = l.batch[:0]
	return l.BoltStore.StoreLogs(batch)
}

// GetLog reads an entry that raft does not have in its cache.
func (l *mainLog) GetLog(index uint64, entry *raft.Log) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.batch) > 0 && index >= l.batch[0].Index {
		if err := l.flush(); err != nil {
			return err
		}
	}
	return l.BoltStore.GetLog(index, entry)
}

// FirstIndex is the index of the oldest entry; 0 if there is none.
func (l *mainLog) FirstIndex() (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first, err := l.BoltStore.FirstIndex()
	if first == 0 && len(l.batch) > 0 {
		first = l.batch[0].Index
	}
	return first, err
}

// LastIndex is the index of the latest entry; 0 if there is none.
func (l *mainLog) LastIndex() (uint64, error) {
	if err := l.Flush(); err != nil {
		return 0, err
	}
	return l.BoltStore.LastIndex()
}

// Close closes bolt's file, with all entries in it.
func (l *mainLog) Close() error { return errors.Join(l.Flush(), l.BoltStore.Close()) }

// DeleteRange removes the entries from first to last: those that a snapshot covers, or those that a new leader does not have.
func (l *mainLog) DeleteRange(first, last uint64) error {
	return l.write(func() error {
		l.disk.configured.Add(1)
		if err := cmp.Or(l.Flush(), l.BoltStore.DeleteRange(first, last)); err != nil {
			return err
		}
		l.chain.remove(first, last)
		return nil
	})
}

// Set keeps a vote: raft does not give one that it cannot keep. What a dead peer would vote is not written, and raft is not
// told: nothing that it does from now on can be seen.
func (l *mainLog) Set(key, value []byte) error {
	err := l.write(func() error { return l.BoltStore.Set(key, value) })
	if errors.Is(err, errDead) {
		return nil
	}
	return err
}

// SetUint64 keeps a term, or that of a vote. Raft panics when it cannot write its term, which would end the whole simulation:
// instead the process ends here, as a panic ends it, and raft is not told.
func (l *mainLog) SetUint64(key []byte, value uint64) error {
	err := l.write(func() error { return l.BoltStore.SetUint64(key, value) })
	switch {
	case errors.Is(err, errDead):
		return nil
	case err != nil && string(key) == currentTerm:
		err = fmt.Errorf("failed to save current term: %w", err)
		l.disk.fatal.Store(&err)
		l.disk.end()
		return nil
	}
	return err
}

// currentTerm is raft's key of the term (hashicorp/raft raft.go:keyCurrentTerm).
const currentTerm = "CurrentTerm"

// makeDir makes sure that the peer's directory exists, and that the log in it can be used.
func (d *disk) makeDir() error {
	use := WriteLog
	if Exists(d.dir) {
		use = OpenLog
	}
	if err := d.use(use); err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	return os.MkdirAll(d.dir, 0o755)
}
