package kubelet

import (
	"cmp"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/controller/store"
)

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// world is one node with its kubelet, an API server without latency, and a clock that jumps from one thing that is due to the
// next. What happens is written down, line by line.
type world struct {
	t       require.TestingT
	now     time.Time
	store   *store.Store
	cache   *store.View
	kubelet *Kubelet

	dirty  []store.Key
	wake   map[store.Key]time.Time
	beat   time.Time
	queue  []event
	acts   map[string]act // by container
	hinder func(ProbeKind) (late time.Duration, fails bool)
	alive  map[string][]*process
	hops   map[string]time.Duration
	mounts map[string]bool // by pod and claim
	held   []store.Change  // what a late watch has not delivered yet
	late   bool            // the watch is late
	off    bool            // the machine has no power
	cut    bool            // the machine is cut off from the API server: its calls are lost, its cache stands still
	quiet  bool            // nothing is written down
	lines  []string
	before string // the pod's line that was written last
}

// event is something that the script, or a process, does at an instant.
type event struct {
	at time.Time
	do func()
}

func newWorld(t require.TestingT) *world {
	w := &world{
		t: t, now: epoch, store: store.New(), wake: map[store.Key]time.Time{}, acts: map[string]act{},
		alive: map[string][]*process{}, mounts: map[string]bool{},
		hops: map[string]time.Duration{
			"mount": 300 * time.Millisecond, "unmount": 200 * time.Millisecond, "sandbox": 400 * time.Millisecond,
			"imagePull": 2 * time.Second, "containerStart": 100 * time.Millisecond, "probe": 5 * time.Millisecond,
			"pleg": 500 * time.Millisecond, "statusReport": 20 * time.Millisecond,
			"podSync": 70 * time.Second, "fsResize": time.Second,
		},
	}
	w.kubelet = New(Config{Node: "a", HostIP: "192.168.0.1"}, w)
	w.cache = w.store.View()
	w.store.OnChange = func(c store.Change) {
		switch {
		case w.cut || w.off:
		case w.late:
			w.held = append(w.held, c)
		default:
			w.deliver(c)
		}
	}
	return w
}

func (w *world) deliver(c store.Change) {
	w.cache.Follow(c)
	w.dirty = append(w.dirty, w.kubelet.Keys(c, w.cache)...)
}

// catchUp delivers what a late watch held back.
func (w *world) catchUp() {
	held := w.held
	w.held, w.late = nil, false
	for _, c := range held {
		w.deliver(c)
	}
}

func (w *world) api() *store.Client { return w.store.At(w.now, nil) }

func (w *world) create(obj store.Object) {
	_, err := w.api().Create(obj)
	require.NoError(w.t, err)
}

// at plans what the script does.
func (w *world) at(after time.Duration, do func()) {
	w.queue = append(w.queue, event{epoch.Add(after), do})
}

// run lets the clock go on until an instant.
func (w *world) run(until time.Duration) {
	end := epoch.Add(until)
	for w.settle(); ; w.settle() {
		next := w.next()
		if next.IsZero() || next.After(end) {
			w.now = end
			return
		}
		require.False(w.t, next.Before(w.now), "time goes back from %v to %v", w.now, next)
		w.now = next
		w.due()
	}
}

// next is the earliest instant at which something is due.
func (w *world) next() time.Time {
	var next time.Time
	if !w.off {
		next = w.beat
		for _, at := range w.wake {
			next = earlier(next, at)
		}
	}
	for _, e := range w.queue {
		next = earlier(next, e.at)
	}
	return next
}

// due does everything of the present instant: first the script and the processes, then the kubelet.
func (w *world) due() {
	for i := 0; i < len(w.queue); {
		if e := w.queue[i]; !e.at.After(w.now) {
			w.queue = slices.Delete(w.queue, i, i+1)
			e.do()
		} else {
			i++
		}
	}
	if w.off {
		return
	}
	for key, at := range w.wake {
		if !at.After(w.now) {
			w.dirty = append(w.dirty, key)
		}
	}
	if !w.beat.IsZero() && !w.beat.After(w.now) {
		w.beat = w.kubelet.Heartbeat(w.now, w.cache)
	}
}

// settle calls Sync until the kubelet has taken in all that changed at this instant.
func (w *world) settle() {
	for len(w.dirty) > 0 && !w.off {
		keys := w.dirty
		w.dirty = nil
		slices.SortFunc(keys, func(a, b store.Key) int { return cmp.Compare(a.String(), b.String()) })
		for _, key := range slices.Compact(keys) {
			delete(w.wake, key)
			cache := *w.cache // what changes because of this call is seen after it
			if at := w.kubelet.Sync(w.now, key, &cache); !at.IsZero() {
				require.True(w.t, at.After(w.now), "%v wants to be woken at %v, and it is %v", key, at, w.now)
				w.wake[key] = at
			}
		}
	}
}

// powerOff and powerOn are what a machine suffers.
func (w *world) powerOff() {
	w.say("power off")
	w.kubelet.Restart(w.now)
	w.off, w.wake, w.dirty, w.held = true, map[store.Key]time.Time{}, nil, nil
	clear(w.mounts)
}

func (w *world) powerOn() {
	w.say("power on")
	w.off = false
	if !w.beat.IsZero() {
		w.beat = w.kubelet.Heartbeat(w.now, w.cache)
	}
	w.relist()
}

// restartKubelet ends the kubelet's own process; the machine goes on without it for a while.
func (w *world) restartKubelet(after time.Duration) {
	w.say("kubelet ends")
	w.kubelet.RestartKubelet(w.now)
	w.off, w.wake, w.dirty, w.held = true, map[store.Key]time.Time{}, nil, nil
	w.at(w.now.Sub(epoch)+after, func() {
		w.say("kubelet begins")
		w.off = false
		w.beat = w.kubelet.Heartbeat(w.now, w.cache)
		w.relist()
	})
}

// relist fills the cache anew, as a kubelet does that has not heard from the API server for long.
func (w *world) relist() {
	w.cut, w.late, w.held = false, false, nil
	w.cache = w.store.View()
	w.dirty = append(w.dirty, w.kubelet.Relist(w.cache)...)
}
