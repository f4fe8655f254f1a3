package raftnode

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/raft"
)

// registers is the replicated state: a map of registers. Each keeps every value that was ever written to it, in the order of
// the log: its value is the last one, and what was overwritten is there for who asks what became of a write.
type registers struct {
	mu     sync.Mutex // never held across a wait
	values map[string][]string
	digest uint64 // of all writes so far, in their order
}

func newRegisters() *registers { return &registers{values: map[string][]string{}} }

func (r *registers) read(key string) (value string, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.values[key]
	if len(all) == 0 {
		return "", false
	}
	return all[len(all)-1], true
}

// history copies what was written to each register, oldest first.
func (r *registers) history() map[string][]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make(map[string][]string, len(r.values))
	for key, values := range r.values {
		all[key] = slices.Clone(values)
	}
	return all
}

func (r *registers) sum() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.digest
}

// Apply takes a committed write in.
func (r *registers) Apply(entry *raft.Log) any {
	key, value, err := decodeWrite(entry.Data)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.values[key] = append(r.values[key], value)
	for _, c := range entry.Data {
		r.digest = (r.digest ^ uint64(c)) * 1099511628211 // FNV-1a
	}
	return nil
}

// Snapshot copies the state, so that it can be persisted while more is applied.
func (r *registers) Snapshot() (raft.FSMSnapshot, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	state := image(binary.LittleEndian.AppendUint64(nil, r.digest))
	for _, key := range slices.Sorted(maps.Keys(r.values)) {
		state = binary.AppendUvarint(appendString(state, key), uint64(len(r.values[key])))
		for _, value := range r.values[key] {
			state = appendString(state, value)
		}
	}
	return state, nil
}

// Restore replaces the state by that of a snapshot.
func (r *registers) Restore(source io.ReadCloser) error {
	in := bufio.NewReader(source)
	var digest uint64
	if err := binary.Read(in, binary.LittleEndian, &digest); err != nil {
		return fmt.Errorf("the digest: %w", err)
	}
	values := map[string][]string{}
	for {
		key, err := readString(in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if values[key], err = readStrings(in); err != nil {
			return fmt.Errorf("the values of %q: %w", key, err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.values, r.digest = values, digest
	return nil
}

// image is the whole state as bytes: the digest, then the keys in order, each followed by the number of its values and these.
type image []byte

func (i image) Persist(sink raft.SnapshotSink) error {
	if _, err := sink.Write(i); err != nil {
		return err
	}
	return sink.Close()
}

func (image) Release() {}

func encodeWrite(key, value string) []byte {
	return append(appendString(make([]byte, 0, len(key)+len(value)+binary.MaxVarintLen64), key), value...)
}

func decodeWrite(b []byte) (key, value string, err error) {
	length, n := binary.Uvarint(b)
	if n <= 0 || uint64(len(b)-n) < length {
		return "", "", errors.New("raftnode: not a write")
	}
	return string(b[n : n+int(length)]), string(b[n+int(length):]), nil
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func readString(in *bufio.Reader) (string, error) {
	length, err := binary.ReadUvarint(in)
	if err != nil {
		return "", err
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(in, b); err != nil {
		return "", fmt.Errorf("a string of %d bytes is cut off: %v", length, err)
	}
	return string(b), nil
}

func readStrings(in *bufio.Reader) ([]string, error) {
	count, err := binary.ReadUvarint(in)
	if err != nil {
		return nil, err
	}
	var all []string
	for range count {
		s, err := readString(in)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}
