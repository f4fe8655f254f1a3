package statefulset

import "math/bits"

// bitset is a set of small whole numbers.
type bitset []uint64

// newBitset returns an empty set for numbers below n.
func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

// put makes i a member, or not.
func (b bitset) put(i int, member bool) {
	if member {
		b[i/64] |= 1 << (i % 64)
	} else {
		b[i/64] &^= 1 << (i % 64)
	}
}

// has tells whether i is a member.
func (b bitset) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// next returns the smallest member that is at least i, or -1.
func (b bitset) next(i int) int {
	for w := i / 64; w < len(b); w++ {
		word := b[w]
		if w == i/64 {
			word &= ^uint64(0) << (i % 64)
		}
		if word != 0 {
			return w*64 + bits.TrailingZeros64(word)
		}
	}
	return -1
}

// prev returns the largest member that is at most i, or -1.
func (b bitset) prev(i int) int {
	if i < 0 {
		return -1
	}
	for w := i / 64; w >= 0; w-- {
		word := b[w]
		if w == i/64 {
			word &= ^uint64(0) >> (63 - i%64)
		}
		if word != 0 {
			return w*64 + bits.Len64(word) - 1
		}
	}
	return -1
}

// count returns how many members there are.
func (b bitset) count() int {
	n := 0
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return n
}

// without returns the members that are not members of other. Both sets are for numbers below the same bound.
func (b bitset) without(other bitset) bitset {
	rest := make(bitset, len(b))
	for w := range b {
		rest[w] = b[w] &^ other[w]
	}
	return rest
}
