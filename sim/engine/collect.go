package engine

import (
	"runtime"
	"runtime/metrics"
)

// heapBound is how much the heap may grow, in bytes, before it is collected. It keeps the whole process well under 150 MB.
const heapBound = 80 << 20

// collectEvery is how many calls of Collect pass between two looks at the heap.
const collectEvery = 512

// Collector frees memory at quiet points. The runtime's own collector is off during a run, since it wakes goroutines in an
// order that no seed decides.
type Collector struct {
	calls  int
	live   uint64 // bytes that survived the last collection
	sample [1]metrics.Sample
}

// Collect must be called when the bubble has settled. Most calls cost nothing.
func (c *Collector) Collect() {
	if c.calls++; c.calls%collectEvery != 0 {
		return
	}
	if c.heap() < c.live+max(heapBound, c.live) {
		return
	}
	runtime.GC()
	c.live = c.heap()
}

func (c *Collector) heap() uint64 {
	c.sample[0].Name = "/memory/classes/heap/objects:bytes"
	metrics.Read(c.sample[:])
	return c.sample[0].Value.Uint64()
}
