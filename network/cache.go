package network

import (
	"slices"
	"time"
)

// Cache is what one resolver remembers of DNS answers. It is bounded, and it remembers too that a name does not exist.
//
// How long an answer counts is the server's to say and is handed in with it. CoreDNS' kubernetes plugin gives 5 s unless
// told otherwise; the Corefile that Kubernetes bundles says 30 s there and lets the cache plugin keep answers, and
// denials, for at most 30 s. So a peer that asked for a name too early may be told for half a minute that there is none.
type Cache struct {
	size    int
	entries map[string]entry
}

type entry struct {
	answer  []string // empty: the name does not exist
	expires time.Time
}

// NewCache returns an empty cache for at most size names; size is at least 1.
func NewCache(size int) *Cache { return &Cache{size: size, entries: make(map[string]entry)} }

// Lookup returns what is known of a name: its addresses, or none if it is known not to exist. known is false if the server
// has to be asked. The answer is shared and must not be changed.
func (c *Cache) Lookup(now time.Time, name string) (answer []string, known bool) {
	e, ok := c.entries[name]
	if !ok || !now.Before(e.expires) {
		return nil, false
	}
	return e.answer, true
}

// Learn remembers an answer for ttl; an empty one says that the name does not exist. An answer that may not be kept (ttl is
// not positive) replaces what was known of the name all the same. When the cache is full, the answer that would expire
// first makes room.
func (c *Cache) Learn(now time.Time, name string, answer []string, ttl time.Duration) {
	delete(c.entries, name)
	if ttl <= 0 {
		return
	}
	if len(c.entries) >= c.size {
		c.makeRoom()
	}
	c.entries[name] = entry{answer: slices.Clone(answer), expires: now.Add(ttl)}
}

func (c *Cache) makeRoom() {
	var victim string
	var expires time.Time
	for name, e := range c.entries {
		// Of two that expire together the name decides, since a map has no order.
		if victim == "" || e.expires.Before(expires) || e.expires.Equal(expires) && name < victim {
			victim, expires = name, e.expires
		}
	}
	delete(c.entries, victim)
}
