package raftnode

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/hashicorp/raft"
)

const (
	snapshotSuffix   = ".snapshot"
	retainedSnapshot = 2
)

// snapshots is a raft.SnapshotStore: one file a snapshot, its metadata as JSON on the first line, then the state. Raft's own
// file store syncs each of its files for real, which takes longer than everything else in a run.
type snapshots struct {
	disk *disk

	mu   sync.Mutex           // never held across a wait
	kept []*raft.SnapshotMeta // newest first
}

// openSnapshots finds the snapshots in the directory.
func openSnapshots(d *disk) (*snapshots, error) {
	s := &snapshots{disk: d}
	files, err := filepath.Glob(filepath.Join(d.dir, "*"+snapshotSuffix))
	if err != nil {
		return nil, fmt.Errorf("list snapshots: %w", err)
	}
	for _, file := range files {
		meta, _, err := readSnapshot(file)
		if err != nil {
			return nil, err
		}
		s.kept = append(s.kept, meta)
	}
	s.sort()
	return s, nil
}

func readSnapshot(file string) (*raft.SnapshotMeta, []byte, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, fmt.Errorf("read a snapshot: %w", err)
	}
	head, state, _ := bytes.Cut(content, []byte("\n"))
	meta := new(raft.SnapshotMeta)
	if err := json.Unmarshal(head, meta); err != nil {
		return nil, nil, fmt.Errorf("read the snapshot %s: %w", file, err)
	}
	return meta, state, nil
}

func (s *snapshots) sort() {
	slices.SortFunc(s.kept, func(a, b *raft.SnapshotMeta) int {
		return cmp.Or(cmp.Compare(b.Term, a.Term), cmp.Compare(b.Index, a.Index))
	})
}

func (s *snapshots) file(id string) string { return filepath.Join(s.disk.dir, id+snapshotSuffix) }

// Create begins a snapshot; it exists once its sink is closed.
func (s *snapshots) Create(version raft.SnapshotVersion, index, term uint64, configuration raft.Configuration, configurationIndex uint64, _ raft.Transport) (raft.SnapshotSink, error) {
	return &sink{store: s, meta: &raft.SnapshotMeta{
		Version: version, ID: fmt.Sprintf("%d-%d", term, index), Index: index, Term: term,
		Configuration: configuration, ConfigurationIndex: configurationIndex,
	}}, nil
}

// List returns the snapshots, newest first.
func (s *snapshots) List() ([]*raft.SnapshotMeta, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.kept), nil
}

// Open reads a snapshot. A dead peer finds it empty: were it an error, the goroutine that wants to send it would try again, or
// stop, as Go happens to choose.
func (s *snapshots) Open(id string) (*raft.SnapshotMeta, io.ReadCloser, error) {
	switch err := s.disk.use(ReadSnapshot); {
	case errors.Is(err, errDead):
		return new(raft.SnapshotMeta), io.NopCloser(bytes.NewReader(nil)), nil
	case err != nil:
		return nil, nil, fmt.Errorf("read the snapshot %s: %w", id, err)
	}
	meta, state, err := readSnapshot(s.file(id))
	if err != nil {
		return nil, nil, err
	}
	return meta, io.NopCloser(bytes.NewReader(state)), nil
}

// keep takes a written snapshot in and removes those that are too many.
func (s *snapshots) keep(meta *raft.SnapshotMeta) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = slices.DeleteFunc(s.kept, func(m *raft.SnapshotMeta) bool { return m.ID == meta.ID })
	s.kept = append(s.kept, meta)
	s.sort()
	for len(s.kept) > retainedSnapshot {
		oldest := s.kept[len(s.kept)-1]
		s.kept = s.kept[:len(s.kept)-1]
		if err := os.Remove(s.file(oldest.ID)); err != nil {
			return fmt.Errorf("remove an old snapshot: %w", err)
		}
	}
	return nil
}

// sink is a snapshot being written. It is collected in memory and written at once.
type sink struct {
	store *snapshots
	meta  *raft.SnapshotMeta
	state bytes.Buffer
	done  bool
}

func (k *sink) ID() string                        { return k.meta.ID }
func (k *sink) Write(b []byte) (n int, err error) { return k.state.Write(b) }

// Cancel drops the snapshot.
func (k *sink) Cancel() error {
	k.done = true
	return nil
}

// Close writes the snapshot to the disk under its name, whole or not at all. Raft closes some sinks twice.
func (k *sink) Close() error {
	if k.done {
		return nil
	}
	k.done = true
	if err := k.store.disk.use(WriteSnapshot); err != nil {
		return fmt.Errorf("write a snapshot: %w", err)
	}
	k.meta.Size = int64(k.state.Len())
	head, err := json.Marshal(k.meta)
	if err != nil {
		return fmt.Errorf("write a snapshot: %w", err)
	}
	file := k.store.file(k.meta.ID)
	content := append(append(head, '\n'), k.state.Bytes()...)
	if err := os.WriteFile(file+".tmp", content, 0o644); err != nil {
		return fmt.Errorf("write a snapshot: %w", err)
	}
	if err := os.Rename(file+".tmp", file); err != nil {
		return fmt.Errorf("write a snapshot: %w", err)
	}
	k.store.disk.configured.Add(1)
	return k.store.keep(k.meta)
}
