// Package volumebinding binds claims to volumes, has volumes made for claims that find none, and disposes of volumes whose
// claims are gone: what the persistent volume controller of the kube-controller-manager and an external provisioner of a
// CSI driver do between them.
//
// A volume that is made can be reached from one zone, that of its node (label topology.kubernetes.io/zone); where nodes
// have no zones it can be reached from everywhere. Disks appear and vanish with their PersistentVolumes. Kubernetes' periodic
// resync is left out: everything it would find is an event here.
package volumebinding

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// Binder reconciles claims and volumes: its keys are those of PersistentVolumeClaims and of PersistentVolumes. Make it
// with New.
//
// It keeps indexes up to date in Keys, which must therefore hear of every change exactly once and in the order of the
// cache. The first call takes in all that the cache has.
type Binder struct {
	latency func(name, about string) time.Duration
	create  func(claim, node string) error

	written  pv.Written
	unused   index                // volumes that are bound to nothing yet, by the claim that they are set aside for; the zero key: for none
	pending  index                // the pods without a node that mount a claim
	orders   map[store.Key]*order // claims for which a volume is being made
	disposal map[string]*disposal // volumes that are being deleted or recycled

	listed bool
}

// New returns a binder that has seen nothing yet. latency draws how long it takes to make a volume ("provision", about the
// claim) and to empty one ("recycle", about the volume).
//
// create is asked whether the storage can make a volume for a claim, as in "default/data-db-0", and the node that is selected
// for it, or "". An error is what gRPC makes of it; context.DeadlineExceeded says that the storage does not answer.
func New(latency func(name, about string) time.Duration, create func(claim, node string) error) *Binder {
	return &Binder{
		latency: latency, create: create, written: pv.Written{},
		unused: index{}, pending: index{}, orders: map[store.Key]*order{}, disposal: map[string]*disposal{},
	}
}

// Reconcile brings the claim or the volume with that key nearer to being bound, or to its end. again is more than zero
// while the storage is at work, or when something is to be tried again. Errors are those of the API server, a conflict with another writer above all.
func (b *Binder) Reconcile(key store.Key, cache *store.View, api *store.Client) (again time.Duration, err error) {
	b.list(cache)
	s := sync{b, cache, api}
	if key.Kind == store.PersistentVolume {
		if volume, ok := s.volume(key.Name); ok {
			return s.syncVolume(volume)
		}
		return 0, nil
	}
	claim, ok := s.claim(key.Namespace, key.Name)
	if o := b.orders[key]; o != nil && (!ok || o.claim != claim.UID) {
		delete(b.orders, key) // it was for a claim that is gone
	}
	if !ok {
		return 0, nil
	}
	return s.syncClaim(key, claim)
}

// sync is one call of Reconcile: what it reads and where it writes.
type sync struct {
	*Binder
	cache *store.View
	api   *store.Client
}

func (s sync) claim(namespace, name string) (*corev1.PersistentVolumeClaim, bool) {
	return pv.Latest[*corev1.PersistentVolumeClaim](s.written, s.cache, namespace, name)
}

func (s sync) volume(name string) (*corev1.PersistentVolume, bool) {
	return pv.Latest[*corev1.PersistentVolume](s.written, s.cache, "", name)
}

// update writes metadata and spec, and returns the object as the server has it.
func update[T store.Object](s sync, obj T) (T, error) { return keep[T](s, s.api.Update, obj) }

// updateStatus does the same for the status.
func updateStatus[T store.Object](s sync, obj T) (T, error) {
	return keep[T](s, s.api.UpdateStatus, obj)
}

func keep[T store.Object](s sync, write func(store.Object) (store.Object, error), obj T) (T, error) {
	written, err := write(obj)
	if err != nil {
		return obj, err
	}
	s.written.Keep(written)
	return written.(T), nil
}
