package explore

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
)

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

// ParseShard reads which part of the seeds a search tries: "i/n" is each n-th, beginning with the i-th, counted from 0.
func ParseShard(text string) (shard, of uint64, err error) {
	i, n, found := strings.Cut(text, "/")
	shard, wrong := strconv.ParseUint(i, 10, 64)
	of, also := strconv.ParseUint(n, 10, 64)
	if !found || wrong != nil || also != nil || of == 0 || shard >= of {
		return 0, 0, fmt.Errorf("a shard is i/n with i from 0 to n-1, such as 3/8, not %q", text)
	}
	return shard, of, nil
}
