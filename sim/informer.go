package sim

import (
	"strconv"
	"time"

	"statefulsim/controller/store"
	"statefulsim/sim/engine"
)

// reconciler is a component of the control plane, as plain functions that are called from the loop.
type reconciler interface {
	// Keys names what has to be reconciled because of a change that the cache just took in.
	Keys(change store.Change, cache *store.View) []store.Key
	// Reconcile brings the thing with that key nearer to what is wanted. again > 0 asks for another call after that long.
	Reconcile(key store.Key, cache *store.View, api *store.Client) (again time.Duration, err error)
}

// informer is one process of the control plane: a cache that its watches fill, and the components that share it.
type informer struct {
	w          *world
	name       string
	cache      store.View
	components []*component
	last       time.Duration // the latest delivery under way: changes arrive in their order
	listed     int64         // the resource version of the last list: what changed before that is known
	unheard    []news        // what is kept from it
	down       bool          // it does not run
	unwatched  map[store.Kind]bool
}

// component is a reconciler with its queue of work.
type component struct {
	reconciler
	fresh    func() reconciler // a new process has a new one
	name     string
	hops     []string // what passes between a change in its cache and its work at the key
	informer *informer
	work     map[store.Key]*work
}

// work is one key in a component's queue.
type work struct {
	event *engine.Event
	cause int // the latest change that asked for it
	tries int // failed calls in a row
}

// Retries of a failed reconcile: client-go's default rate limiter, util/workqueue/default_rate_limiters.go.
const (
	firstRetry = 5 * time.Millisecond
	lastRetry  = 1000 * time.Second
)

// retryAfter is how long a key waits that has failed so often before.
func retryAfter(failures int) time.Duration { return min(firstRetry<<min(failures, 30), lastRetry) }

func (w *world) addInformer(name string, unwatched ...store.Kind) *informer {
	i := &informer{w: w, name: name, unwatched: map[store.Kind]bool{}}
	for _, kind := range unwatched {
		i.unwatched[kind] = true
	}
	w.informers = append(w.informers, i)
	return i
}

// add has the process run a reconciler, and a new one whenever it is started anew.
func (i *informer) add(name string, fresh func() reconciler, hops ...string) {
	if hops == nil {
		hops = []string{"reconcile", "apiCall"}
	}
	i.components = append(i.components,
		&component{reconciler: fresh(), fresh: fresh, name: name, hops: hops, informer: i, work: map[store.Key]*work{}})
}

// watch sends a change on its way into the cache.
func (i *informer) watch(c store.Change, cause int) {
	if i.unwatched[c.Kind] || i.down {
		return
	}
	at := max(i.w.loop.Now()+i.w.latency("watch", i.name)+i.w.slowness(apiServer), i.last+1)
	i.last = i.w.loop.Push(at, func() { i.deliver(c, cause) }).At
}

// deliver brings a change into the cache, or keeps it back while the process is to be stale.
func (i *informer) deliver(c store.Change, cause int) {
	switch {
	case i.down || c.Revision <= i.listed:
	case i.w.stale(i.name):
		i.unheard = append(i.unheard, news{c, cause})
	default:
		i.take(c, cause)
	}
}

// catchUp brings into the cache what was kept back, unless the process is still to be stale.
func (i *informer) catchUp() {
	kept := i.unheard
	i.unheard = nil
	for _, n := range kept {
		i.deliver(n.change, n.cause)
	}
}

func (i *informer) take(c store.Change, cause int) {
	i.cache.Follow(c)
	i.notify(c, cause)
}

// notify has the components find out what they have to do because of a change that the cache has taken in.
func (i *informer) notify(c store.Change, cause int) {
	for _, component := range i.components {
		for _, key := range component.Keys(c, &i.cache) {
			var delay time.Duration
			for _, hop := range component.hops {
				delay += i.w.latency(hop, component.name)
			}
			component.dirty(key, delay, cause)
		}
	}
}

// exit ends the process: what it was about to do, and all that it knew, is gone.
func (i *informer) exit(reason string) {
	if i.down {
		return
	}
	i.w.tell(Event{Verb: "exit", Kind: "Component", Name: i.name, Reason: reason, Level: Headline})
	i.down, i.unheard = true, nil
	for _, component := range i.components {
		for _, job := range component.work {
			if job.event != nil {
				job.event.Cancel()
			}
		}
		clear(component.work)
	}
}

// begin starts a process that has ended, if nothing keeps it from running: it lists all that it watches, and reconciles it.
func (i *informer) begin() {
	w := i.w
	if !i.down || w.stopped(i.name) || w.stopped(apiServer) {
		return
	}
	i.down, i.listed = false, w.revision
	seq := w.tell(Event{Verb: "start", Kind: "Component", Name: i.name, Reason: "Started", Level: Headline})
	for _, component := range i.components {
		component.reconciler = component.fresh()
	}
	live := w.store.View()
	for _, kind := range store.Kinds() {
		if !i.unwatched[kind] {
			i.cache.Follow(store.Change{Kind: kind, After: live})
		}
	}
	for _, kind := range store.Kinds() {
		if i.unwatched[kind] {
			continue
		}
		for obj := range live.Objects(kind) {
			revision, _ := strconv.ParseInt(obj.GetResourceVersion(), 10, 64) // the store's own versions are numbers
			i.notify(store.Change{Kind: kind, New: obj, Revision: revision, After: live}, seq)
		}
	}
}

// dirty asks for a reconcile after a delay, unless one is due before that anyway: one key never runs twice at once. A slow
// component begins it later, and so does one whose API server is slow.
func (c *component) dirty(key store.Key, delay time.Duration, cause int) {
	if c.informer.down {
		return
	}
	at := c.informer.w.loop.Now() + delay + c.informer.w.slowness(c.informer.name) + c.informer.w.slowness(apiServer)
	job := c.work[key]
	if job == nil {
		job = &work{}
		c.work[key] = job
	}
	job.cause = cause
	if job.event != nil {
		if job.event.At <= at {
			return
		}
		job.event.Cancel()
	}
	job.event = c.informer.w.loop.Push(at, func() { c.run(key, job) })
}

func (c *component) run(key store.Key, job *work) {
	w := c.informer.w
	job.event = nil
	w.judge.step.Actor = c.name
	w.because(job.cause, c.name, func() {
		again, err := c.Reconcile(key, &c.informer.cache, w.api())
		switch {
		case err != nil:
			w.tell(Event{Verb: "retry", Kind: key.Kind.String(), Name: DisplayName(key.Namespace, key.Name),
				Reason: "FailedSync", Detail: err.Error(), Level: Normal})
			c.dirty(key, retryAfter(job.tries), job.cause)
			job.tries++
		case again > 0:
			job.tries = 0
			c.dirty(key, again, job.cause)
		default:
			delete(c.work, key)
		}
	})
}
