package sim

import "statefulsim/controller/store"

var informerBugs = []Bug{
	{"handler-drops-changes", "The event handlers of the controllers take no notice of one change in fifty.", "recovers", plantDrops},
}

// everywhere wraps all components of the controller manager.
func (w *world) everywhere(around func(*component, reconciler) reconciler) {
	for _, c := range w.informerOf("kube-controller-manager").components {
		w.wrap(c.name, around)
	}
}

func plantDrops(w *world) {
	w.everywhere(func(c *component, r reconciler) reconciler { return deaf{r, w, c.name} })
}

// deaf is a reconciler that misses changes.
type deaf struct {
	reconciler
	w    *world
	name string
}

func (d deaf) Keys(change store.Change, cache *store.View) []store.Key {
	keys := d.reconciler.Keys(change, cache)
	if len(keys) > 0 && d.w.dice.Choose("missed change", d.name, 50) == 0 {
		return nil
	}
	return keys
}
