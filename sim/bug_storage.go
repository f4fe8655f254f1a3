package sim

import "statefulsim/controller/attachdetach"

var storageBugs = []Bug{
	{"storage-confirms-detach-early", "The storage system says that a volume is detached while the node still has it, and attaches it to the next.",
		"exclusive-volume", withDriver(func(w *world) attachdetach.Driver { return careless{storage{w}} })},
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
