package sim

import (
	"errors"
	"fmt"
	"time"

	"statefulsim/controller/store"
	"statefulsim/network"
	"statefulsim/raftnode"
	"statefulsim/scenarios"
)

// instance is a program: an instance of a replicated database. One of the set's is the primary, which takes writes; the others
// are replicas, which stream its log. Which one it is to be, it learns from the set's Lease when it starts, and later from
// the operator; it decides nothing itself.
type instance struct {
	process *process
	id      string // the pod's name with its namespace in front unless that is "default"
	set     store.Key
	options scenarios.Replication
	names   *network.Cache

	log     *journal // nil until it has booted
	told    leadership
	primary bool  // it has taken up the leadership that it was told of
	halted  error // why it cannot be what it was told to be
	seeking bool  // it asks the API server who is to be the primary
	opened  bool  // it takes writes, as far as the world has been told
	cause   int   // the event that made it what it is

	stopping bool // it has had SIGTERM
	yielding bool // it is about to hand over to another, and to stay
	life     int  // counts its turns as a primary or a replica: what belongs to an earlier one is void

	// Of a primary.
	streams  []*waitingStream // replicas that wait for entries
	resizing int              // the number of replicas that it wants the Lease to name; 0: none
	has      map[int]int      // how many of the entries each replica has, by its ordinal
	pending  []pendingWrite   // writes that wait for replicas, oldest first
	relaxed  bool             // semiSync: no replica had a write in time, so that it goes on without

	// Of a replica.
	caughtUp bool // it has once had all that its primary had, since it started
	behind   bool // its stream is broken
}

func newInstance(p *process) *instance {
	return &instance{process: p, id: p.sandbox.name(), set: p.sandbox.set, options: p.sandbox.runs.Replication,
		names: network.NewCache(cachedNames)}
}

func (i *instance) world() *world { return i.process.world() }
func (i *instance) actor() string { return "database/" + i.id }

// running tells whether it has booted and not ended.
func (i *instance) running() bool { return i.log != nil && !i.process.ended }

// over tells whether the turn with that number is over: it has ended, or was told to be something else.
func (i *instance) over(life int) bool { return i.process.ended || i.life != life }

// disk names the disk that its log lies on; "" is the container's own file system, which ends with it.
func (i *instance) disk() string {
	s := i.process.sandbox
	return s.volumes[firstClaim(s.pod)]
}

// boot opens the log and asks who is to be the primary.
func (i *instance) boot() {
	w, disk := i.world(), i.disk()
	dir := w.disks.Path(disk)
	if disk == "" {
		dir = w.disks.Scratch(i.process.scratch())
	}
	err := w.disks.OpenFault(disk)
	var log *journal
	if err == nil {
		log, err = openJournal(dir)
	}
	if err != nil {
		i.die(err)
		return
	}
	w.disks.Hold(disk)
	i.log = log
	w.instances = append(w.instances, i)
	i.cause = w.tell(Event{Verb: "open", Kind: "Instance", Name: i.id, Detail: entries(len(log.entries)), Level: Normal})
	w.because(i.cause, i.actor(), i.seek)
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return number(uint64(n)) + " entries"
}

// die ends the process because it cannot use its disk.
func (i *instance) die(err error) {
	w, p := i.world(), i.process
	w.tell(Event{Verb: "fail", Kind: "Instance", Name: i.id, Reason: "DiskFailed", Detail: err.Error(), Level: Headline})
	p.end("exit", "DiskFailed", Headline)
	p.sandbox.machine.exited(p, 1, "Error")
}

// synced does something to the disk, after the time of a synced write, unless the process has ended or its turn is over by then.
func (i *instance) synced(do func() error, then func()) {
	w, life := i.world(), i.life
	w.after(w.latency("disk", i.id)+w.disks.Delay(i.disk()), func() {
		if i.over(life) {
			return
		}
		err := w.disks.Fault(i.disk(), true)
		if err == nil {
			err = do()
		}
		if err != nil {
			i.die(err)
			return
		}
		then()
	})
}

// Why an instance is not what it was told to be, or does not do what it was asked.
var (
	errNoData   = errors.New("its data is gone, and it may not begin anew")
	errStale    = errors.New("the order is older than one that it has had")
	errStopping = errors.New("the database system is shutting down")
	errYielding = errors.New("it hands over to another")
	errFenced   = errors.New("its lease has run out")
	errUntold   = errors.New("nobody has told it what it is to be")
	errNoStream = errors.New("has not yet all that the primary had")
)

