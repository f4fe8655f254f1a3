// Package rig runs a few components against an API server in virtual time, so that their tests can be read as transcripts.
// Only tests use it.
package rig

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"statefulsim/controller/store"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// start is the first instant of a rig.
var start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// retryAfter is when a reconcile that failed is tried again.
const retryAfter = time.Second

// Reconciler is a component of the control plane.
type Reconciler interface {
	Keys(change store.Change, cache *store.View) []store.Key
	Reconcile(key store.Key, cache *store.View, api *store.Client) (again time.Duration, err error)
}

// Rig is an API server, some components, a clock, and what happened so far.
type Rig struct {
	// Watch puts a change into words for the transcript; an empty string leaves it out.
	Watch func(store.Change) string
	// Lag delays what the components' caches see. Zero is at once.
	Lag time.Duration

	store      *store.Store
	cache      store.View
	components []Reconciler
	now        time.Time
	changes    []delivery // that the caches have not seen yet
	dirty      []item
	timers     map[item]time.Time
	lines      strings.Builder
}

type delivery struct {
	at     time.Time
	change store.Change
}

// item is one key of one component.
type item struct {
	component int
	key       store.Key
}

// New returns a rig at the instant zero.
func New(components ...Reconciler) *Rig {
	r := &Rig{store: store.New(), components: components, now: start, timers: map[item]time.Time{}}
	r.store.OnChange = func(change store.Change) {
		if r.Watch != nil {
			if line := r.Watch(change); line != "" {
				r.Note(line)
			}
		}
		r.changes = append(r.changes, delivery{at: r.now.Add(r.Lag), change: change})
	}
	return r
}

// API is the API server now.
func (r *Rig) API() *store.Client {
	return r.store.At(r.now, func(about store.Object, eventtype, reason, message string) {
		r.Note(fmt.Sprintf("%s %s on %s: %s", eventtype, reason, store.KeyOf(about), message))
	})
}

// Now is the present instant.
func (r *Rig) Now() time.Time { return r.now }

// Note adds a line to the transcript.
func (r *Rig) Note(line string) { fmt.Fprintf(&r.lines, "%8s  %s\n", r.now.Sub(start), line) }

// Create creates an object, and then gives it the status that it came with.
func (r *Rig) Create(t require.TestingT, obj store.Object) store.Object {
	status := obj.DeepCopyObject().(store.Object)
	created, err := r.API().Create(obj)
	require.NoError(t, err)
	status.SetResourceVersion("")
	status.SetUID(created.GetUID())
	if updated, err := r.API().UpdateStatus(status); err == nil {
		return updated
	}
	return created
}

// Change updates an object's status with what change does to a copy, and its metadata and spec too.
func Change[T store.Object](t require.TestingT, r *Rig, namespace, name string, change func(T)) {
	live, ok := store.Get[T](r.API().View(), namespace, name)
	require.True(t, ok, "%s/%s", namespace, name)
	next := live.DeepCopyObject().(T)
	change(next)
	next.SetResourceVersion("")
	again := next.DeepCopyObject().(T)
	_, err := r.API().Update(next)
	require.NoError(t, err)
	if _, ok := store.Get[T](r.API().View(), namespace, name); ok {
		_, _ = r.API().UpdateStatus(again) // not every kind has a status
	}
}

// Advance lets time pass, with all that happens in it.
func (r *Rig) Advance(d time.Duration) {
	end := r.now.Add(d)
	for {
		r.settle()
		next := end
		for _, at := range r.timers {
			next = earlier(next, at)
		}
		for _, c := range r.changes {
			next = earlier(next, c.at)
		}
		if !next.Before(end) && !r.dueAt(end) {
			r.now = end
			return
		}
		r.now = next
		r.ring()
	}
}

func (r *Rig) dueAt(at time.Time) bool {
	for _, t := range r.timers {
		if !t.After(at) {
			return true
		}
	}
	for _, c := range r.changes {
		if !c.at.After(at) {
			return true
		}
	}
	return false
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// ring makes the keys dirty whose timers are due, in a fixed order.
func (r *Rig) ring() {
	var due []item
	for it, at := range r.timers {
		if !at.After(r.now) {
			due = append(due, it)
			delete(r.timers, it)
		}
	}
	sortItems(due)
	for _, it := range due {
		r.mark(it)
	}
}

// settle delivers changes and reconciles until nothing is left to do now.
func (r *Rig) settle() {
	for {
		if len(r.changes) > 0 && !r.changes[0].at.After(r.now) {
			change := r.changes[0].change
			r.changes = r.changes[1:]
			r.cache.Follow(change)
			for i, c := range r.components {
				for _, key := range c.Keys(change, &r.cache) {
					r.mark(item{i, key})
				}
			}
			continue
		}
		if len(r.dirty) == 0 {
			return
		}
		it := r.dirty[0]
		r.dirty = r.dirty[1:]
		r.reconcile(it)
	}
}

func (r *Rig) reconcile(it item) {
	again, err := r.components[it.component].Reconcile(it.key, &r.cache, r.API())
	if err != nil {
		r.Note(fmt.Sprintf("error of %s: %v", it.key, err))
		again = retryAfter
	}
	if again <= 0 {
		return
	}
	if at, ok := r.timers[it]; !ok || r.now.Add(again).Before(at) {
		r.timers[it] = r.now.Add(again)
	}
}

func (r *Rig) mark(it item) {
	for _, d := range r.dirty {
		if d == it {
			return
		}
	}
	r.dirty = append(r.dirty, it)
}

// Transcript returns what happened so far.
func (r *Rig) Transcript() string { return r.lines.String() }

// Golden compares a text with a file of the package's testdata; with the flag -update it writes the file.
func Golden(t require.TestingT, name, text string) {
	path := filepath.Join("testdata", name+".txt")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}
