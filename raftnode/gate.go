package raftnode

import (
	"sync"
	"time"
)

// gate lets what comes from outside reach raft's main goroutine one thing in an instant, and only while that goroutine waits
// for it. Were the main goroutine to come back from its disk and find both a request and a client's write, Go would choose
// between them at random. Writes that come at the same time are therefore never committed as one group.
type gate struct {
	dead <-chan struct{}

	mu      sync.Mutex // never held across a wait
	busy    int        // how often it was closed and not opened again
	turn    uint64     // counts how often it was opened, and what it let in
	last    time.Time  // when it was last opened, or let something in
	waiting []func()
}

// enter runs f now, or as soon as the gate is open and all that came before is in; never once the peer is dead, when raft might
// take a question in that it does not answer any more. f must not wait.
func (g *gate) enter(f func()) {
	if closed(g.dead) {
		return
	}
	g.mu.Lock()
	if g.busy > 0 || len(g.waiting) > 0 || g.last.Equal(time.Now()) {
		g.wait(f)
		g.mu.Unlock()
		return
	}
	g.pass()
	g.mu.Unlock()
	f()
}

// enterNext is enter for a goroutine of the peer itself: f does not run before all that is going on has settled.
func (g *gate) enterNext(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.wait(f)
}

// close keeps everything out until open was called as often.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy++
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy--
	g.pass()
	g.admit()
}

func (g *gate) wait(f func()) {
	g.waiting = append(g.waiting, f)
	if len(g.waiting) == 1 {
		g.admit()
	}
}

// pass begins a new turn: nothing else gets in at this instant.
func (g *gate) pass() {
	g.turn++
	g.last = time.Now()
}

// admit lets the first of those that wait in after a nanosecond, in which everything that is ready runs, unless the gate is
// closed by then or a later turn has come.
func (g *gate) admit() {
	if g.busy > 0 || len(g.waiting) == 0 {
		return
	}
	turn := g.turn
	time.AfterFunc(time.Nanosecond, func() {
		if f := g.next(turn); f != nil {
			f()
		}
	})
}

func (g *gate) next(turn uint64) (f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.busy > 0 || g.turn != turn || closed(g.dead) {
		return nil
	}
	f, g.waiting = g.waiting[0], g.waiting[1:]
	g.pass()
	g.admit()
	return f
}
