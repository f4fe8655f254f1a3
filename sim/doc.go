// Package sim runs one scenario in one world, in virtual time, and leaves a Recording behind.
//
// # The idea
//
// A silent core of plain functions is handed the time and the dice, and one place owns both. Controllers, volumes and the
// network are laws: they take the present instant as an argument, they start no goroutine, and they know nothing of each
// other. Package raftnode is the one room where goroutines live, because hashicorp/raft is run as it is. This package knows
// them all and is the only one that does. Whoever shows, judges or compares runs reads recordings, never a running world.
//
// # The floors
//
// Imports run only downward, and packages on one floor do not import each other. TestImports keeps it so.
//
//	roof     cmd/sim               flags in, exit code out
//	gallery  tui sim/report        what a person sees
//	         sim/story sim/why     read a Recording: as lanes, scenes and causes; and what is stuck
//	         sim/explore           draws scenarios, runs them in worker processes, shrinks what breaks something
//	         sim/battery           makes drills of a user's manifests, and a card of what came of them
//	hall     sim                   one run of one world
//	         sim/engine sim/check  the clockwork; the judges
//	rooms    controller/… volume network raftnode
//	cellar   controller/store      the API server in memory
//	ground   scenarios             the language, the catalogue, the manifests; what can be exported of them
//
// # A step
//
// A run is a sequence of steps on one goroutine, the loop's, in a bubble of virtual time (sim/engine). A step has five beats:
//
//	settle   until every other goroutine of the bubble is blocked: raft runs, nobody else
//	collect  what peers said and answered, in an order that does not depend on which goroutine ran first
//	route    the network decides each message's fate and its instant
//	apply    one due event: a delivery, a fault, one key's reconcile, a kubelet's turn, a client's
//	judge    invariants and expectations; the trace and the frames grow
//
// When nothing is due the loop sleeps until the head of the queue; a timer of raft may wake it earlier.
//
// # How a change travels
//
// A write to the API server (controller/store) is a Change. Each process of the control plane has an informer, whose cache is
// a store.View: the change enters it a little later, when its watch delivers, and makes keys dirty. A dirty key is an event in
// the queue; when it is due, one reconciler is called for that key, reads the cache (which may be stale by then) and writes to
// the API server. So work grows with what changed, not with the size of the world, and a stale cache costs nothing: it is an
// older view that shares everything with the newer one.
//
// Kubelets are such processes too, but far away: their watches, their reports and their leases cross the network, as do raft's
// calls, DNS and the clients' requests. A kubelet drives processes, each behind the interface program: a raft peer is one.
//
// # Causes
//
// Every event of the trace names the event that led to it. Whatever is queued remembers what was being applied when it was
// queued, and is applied in its name (world.because). So one chain leads from a killed container over an election, a label
// and an EndpointSlice to the first write that succeeds again.
//
// # Faults
//
// What a step does that lasts is a fault with an end of its own (fault.go), so that faults compose and each is healed alone. Those
// that meet what comes later, such as the next start of a container, are kept where that is looked up (fault_named.go). Deliberate bugs
// (bugs.go) are planted before a run begins, at seams that are empty in a sound world.
//
// # The same again
//
// Same scenario, same seed: same trace, byte for byte. Every choice is a hash of the seed, what the choice is for, and how
// many of its kind went before; events never share an instant; maps are never walked where order can be seen. Raft's own
// goroutines are kept in order by what engine.Bubble and package raftnode do and say.
package sim
