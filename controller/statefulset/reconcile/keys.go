package reconcile

import (
	"cmp"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/statefulset"
	"statefulsim/controller/store"
)

// Keys takes in a change and names the sets to reconcile because of it: a set itself, the set that owns a pod or has owned it
// until now, and the sets that could adopt a pod of nobody's. Claims and ControllerRevisions wake nobody, except a set whose
// sync was put off until a claim came (pkg/controller/statefulset/stateful_set.go: NewStatefulSetController, addPod, updatePod,
// deletePod).
func (c *Controller) Keys(change store.Change, cache *store.View) []store.Key {
	var keys []store.Key
	switch c.start(cache); change.Kind {
	case store.StatefulSet:
		keys = c.takeSet(change, cache)
	case store.Pod:
		keys = c.takePod(change)
	case store.PersistentVolumeClaim, store.ControllerRevision:
		c.takeOther(change)
	}
	read := c.read.of(change.Kind)
	if read == nil {
		return keys
	}
	*read = max(*read, change.Revision)
	for _, t := range c.order {
		if t.putOff && t.sees(&c.read) {
			t.putOff = false
			if !slices.Contains(keys, t.key) {
				keys = append(keys, t.key)
			}
		}
	}
	return keys
}

// start makes the controller familiar with what is in the cache already.
func (c *Controller) start(cache *store.View) {
	if c.started {
		return
	}
	c.started = true
	for set := range store.All[*appsv1.StatefulSet](cache) {
		c.track(set, cache)
	}
}

// track begins to follow a set, from what the cache holds.
func (c *Controller) track(set *appsv1.StatefulSet, cache *store.View) {
	t := &tracked{key: store.KeyOf(set), state: statefulset.NewState(set, c.gates.Gates)}
	t.state.Defaults = func(set *appsv1.StatefulSet) { store.Default(set) }
	for claim := range store.In[*corev1.PersistentVolumeClaim](cache, set.Namespace) {
		t.state.PutClaim(claim)
	}
	for pod := range store.In[*corev1.Pod](cache, set.Namespace) {
		t.state.PutPod(pod)
	}
	for revision := range store.In[*appsv1.ControllerRevision](cache, set.Namespace) {
		t.state.PutRevision(revision)
	}
	c.sets[nameOf(set)] = t
	at, found := slices.BinarySearchFunc(c.order, t.key, byKey)
	if found {
		c.order[at] = t
		return
	}
	c.order = slices.Insert(c.order, at, t)
}

func (c *Controller) takeSet(change store.Change, cache *store.View) []store.Key {
	name := nameOf(change.Object())
	t := c.sets[name]
	switch set, _ := change.New.(*appsv1.StatefulSet); {
	case set == nil:
		delete(c.sets, name)
		c.order = slices.DeleteFunc(c.order, func(o *tracked) bool { return o == t })
	case t != nil && t.state.Set().UID == set.UID:
		t.state.PutSet(set)
	default:
		c.track(set, cache)
	}
	return []store.Key{change.Key()}
}

func (c *Controller) takePod(change store.Change) []store.Key {
	var keys []store.Key
	for _, t := range c.concerned(change) {
		if t.takePod(change) {
			keys = append(keys, t.key)
		}
	}
	return keys
}

// concerned returns the sets that may have to do with a pod: its owners before and after, or any of the namespace if it has
// or had none.
func (c *Controller) concerned(change store.Change) []*tracked {
	var owners []*tracked
	for _, pod := range [...]store.Object{change.Old, change.New} {
		if pod == nil {
			continue
		}
		ref := metav1.GetControllerOfNoCopy(pod)
		if ref == nil {
			return c.in(pod.GetNamespace())
		}
		t := c.sets[types.NamespacedName{Namespace: pod.GetNamespace(), Name: ref.Name}]
		if t != nil && t.state.Set().UID == ref.UID && !slices.Contains(owners, t) {
			owners = append(owners, t)
		}
	}
	return owners
}

// takePod takes in a change of a pod, and tells whether the set has to do with it.
func (t *tracked) takePod(change store.Change) bool {
	if pod, ok := change.New.(*corev1.Pod); ok {
		return t.state.PutPod(pod)
	}
	return t.state.RemovePod(change.Old.GetName())
}

// takeOther takes in a change of a claim or of a revision.
func (c *Controller) takeOther(change store.Change) {
	for _, t := range c.in(change.Object().GetNamespace()) {
		switch obj := change.Object().(type) {
		case *corev1.PersistentVolumeClaim:
			if change.New == nil {
				t.state.RemoveClaim(obj)
			} else {
				t.state.PutClaim(obj)
			}
		case *appsv1.ControllerRevision:
			if change.New == nil {
				t.state.RemoveRevision(obj)
			} else {
				t.state.PutRevision(obj)
			}
		}
	}
}

// in returns the sets of a namespace, by name.
func (c *Controller) in(namespace string) []*tracked {
	from, _ := slices.BinarySearchFunc(c.order, store.Key{Namespace: namespace}, byKey)
	to := from
	for to < len(c.order) && c.order[to].key.Namespace == namespace {
		to++
	}
	return c.order[from:to]
}

func byKey(t *tracked, key store.Key) int {
	return cmp.Or(cmp.Compare(t.key.Namespace, key.Namespace), cmp.Compare(t.key.Name, key.Name))
}

func nameOf(obj store.Object) types.NamespacedName {
	return types.NamespacedName{Namespace: obj.GetNamespace(), Name: obj.GetName()}
}
