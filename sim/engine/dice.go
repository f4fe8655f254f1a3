package engine

// Dice makes the seeded choices of a run. A choice is named by what it is for and what it is about, and is a hash of the
// seed, that name, and how many choices of the name went before: a new die in one room moves no other's, and no choice
// depends on the order in which goroutines run.
type Dice struct {
	seed   uint64
	thrown map[die]uint64
}

type die struct{ purpose, about string }

// NewDice returns the dice of a seed.
func NewDice(seed uint64) *Dice { return &Dice{seed: mix(seed), thrown: map[die]uint64{}} }

// Throw returns 64 random bits: the next of those with that name.
func (d *Dice) Throw(purpose, about string) uint64 {
	name := die{purpose, about}
	n := d.thrown[name]
	d.thrown[name] = n + 1
	return d.At(purpose, about, n)
}

// At returns the nth choice of a name, counting from 0, and does not move on. It may be called from any goroutine.
func (d *Dice) At(purpose, about string, n uint64) uint64 {
	return mix(fold(fold(d.seed, purpose), about) + n)
}

// Choose returns a choice out of n, from 0 to n-1. n must be positive.
func (d *Dice) Choose(purpose, about string, n int) int {
	return int(d.Throw(purpose, about) % uint64(n))
}

// fold hashes a string into h: FNV-1a over its bytes, closed by a byte that no UTF-8 text has, so that "a"+"bc" and
// "ab"+"c" differ.
func fold(h uint64, s string) uint64 {
	const prime = 1099511628211
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * prime
	}
	return mix((h ^ 0xff) * prime)
}

// mix spreads the bits of x: the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
