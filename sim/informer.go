package sim

import (
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
	unwatched  map[store.Kind]bool
}

// component is a reconciler with its queue of work.
type component struct {
	reconciler
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

func (i *informer) add(name string, r reconciler, hops ...string) {
	if hops == nil {
		hops = []string{"reconcile", "apiCall"}
	}
	i.components = append(i.components, &component{reconciler: r, name: name, hops: hops, informer: i, work: map[store.Key]*work{}})
}

// watch sends a change on its way into the cache.
func (i *informer) watch(c store.Change, cause int) {
	if i.unwatched[c.Kind] {
		return
	}
	at := max(i.w.loop.Now()+i.w.latency("watch", i.name), i.last+1)
	i.last = i.w.loop.Push(at, func() { i.deliver(c, cause) }).At
}

func (i *informer) deliver(c store.Change, cause int) {
	i.cache.Follow(c)
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

// dirty asks for a reconcile after a delay, unless one is due before that anyway: one key never runs twice at once.
func (c *component) dirty(key store.Key, delay time.Duration, cause int) {
	at := c.informer.w.loop.Now() + delay
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
			w.tell(Event{Verb: "retry", Kind: key.Kind.String(), Name: displayName(key.Namespace, key.Name),
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
