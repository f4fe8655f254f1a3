// Package engine is the clockwork of a run: a bubble of virtual time, a queue of events in it, and seeded choice.
//
// It knows nothing of Kubernetes or Raft. A run is one call of Bubble; inside it one goroutine owns a Loop and applies the
// events of its queue one after the other, while other goroutines of the bubble (Raft's) run only as long as it settles.
package engine
