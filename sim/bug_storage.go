package sim

import (
	"time"

	storagev1 "k8s.io/api/storage/v1"

	"statefulsim/controller/attachdetach"
	"statefulsim/controller/store"
)

var storageBugs = []Bug{
	{"storage-confirms-detach-early", "The storage system says that a volume is detached while the node still has it, and attaches it to the next.",
		"exclusive-volume", withDriver(func(w *world) attachdetach.Driver { return careless{storage{w}} })},
	{"storage-formats-on-attach", "A volume that is attached to another node than before is formatted.",
		"no-acknowledged-write-lost", withDriver(func(w *world) attachdetach.Driver { return formatting{storage{w}, map[string]string{}} })},
	{"attacher-gives-up", "The attacher does not try again to attach a volume when the storage system has refused once.",
		"recovers", func(w *world) {
			w.wrap("csi-attacher", func(_ *component, r reconciler) reconciler { return resigned{r} })
		}},
}

// withDriver gives the attacher another storage system.
func withDriver(driver func(*world) attachdetach.Driver) func(*world) {
	return func(w *world) {
		d := driver(w)
		w.wrap("csi-attacher", func(*component, reconciler) reconciler { return attachdetach.NewAttacher(d, w.latency) })
	}
}

// careless is a storage system that detaches nothing, and does not look who has a volume.
type careless struct{ storage }

func (c careless) Attach(handle, node string, _ bool) error {
	return c.storage.Attach(handle, node, false)
}

func (c careless) Detach(_, node string) error { return c.failure("detach", node) }

// formatting is a storage system that takes a volume for a new one whenever it comes to another node.
type formatting struct {
	storage
	last map[string]string // the node that had each volume last
}

func (f formatting) Attach(handle, node string, exclusive bool) error {
	if err := f.storage.Attach(handle, node, exclusive); err != nil {
		return err
	}
	if was := f.last[handle]; was != "" && was != node {
		if err := f.w.disks.Empty(handle); err != nil {
			f.w.fail("format", err)
		}
	}
	f.last[handle] = node
	return nil
}

// resigned is an attacher that tries once.
type resigned struct{ reconciler }

func (r resigned) Reconcile(key store.Key, cache *store.View, api *store.Client) (time.Duration, error) {
	va, ok := store.Get[*storagev1.VolumeAttachment](api.View(), "", key.Name)
	if ok && va.DeletionTimestamp == nil && va.Status.AttachError != nil {
		return 0, nil
	}
	return r.reconciler.Reconcile(key, cache, api)
}