// ready is nil for a primary that takes writes, and for a replica that once had all that its primary had.
func (i *instance) ready() error {
	switch {
	case i.halted != nil:
		return i.halted
	case i.stopping:
		return errStopping
	case i.primary && i.yielding:
		return errYielding
	case i.primary && i.fenced():
		return errFenced
	case i.primary, i.caughtUp:
		return nil
	case i.told.timeline == 0:
		return errUntold
	}
	return errNoStream
}

// serve answers clients, other instances and the operator.
func (i *instance) serve(kind string, body any, answer reply) {
	i.world().because(i.world().cause, i.actor(), func() { i.handle(kind, body, answer) })
}

func (i *instance) handle(kind string, body any, answer reply) {
	switch body := body.(type) {
	case write:
		i.write(body, i.world().counted(i.process, answer))
	case read:
		i.read(body, answer)
	case follow:
		i.feed(body, answer)
	case order:
		i.obey(body, func(err error) { answer(nil, err) })
	case poll:
		i.report(body, answer)
	default:
		panic("sim: a replicated database cannot answer " + kind)
	}
}

func (i *instance) read(body read, answer reply) {
	if !body.stale && !i.opened {
		answer(nil, errNotPrimary)
		return
	}
	value, found := i.log.newest(body.key)
	answer(raftnode.Answer{Value: value, Found: found}, nil)
}

// stop ends the instance in order: a primary takes no more writes, flushes, and hands over through the operator.
func (i *instance) stop(ended func()) {
	w := i.world()
	i.stopping = true
	i.stand("it was told to stop")
	if i.primary {
		i.acknowledge() // a set that shrinks may end most of its instances at once: those that stay have to count
	}
	w.after(w.latency("processStop", i.process.name()), func() {
		if i.process.ended {
			return
		}
		if i.primary {
			i.handOver("", ended)
			return
		}
		ended()
	})
}

// handOverTimeout is how long a primary that ends waits for the operator.
const handOverTimeout = 10 * time.Second

// handOver asks the operator for a successor, if it can be for a certain pod, and goes on when there is one, or when the operator has
// had time enough.
func (i *instance) handOver(heir string, then func()) {
	w, place := i.world(), i.process.sandbox.place
	over := w.after(handOverTimeout, then)
	w.send(place, controlPlane, "hand over", func() {
		w.operator.handOver(i.set, i.process.sandbox.pod.Name, heir, func() {
			w.send(controlPlane, place, "hand over answer", func() {
				if over.Cancel() && !i.process.ended {
					then()
				}
			})
		})
	})
}

func (i *instance) kill() {
	if i.log == nil {
		return
	}
	w := i.world()
	what := "its node went down"
	if i.process.sandbox.machine.down == nil {
		what = "its process ended"
	}
	w.failovers.deaths[i.set] = w.cause
	i.opened = false
	w.failovers.lost(i.process, what)
	w.takesWrites(i.process, false, w.cause)
	err := w.disks.Release(i.disk())
	if err == nil {
		err = w.disks.DropScratch(i.process.scratch())
	}
	if err != nil {
		w.fail("file system of container "+i.process.name(), err)
	}
}

func (i *instance) history() map[string][]string { return i.log.values() }

func (i *instance) beats(other member) bool {
	o, ok := other.(*instance)
	return !ok || ahead(i.log, o.log)
}

// ahead tells whether one log has more than another: it was written to by a later primary, or further by the same.
func ahead(a, b *journal) bool {
	if x, y := a.last().Timeline, b.last().Timeline; x != y {
		return x > y
	}
	return len(a.entries) > len(b.entries)
}

// halt keeps the instance from being what it was told to be.
func (i *instance) halt(why error) {
	if i.halted == nil || i.halted.Error() != why.Error() {
		i.cause = i.world().tell(Event{Verb: "halt", Kind: "Instance", Name: i.id, Reason: "Halted", Detail: why.Error(), Level: Headline})
	}
	i.halted = why
	i.process.health(i.cause)
}

func diverged(extra int, primary string) error {
	return fmt.Errorf("%s of its log are not in that of the primary %s", entries(extra), primary)
}
