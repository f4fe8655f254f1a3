package raftnode_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"statefulsim/raftnode"
)

// world is the least that peers need around them: a network with hashed latencies, and a loop that applies one due event
// after the other.
type world struct {
	seed uint64
	dir  string

	mu      sync.Mutex
	outbox  []raftnode.Message
	answers []answer
	wake    chan struct{}

	begin  time.Time
	queue  []event // sorted by due
	counts map[string]uint64
	cut    map[string]bool // names of peers that the network does not reach
	faults map[string]func(raftnode.DiskUse) error
	exits  []string
	peers  map[string]*raftnode.Peer
	ids    uint64
	timing raftnode.Timing
	trace  []string
	quiet  bool // keep no trace
	got    map[uint64]raftnode.Answer

	// Of a storm.
	wrote  map[uint64]bool
	checks map[uint64]uint64 // reads at the end, with the write that each is to find
	used   map[string]bool
}

type answer struct {
	peer string
	raftnode.Answer
}

type event struct {
	due time.Duration
	do  func()
}

// simulate runs a world for some virtual time in a bubble of its own.
func simulate(tb testing.TB, seed uint64, lasts time.Duration, script func(*world)) *world {
	w := &world{
		seed: seed, dir: tb.TempDir(), wake: make(chan struct{}, 1), counts: map[string]uint64{}, cut: map[string]bool{},
		peers: map[string]*raftnode.Peer{}, got: map[uint64]raftnode.Answer{}, faults: map[string]func(raftnode.DiskUse) error{},
	}
	//lint:ignore SA1019 raft draws from the global source, which nothing else can seed
	rand.Seed(int64(seed))
	synctest.Test(new(testing.T), func(*testing.T) {
		w.wake = make(chan struct{}, 1)
		w.begin = time.Now()
		script(w)
		w.run(lasts)
		for _, p := range w.peers {
			p.Kill()
		}
		time.Sleep(time.Minute)
		for name, p := range w.peers {
			if !p.Gone() {
				panic(name + " is not gone")
			}
		}
	})
	runtime.GC()
	return w
}

func (w *world) now() time.Duration { return time.Since(w.begin) }

// at has something happen at an instant of its own.
func (w *world) at(due time.Duration, do func()) {
	i, taken := slices.BinarySearchFunc(w.queue, due, func(e event, d time.Duration) int { return int(e.due - d) })
	for ; taken; i++ {
		due++
		taken = i+1 < len(w.queue) && w.queue[i+1].due == due
	}
	w.queue = slices.Insert(w.queue, i, event{due, do})
}

func (w *world) run(lasts time.Duration) {
	w.at(lasts, func() {})
	for w.now() < lasts {
		synctest.Wait()
		w.collect()
		if head := w.queue[0]; head.due <= w.now() {
			w.queue = w.queue[1:]
			head.do()
			continue
		}
		timer := time.NewTimer(w.queue[0].due - w.now())
		select {
		case <-timer.C:
		case <-w.wake:
			timer.Stop()
		}
	}
}

// collect takes what the peers said since it last looked, in canonical order.
func (w *world) collect() {
	w.mu.Lock()
	messages, answers := w.outbox, w.answers
	w.outbox, w.answers = nil, nil
	w.mu.Unlock()
	slices.SortFunc(messages, raftnode.Compare)
	for _, m := range messages {
		w.route(m)
	}
	slices.SortFunc(answers, func(a, b answer) int { return int(a.ID) - int(b.ID) })
	for _, a := range answers {
		w.got[a.ID] = a.Answer
		if !w.quiet {
			w.note("%s answers %d: %q %t %d %v %t", a.peer, a.ID, a.Value, a.Found, a.Index, a.Err, a.Maybe)
		}
	}
}

func (w *world) route(m raftnode.Message) {
	if !w.quiet {
		direction := ">"
		if m.Answer {
			direction = "answers"
		}
		w.note("%s %s %s %s %d %s", m.From, direction, m.To, m.Kind, m.ID, m.Summary)
	}
	latency := w.draw(500*time.Microsecond, m.From, m.To, string(m.Kind))
	if w.cut[m.From] || w.cut[m.To] {
		return
	}
	w.at(w.now()+latency, func() {
		if p := w.peers[m.To]; p != nil {
			p.Deliver(m)
		} else if from := w.peers[m.From]; from != nil {
			from.Fail(m, errRefused)
		}
	})
}

