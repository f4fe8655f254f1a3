package engine

import (
	"cmp"
	"fmt"
	"math/rand"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"testing/synctest"
)

// running lets one run go at a time: what Bubble switches (processors, collector, the global source of randomness) belongs
// to the whole process. Many runs at once are many processes.
var running sync.Mutex

// Panic is what Bubble returns when f panicked.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("panic in a run: %v\n%s", p.Value, p.Stack) }

// Bubble calls f in a bubble of virtual time: inside it package time starts at midnight UTC of 2000-01-01 and moves only
// when every goroutine of the bubble waits for time or for another of them. Every goroutine that f starts must have ended
// when f returns. A panic of f is returned as *Panic.
//
// The bubble is testing/synctest's, which works in an ordinary program too, and nothing else of package testing is used: a
// zero testing.T cannot report a failure, so that panics are caught here and handed out.
//
// For the same seed the goroutines of a bubble run in the same order. That holds because there is one processor, because
// the collector does not run on its own (see Collect), because hashicorp/raft draws its time-outs from the global source
// of math/rand, which is seeded here (this needs GODEBUG randseednop=0, see go.mod), and if asynchronous preemption is off
// (GODEBUG asyncpreemptoff=1, which only the environment can set; the command does).
func Bubble(seed uint64, f func()) (err error) {
	running.Lock()
	defer running.Unlock()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	//lint:ignore SA1019 raft uses the global source, and only Seed makes that repeatable.
	rand.Seed(int64(mix(seed)))

	// After a panic of f its goroutines are still there, and the bubble panics because of them in turn.
	defer func() { err = cmp.Or(err, caught(recover())) }()
	synctest.Test(new(testing.T), func(*testing.T) {
		defer func() { err = caught(recover()) }()
		f()
	})
	return err
}

func caught(v any) error {
	if v == nil {
		return nil
	}
	return &Panic{Value: v, Stack: debug.Stack()}
}
