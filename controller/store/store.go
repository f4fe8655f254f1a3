// Package store is the API server in memory: typed objects of k8s.io/api with resource versions, generations, conflicts,
// watches, finalizers and graceful deletion, defaulted and validated as Kubernetes does it.
//
// It is a plain value on one goroutine. Time is handed in with each call; nothing here waits, and nothing is random.
package store

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// Store holds the objects. The zero value is not usable: see New.
type Store struct {
	view     *View // what it holds now; a change makes another
	revision int64 // the resource version of the last change
	created  int64 // how many objects were ever made: UIDs and generated names come from it

	// Gates are what this API server does as its version of Kubernetes does it. They may be changed before the first write.
	Gates Gates
	// OnChange hears of every change, at once and in order. It must not write to the store.
	OnChange func(Change)
}

// Change is what a watch delivers: one object that came, changed or went. A pod that is deleted for good changes first (its
// deletionTimestamp is set, or moved) and then goes, as the API server's watches tell it.
type Change struct {
	Kind     Kind
	Old, New Object // nil for an object that came, or went
	Revision int64  // the resource version that the change made
	After    *View  // the store right after it
}

// Object returns the changed object: the new one, or the last state of the one that went.
func (c Change) Object() Object {
	if c.New != nil {
		return c.New
	}
	return c.Old
}

// Key names the changed object.
func (c Change) Key() Key { return KeyOf(c.Object()) }

// New returns an empty store with the gates of Kubernetes 1.37.
func New() *Store { return &Store{view: &View{}, Gates: latest} }

// View returns what the store holds now.
func (s *Store) View() *View { return s.view }

// DeleteOptions are those of the API's delete call.
type DeleteOptions struct {
	GracePeriodSeconds *int64    // nil: the object's own (a pod's terminationGracePeriodSeconds); only pods have one
	UID                types.UID // a precondition unless empty
	Propagation        string    // "Background" (default), "Foreground" or "Orphan": what becomes of the dependents
}

// Client is the API server as one component uses it at one instant.
//
// Objects handed to a writing call belong to the store from then on: the caller must not touch them again, and so copies
// what it read from a view before it changes it. What a call returns is the stored object, shared like those of a view.
// Errors are those of k8s.io/apimachinery/pkg/api/errors: IsConflict, IsNotFound, IsAlreadyExists, IsInvalid and so on
// tell them apart.
type Client struct {
	store  *Store
	Now    time.Time                                             // the instant of every call through this client
	Down   error                                                 // why no call is answered, and each fails; nil: the server runs. Views can be read
	Alter  func(*Write)                                          // may change what is about to be written, as a proxy on the way could; nil changes nothing
	record func(about Object, eventtype, reason, message string) // hears of Kubernetes Events
}

// Write is a call that writes, before it is made.
type Write struct {
	Verb    string        // "create", "update", "updateStatus" or "delete"
	Object  Object        // nil for a delete
	Key     Key           // of what is deleted
	Options DeleteOptions // of a delete
}

// alter shows a write to whoever may change it.
func (c *Client) alter(w Write) Write {
	if c.Alter != nil {
		c.Alter(&w)
	}
	return w
}

// At returns the store as a client at one instant. record hears what the client tells through Event; it may be nil.
func (s *Store) At(now time.Time, record func(about Object, eventtype, reason, message string)) *Client {
	return &Client{store: s, Now: now, record: record}
}

// View returns what the server holds now: a live read, as against a component's cache.
func (c *Client) View() *View { return c.store.View() }

// Event tells a Kubernetes Event about an object: eventtype is corev1.EventTypeNormal or EventTypeWarning.
func (c *Client) Event(about Object, eventtype, reason, message string) {
	if c.record != nil && c.Down == nil {
		c.record(about, eventtype, reason, message)
	}
}

// Create stores a new object: defaulted, admitted and validated, with a UID, a creation time (in whole seconds, as
// Kubernetes keeps it), a resource version, and without the status that it came with if its kind has a status subresource
// (a Node's is kept). An empty name is made from generateName. The namespace need not exist as an object.
func (c *Client) Create(obj Object) (Object, error) {
	if c.Down != nil {
		return nil, c.Down
	}
	return c.store.create(c.Now, c.alter(Write{Verb: "create", Object: obj}).Object)
}

// Update replaces an object's spec, labels, annotations, owner references and finalizers, and keeps its status where the
// kind has a status subresource. An empty resourceVersion means "whatever is there"; any other must be the stored one
// (IsConflict). An update that changes nothing makes no change: it returns what is stored. One that empties the finalizers
// of an object whose deletion waited for them alone makes it go.
func (c *Client) Update(obj Object) (Object, error) {
	if c.Down != nil {
		return nil, c.Down
	}
	return c.store.update(c.alter(Write{Verb: "update", Object: obj}).Object)
}

// UpdateStatus replaces an object's status and nothing else: spec and metadata stay as stored. Resource version and changes
// are as with Update.
func (c *Client) UpdateStatus(obj Object) (Object, error) {
	if c.Down != nil {
		return nil, c.Down
	}
	return c.store.updateStatus(c.alter(Write{Verb: "updateStatus", Object: obj}).Object)
}

// Bind assigns a pod to a node and sets its condition PodScheduled: a Binding. The pod's labels tell from then on in which
// zone and region the node is. An empty uid means whichever pod has that name. Errors: IsNotFound, IsConflict (another UID;
// the pod has a node, is being deleted or has scheduling gates).
func (c *Client) Bind(pod Key, uid types.UID, node string) (Object, error) {
	if c.Down != nil {
		return nil, c.Down
	}
	return c.store.bind(c.Now, pod, uid, node)
}

// Delete deletes an object: a pod gracefully, an object with finalizers once they are gone, any other at once. Errors:
// IsNotFound, IsConflict (another UID), IsInvalid (an unknown propagation).
func (c *Client) Delete(key Key, opts DeleteOptions) error {
	if c.Down != nil {
		return c.Down
	}
	w := c.alter(Write{Verb: "delete", Key: key, Options: opts})
	return c.store.delete(c.Now, w.Key, w.Options)
}
