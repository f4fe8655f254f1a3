package explore

import "iter"

// Seeds are those of one shard: of the seeds from First on, Count of them (0: without end), each Of-th, beginning with the Shard-th,
// counted from 0, and none that is done.
type Seeds struct {
	First, Count uint64
	Shard, Of    uint64
	Done         map[uint64]bool
}

// All yields the seeds in their order.
func (s Seeds) All() iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for i := s.Shard; s.Count == 0 || i < s.Count; i += max(s.Of, 1) {
			if seed := s.First + i; !s.Done[seed] && !yield(seed) {
				return
			}
		}
	}
}

// Len is how many seeds there are; 0 if there is no end.
func (s Seeds) Len() (n uint64) {
	if s.Count > 0 {
		for range s.All() {
			n++
		}
	}
	return n
}