var errRefused = errors.New("connection refused")

// draw hashes a duration between least and three times least from what it is for.
func (w *world) draw(least time.Duration, about ...string) time.Duration {
	key := fmt.Sprint(about)
	w.counts[key]++
	return hashed(least, w.seed, w.counts[key], key)
}

func hashed(least time.Duration, seed, n uint64, about string) time.Duration {
	h := fnv.New64a()
	fmt.Fprint(h, seed, n, about)
	return least + time.Duration(h.Sum64()%uint64(2*least))
}

func (w *world) note(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf("%v ", w.now())+fmt.Sprintf(format, args...))
}

func (w *world) start(name string, bootstrap bool) {
	p, err := raftnode.Start(raftnode.Config{
		ID: name, Address: name, Dir: filepath.Join(w.dir, name), Bootstrap: bootstrap, Timing: w.timing,
		DiskLatency: func(n uint64) time.Duration { return hashed(100*time.Microsecond, w.seed, n, name) },
		Send: func(m raftnode.Message) {
			w.mu.Lock()
			w.outbox = append(w.outbox, m)
			w.mu.Unlock()
			w.awake()
		},
		Answer: func(a raftnode.Answer) {
			w.mu.Lock()
			w.answers = append(w.answers, answer{name, a})
			w.mu.Unlock()
			w.awake()
		},
		DiskError: func(use raftnode.DiskUse) error {
			if fault := w.faults[name]; fault != nil {
				return fault(use)
			}
			return nil
		},
		Exited: func(err error) {
			switch {
			case errors.Is(err, errDisk):
				w.mu.Lock()
				w.exits = append(w.exits, name+": "+err.Error())
				w.mu.Unlock()
			case err != nil:
				panic(err)
			}
		},
	})
	if err != nil {
		panic(err)
	}
	w.peers[name] = p
}

func (w *world) awake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// leader names the peer that serves, or "".
func (w *world) leader() string {
	for _, name := range w.names() {
		if w.peers[name].Status().Serving {
			return name
		}
	}
	return ""
}

func (w *world) names() (names []string) {
	for name := range w.peers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// onLeader does something to the leader at an instant, or as soon as there is one.
func (w *world) onLeader(due time.Duration, do func(name string, p *raftnode.Peer)) {
	w.at(due, func() {
		if name := w.leader(); name != "" {
			do(name, w.peers[name])
			return
		}
		w.onLeader(w.now()+50*time.Millisecond, do)
	})
}

func (w *world) id() uint64 {
	w.ids++
	return w.ids
}

// write writes a value of its own to one of a few registers.
func (w *world) write(due time.Duration) {
	w.onLeader(due, func(_ string, p *raftnode.Peer) {
		id := w.id()
		p.Write(id, fmt.Sprintf("key-%d", id%5), fmt.Sprintf("value-%d", id))
	})
}

func (w *world) read(due time.Duration) {
	w.onLeader(due, func(_ string, p *raftnode.Peer) {
		id := w.id()
		p.Read(id, fmt.Sprintf("key-%d", id%5), true)
	})
}

func (w *world) join(due time.Duration, name string) {
	w.onLeader(due, func(_ string, p *raftnode.Peer) {
		if slices.Contains(p.Status().Voters, name) {
			return
		}
		p.Join(w.id(), name, name)
		w.join(w.now()+time.Second, name)
	})
}

// crash kills a peer and starts it again when its directory is free and some time has passed.
func (w *world) crash(name string, away time.Duration) {
	p := w.peers[name]
	p.Kill()
	delete(w.peers, name)
	w.at(w.now()+away, func() {
		if !p.Gone() {
			panic(name + " still holds its directory")
		}
		w.start(name, false)
	})
}

// three starts three peers, at different instants, and has two of them join the first.
func (w *world) three() {
	for i, name := range []string{"p0", "p1", "p2"} {
		w.at(time.Duration(i)*7_654_321, func() { w.start(name, i == 0) })
		if i > 0 {
			w.join(time.Duration(i)*time.Second, name)
		}
	}
}

// find returns the first line of the trace that has the text in it.
func (w *world) find(text string) string {
	for _, line := range w.trace {
		if strings.Contains(line, text) {
			return line
		}
	}
	return ""
}
