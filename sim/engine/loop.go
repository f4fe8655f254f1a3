package engine

import (
	"sync"
	"testing/synctest"
	"time"
)

// Loop is the one goroutine of a bubble that owns the world: it lets the others settle, and sleeps when nothing is due.
type Loop struct {
	Queue
	Collector
	start time.Time
	now   time.Duration // moves only while the loop sleeps
	timer *time.Timer
	wake  chan struct{}
}

// NewLoop returns a loop whose time starts now. It must be called, and the loop used, inside a bubble.
func NewLoop() *Loop {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &Loop{start: time.Now(), timer: timer, wake: make(chan struct{}, 1)}
}

// Now returns the virtual time since the loop was made.
func (l *Loop) Now() time.Duration { return l.now }

// Time returns the instant of d after the start.
func (l *Loop) Time(d time.Duration) time.Time { return l.start.Add(d) }

// Settle returns when every other goroutine of the bubble is blocked.
func (l *Loop) Settle() { synctest.Wait() }

// Sleep lets virtual time pass until an instant, or until a mailbox of the loop gets something.
func (l *Loop) Sleep(until time.Duration) {
	l.timer.Reset(until - l.now)
	select {
	case <-l.timer.C:
	case <-l.wake:
		l.timer.Stop()
	}
	l.now = time.Since(l.start)
}

// Mailbox takes what other goroutines of the bubble have for the loop's, which collects it when all is quiet.
type Mailbox[T any] struct {
	loop  *Loop
	mu    sync.Mutex
	items []T
	spare []T
}

// NewMailbox returns an empty mailbox that wakes the loop.
func NewMailbox[T any](l *Loop) *Mailbox[T] { return &Mailbox[T]{loop: l} }

// Put never blocks. The order in which several goroutines put is not repeatable: see Take.
func (m *Mailbox[T]) Put(item T) {
	m.mu.Lock()
	m.items = append(m.items, item)
	m.mu.Unlock()
	select {
	case m.loop.wake <- struct{}{}:
	default:
	}
}

// Take empties the mailbox. Whoever takes must bring the items into an order of their own before it can be seen. The
// slice is valid until the next call.
func (m *Mailbox[T]) Take() []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := m.items
	m.items, m.spare = m.spare[:0], items
	return items
}
