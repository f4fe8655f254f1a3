package raftnode

import (
	"errors"
	"sync"

	"github.com/hashicorp/raft"
)

// chainSpan is of how many of its latest entries a log can be compared with another.
const chainSpan = 512

// Chain is what can be compared of two peers' logs: of the latest entries the terms, and sums over what they hold. The sums
// of one chain have their own beginning; what two of them add between the same two indices is the same if, and for all
// practical purposes only if, the entries between are. It follows the log on its disk, not raft's memory of it.
type Chain struct {
	mu          sync.Mutex // never held across a wait
	links       [chainSpan]link
	begin, last uint64 // the entries behind begin up to last are there
	writes      uint64
}

// link is an entry's term, and the sum of all entries up to it.
type link struct{ term, sum uint64 }

// Span returns the indices of the oldest and the latest entry that At knows; there are none if last < first.
func (c *Chain) Span() (first, last uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.begin + 1, c.last
}

// At returns the term of an entry within Span, and the sum up to it.
func (c *Chain) At(index uint64) (term, sum uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.links[index%chainSpan]
	return l.term, l.sum
}

// Writes counts how often the log has changed.
func (c *Chain) Writes() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writes
}

// store takes in entries that the log has appended. Behind a gap, which a snapshot has filled, the chain begins anew.
func (c *Chain) store(entries []*raft.Log) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes++
	for _, e := range entries {
		if e.Index != c.last+1 {
			c.begin = e.Index - 1
		}
		var before uint64
		if c.begin < e.Index-1 {
			before = c.links[(e.Index-1)%chainSpan].sum
		}
		c.last = e.Index
		c.begin = max(c.begin, c.last-min(c.last, chainSpan))
		c.links[e.Index%chainSpan] = link{e.Term, before + digest(e)}
	}
}

// remove takes in that the log has lost the entries from first to last: its oldest, or its latest.
func (c *Chain) remove(first, last uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes++
	if last >= c.last {
		c.last = min(c.last, first-1)
		c.begin = min(c.begin, c.last)
		return
	}
	c.begin = max(c.begin, last)
}

// read takes in what a log holds that is opened again.
func (c *Chain) read(log raft.LogStore) error {
	first, err := log.FirstIndex()
	if err != nil {
		return err
	}
	last, err := log.LastIndex()
	if err != nil {
		return err
	}
	if last == 0 {
		return nil
	}
	for i := max(first, last-min(last, chainSpan-1)); i <= last; i++ {
		e := new(raft.Log)
		switch err := log.GetLog(i, e); {
		case err == nil:
			c.store([]*raft.Log{e})
		case !errors.Is(err, raft.ErrLogNotFound): // raft leaves a gap where a snapshot that it was sent takes over
			return err
		}
	}
	return nil
}

// digest is a hash of an entry: FNV-1a of its data, mixed with the rest so that sums of digests tell entries and their places
// apart.
func digest(e *raft.Log) uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for _, c := range e.Data {
		h = (h ^ uint64(c)) * prime
	}
	for _, n := range []uint64{uint64(e.Type), e.Term, e.Index} {
		h = (h ^ n) * prime
		h ^= h >> 32
		h *= 0x9e3779b97f4a7c15
	}
	return h ^ h>>29
}
