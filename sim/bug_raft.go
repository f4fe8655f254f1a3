package sim

import (
	"io"
	"strings"

	"github.com/hashicorp/raft"

	"statefulsim/raftnode"
)

var raftBugs = []Bug{
	{"vote-not-persisted", "A raft peer does not keep for whom it has voted, and votes again when another asks in the same term.",
		"one-leader-per-term", func(w *world) { w.seams.stores = forgettingVotes }},
	{"log-not-flushed", "A raft peer says that an entry is on its disk before it is: what came after every eighth write is lost when the process ends.",
		"no-acknowledged-write-lost", plantUnflushedLog},
	{"snapshot-restores-nothing", "A raft peer that starts from a snapshot finds nothing in it.",
		"state-machines-agree", func(w *world) { w.seams.stores = emptySnapshots }},
	{"leader-acknowledges-alone", "A leader acknowledges a write when it has appended it to its own log.",
		"no-acknowledged-write-lost", func(w *world) { w.seams.serve = acknowledgeAlone }},
	{"replica-answers-as-primary", "A replica answers the reads that are meant for the primary.",
		"linearizable", func(w *world) { w.seams.serve = readAnywhere }},
}

// forgettingVotes gives peers a stable store that does not take in votes.
func forgettingVotes(*raftPeer) func(raftnode.Stores) raftnode.Stores {
	return func(s raftnode.Stores) raftnode.Stores {
		s.Stable = voteless{s.Stable}
		return s
	}
}

// voteless is a raft.StableStore that drops the keys of votes (hashicorp/raft raft.go:keyLastVoteTerm, keyLastVoteCand).
type voteless struct{ raft.StableStore }

func (v voteless) Set(key, value []byte) error {
	if string(key) == "LastVoteCand" {
		return nil
	}
	return v.StableStore.Set(key, value)
}

func (v voteless) SetUint64(key []byte, value uint64) error {
	if string(key) == "LastVoteTerm" {
		return nil
	}
	return v.StableStore.SetUint64(key, value)
}

func plantUnflushedLog(w *world) {
	flushed := map[string]*uint64{} // by directory: the index of the last entry that is safe
	w.seams.stores = func(r *raftPeer) func(raftnode.Stores) raftnode.Stores {
		safe := flushed[r.dir()]
		if safe == nil {
			safe = new(uint64)
			flushed[r.dir()] = safe
		}
		return func(s raftnode.Stores) raftnode.Stores {
			b := &buffered{LogStore: s.Log, safe: safe}
			b.lose()
			s.Log = b
			return s
		}
	}
}

// buffered is a raft.LogStore that flushes at every eighth write.
type buffered struct {
	raft.LogStore
	safe   *uint64
	writes int
}

// lose takes away what was not flushed when the process before this one ended.
func (b *buffered) lose() {
	last, err := b.LastIndex()
	if err == nil && *b.safe > 0 && last > *b.safe {
		_ = b.DeleteRange(*b.safe+1, last) // a disk that fails loses nothing more
	}
}

func (b *buffered) StoreLog(entry *raft.Log) error { return b.StoreLogs([]*raft.Log{entry}) }

func (b *buffered) StoreLogs(entries []*raft.Log) error {
	err := b.LogStore.StoreLogs(entries)
	if b.writes++; err == nil && (b.writes%8 == 0 || *b.safe == 0) {
		*b.safe = entries[len(entries)-1].Index
	}
	return err
}

// emptySnapshots has raft read snapshots in which nothing is.
func emptySnapshots(*raftPeer) func(raftnode.Stores) raftnode.Stores {
	return func(s raftnode.Stores) raftnode.Stores {
		s.Snapshots = hollow{s.Snapshots}
		return s
	}
}

type hollow struct{ raft.SnapshotStore }

func (h hollow) Open(id string) (*raft.SnapshotMeta, io.ReadCloser, error) {
	meta, state, err := h.SnapshotStore.Open(id)
	if err != nil {
		return nil, nil, err
	}
	const digest = "\x00\x00\x00\x00\x00\x00\x00\x00" // that of no writes
	meta.Size = int64(len(digest))
	return meta, io.NopCloser(strings.NewReader(digest)), state.Close()
}

// acknowledgeAlone answers a write of a leader when the disk has had time to take it in.
func acknowledgeAlone(r *raftPeer, body any, answer reply) (any, reply) {
	if _, ok := body.(write); !ok || r.status.State != "Leader" {
		return body, answer
	}
	w := r.world()
	w.after(w.latency("disk", r.process.name()), func() { answer(raftnode.Answer{}, nil) })
	return body, func(any, error) {}
}

// readAnywhere has a peer answer each read from what it has.
func readAnywhere(_ *raftPeer, body any, answer reply) (any, reply) {
	if question, ok := body.(read); ok {
		question.stale = true
		return question, answer
	}
	return body, answer
}
