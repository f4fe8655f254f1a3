package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// entry is one write of a replicated database, or with key "" the beginning of a timeline.
type entry struct {
	Timeline   uint64 // which promotion the primary had it from that wrote it
	Key, Value string
	Digest     uint64 // of this entry and all before it: two logs with one digest at an index are the same up to there
}

// journal is the log of an instance: its entries in memory, and in a file of its directory. Entries are never changed, so that
// a slice of them may be handed to another instance.
type journal struct {
	dir     string
	entries []entry
	promise promise
}

// promise is what an instance must not forget beside its log.
type promise struct {
	Timeline uint64 // it obeys no primary of an earlier one
	Member   bool   // it has once had all that its primary had: it has data, and a say in who has the most
}

// The files of an instance.
const (
	journalFile = "replicated.log"
	promiseFile = "replicated.state"
)

// openJournal reads what there is in a directory, which is made if it is missing. What follows a damaged line is not read.
func openJournal(dir string) (*journal, error) {
	j := &journal{dir: dir}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	log, err := os.ReadFile(filepath.Join(dir, journalFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	for line := range strings.Lines(string(log)) {
		var e entry
		if json.Unmarshal([]byte(line), &e) != nil || e.Digest != j.next(e).Digest {
			break
		}
		j.entries = append(j.entries, e)
	}
	state, err := os.ReadFile(filepath.Join(dir, promiseFile))
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err == nil {
		err = json.Unmarshal(state, &j.promise)
	}
	if err != nil {
		return nil, fmt.Errorf("open the state: %w", err)
	}
	return j, nil
}

// next completes an entry that is to be the next one.
func (j *journal) next(e entry) entry {
	digest := j.last().Digest
	for _, s := range []string{number(e.Timeline), e.Key, "=", e.Value, ";"} {
		for i := range len(s) {
			digest = (digest ^ uint64(s[i])) * 1099511628211 // FNV-1a
		}
	}
	e.Digest = digest
	return e
}

// last is the newest entry; that of an empty log has timeline 0.
func (j *journal) last() entry {
	if len(j.entries) == 0 {
		return entry{Digest: 14695981039346656037}
	}
	return j.entries[len(j.entries)-1]
}

// add appends entries to the log.
func (j *journal) add(more []entry) error {
	if len(more) == 0 {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(j.dir, journalFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("append to the log: %w", err)
	}
	_, err = f.Write(lines(more))
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("append to the log: %w", err)
	}
	j.entries = append(j.entries, more...)
	return nil
}

// cut drops all entries from an index on.
func (j *journal) cut(from int) error {
	if err := os.WriteFile(filepath.Join(j.dir, journalFile), lines(j.entries[:from]), 0o644); err != nil {
		return fmt.Errorf("rewind the log: %w", err)
	}
	j.entries = j.entries[:from:from]
	return nil
}

func lines(entries []entry) (b []byte) {
	for i := range entries {
		line, err := json.Marshal(&entries[i])
		if err != nil {
			panic(err) // strings and numbers have a form in JSON
		}
		b = append(append(b, line...), '\n')
	}
	return b
}

// keep writes the promise down if it is new.
func (j *journal) keep(p promise) error {
	if p == j.promise {
		return nil
	}
	state, err := json.Marshal(p)
	if err == nil {
		err = os.WriteFile(filepath.Join(j.dir, promiseFile), state, 0o644)
	}
	if err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	j.promise = p
	return nil
}

// common is how many entries two logs have in common from their beginning.
func common(a, b []entry) int {
	return sort.Search(min(len(a), len(b)), func(i int) bool { return a[i].Digest != b[i].Digest })
}

// values is every value that was written to each register, oldest first.
func (j *journal) values() map[string][]string {
	all := map[string][]string{}
	for i := range j.entries {
		if e := &j.entries[i]; e.Key != "" {
			all[e.Key] = append(all[e.Key], e.Value)
		}
	}
	return all
}

// newest is the value that a register has.
func (j *journal) newest(key string) (value string, found bool) {
	for i := len(j.entries) - 1; i >= 0; i-- {
		if j.entries[i].Key == key {
			return j.entries[i].Value, true
		}
	}
	return "", false
}
