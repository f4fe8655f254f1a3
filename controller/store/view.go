package store

import (
	"iter"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// View is the API server's content at one resource version. It never changes, costs nothing to keep, and shares with every
// other view what both hold. The objects in it are shared too: whoever wants a different one copies it first.
//
// An informer's cache is a view whose tables may come from different versions: see Follow.
type View struct {
	tables [kinds]table
}

// Object returns the object of that key.
func (v *View) Object(key Key) (Object, bool) {
	tree := v.tables[key.Kind].byName
	if tree == nil {
		return nil, false
	}
	return tree.Get(nameKey(key.Namespace, key.Name))
}

// Objects walks over all objects of a kind, in the order of namespace and name.
func (v *View) Objects(kind Kind) iter.Seq[Object] { return walk[Object](v.tables[kind].byName, nil) }

// Len returns how many objects of a kind there are.
func (v *View) Len(kind Kind) int {
	if tree := v.tables[kind].byName; tree != nil {
		return tree.Len()
	}
	return 0
}

// Follow brings one kind of v to what it was right after the change: what an informer does when a watch delivers.
func (v *View) Follow(c Change) { v.tables[c.Kind] = c.After.tables[c.Kind] }

// With returns a view that has the object in the place of the one of its kind and name, or beside all others.
func (v *View) With(obj Object) *View {
	key, next := KeyOf(obj), *v
	old, _ := v.Object(key)
	next.tables[key.Kind] = v.tables[key.Kind].put(old, obj)
	return &next
}

// Get returns the object of type T with that name; namespace is "" for a kind without one.
func Get[T Object](v *View, namespace, name string) (T, bool) {
	var zero T
	obj, ok := v.Object(Key{Kind: KindOf(zero), Namespace: namespace, Name: name})
	if !ok {
		return zero, false
	}
	return obj.(T), true
}

// All walks over the objects of type T, in the order of namespace and name.
func All[T Object](v *View) iter.Seq[T] {
	var zero T
	return walk[T](v.tables[KindOf(zero)].byName, nil)
}

// In walks over the objects of type T in one namespace, in the order of their names.
func In[T Object](v *View, namespace string) iter.Seq[T] {
	var zero T
	return walk[T](v.tables[KindOf(zero)].byName, nameKey(namespace, ""))
}

// ControlledBy walks over the objects of type T whose controlling owner has that UID, in the order of namespace and name.
func ControlledBy[T Object](v *View, owner types.UID) iter.Seq[T] {
	var zero T
	owned := walk[T](v.tables[KindOf(zero)].index, indexPrefix(byOwner, string(owner)))
	return func(yield func(T) bool) {
		for obj := range owned {
			if ref := metav1.GetControllerOfNoCopy(obj); ref == nil || ref.UID != owner {
				continue
			}
			if !yield(obj) {
				return
			}
		}
	}
}

// Dependents walks over the objects of every kind that name that UID among their owners, controlling or not, in the order
// of kind, namespace and name.
func Dependents(v *View, owner types.UID) iter.Seq[Object] {
	prefix := indexPrefix(byOwner, string(owner))
	return func(yield func(Object) bool) {
		for kind := range v.tables {
			for obj := range walk[Object](v.tables[kind].index, prefix) {
				if !yield(obj) {
					return
				}
			}
		}
	}
}

// PodsOn walks over the pods that are bound to a node, in the order of namespace and name.
func PodsOn(v *View, node string) iter.Seq[*corev1.Pod] {
	return walk[*corev1.Pod](v.tables[Pod].index, indexPrefix(byNode, node))
}

func walk[T Object](tree *iradix.Tree[Object], prefix []byte) iter.Seq[T] {
	return func(yield func(T) bool) {
		if tree == nil {
			return
		}
		it := tree.Root().Iterator()
		it.SeekPrefix(prefix)
		for _, obj, ok := it.Next(); ok; _, obj, ok = it.Next() {
			if !yield(obj.(T)) {
				return
			}
		}
	}
}
