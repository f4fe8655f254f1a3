package store

import (
	"bytes"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
	corev1 "k8s.io/api/core/v1"
)

// table is the objects of one kind, as persistent trees. Either tree is nil until something is put into it.
type table struct {
	byName *iradix.Tree[Object] // namespace 0x00 name
	index  *iradix.Tree[Object] // index, value 0x00 namespace 0x00 name: all indexes of the kind in one tree
}

// The indexes, by the byte that begins their keys. The index holds the objects themselves, so that whoever walks over it
// looks nothing up.
const (
	byNode      = 'n' // the node that a pod is bound to
	byOwner     = 'o' // the UID of each owner
	byClusterIP = 'i' // the address of a Service
)

func nameKey(namespace, name string) []byte {
	b := make([]byte, 0, len(namespace)+len(name)+1)
	b = append(append(b, namespace...), 0)
	return append(b, name...)
}

func indexPrefix(index byte, value string) []byte {
	b := make([]byte, 0, len(value)+2)
	return append(append(append(b, index), value...), 0)
}

func indexKey(index byte, value string, obj Object) []byte {
	namespace, name := obj.GetNamespace(), obj.GetName()
	b := make([]byte, 0, len(value)+len(namespace)+len(name)+3)
	b = append(append(append(b, index), value...), 0)
	b = append(append(b, namespace...), 0)
	return append(b, name...)
}

// indexKeys returns the keys under which the index holds an object.
func indexKeys(obj Object) [][]byte {
	var keys [][]byte
	for _, ref := range obj.GetOwnerReferences() {
		keys = append(keys, indexKey(byOwner, string(ref.UID), obj))
	}
	switch o := obj.(type) {
	case *corev1.Pod:
		if o.Spec.NodeName != "" {
			keys = append(keys, indexKey(byNode, o.Spec.NodeName, obj))
		}
	case *corev1.Service:
		if ip := o.Spec.ClusterIP; ip != "" && ip != corev1.ClusterIPNone {
			keys = append(keys, indexKey(byClusterIP, ip, obj))
		}
	}
	return keys
}

// put returns the table with obj in the place of old, either of which may be nil.
func (t table) put(old, obj Object) table {
	var was, is [][]byte
	if obj != nil {
		if t.byName == nil {
			t.byName = iradix.New[Object]()
		}
		t.byName, _, _ = t.byName.Insert(nameKey(obj.GetNamespace(), obj.GetName()), obj)
		is = indexKeys(obj)
	} else {
		t.byName, _, _ = t.byName.Delete(nameKey(old.GetNamespace(), old.GetName()))
	}
	if old != nil {
		was = indexKeys(old)
	}
	t.index = reindex(t.index, was, is, obj)
	return t
}

// reindex moves one object from the keys that it had to those that it has.
func reindex(tree *iradix.Tree[Object], was, is [][]byte, obj Object) *iradix.Tree[Object] {
	if len(was) == 0 && len(is) == 0 {
		return tree
	}
	if tree == nil {
		tree = iradix.New[Object]()
	}
	txn := tree.Txn()
	for _, key := range was {
		if !containsKey(is, key) {
			txn.Delete(key)
		}
	}
	for _, key := range is {
		txn.Insert(key, obj)
	}
	return txn.CommitOnly()
}

func containsKey(keys [][]byte, key []byte) bool {
	for _, k := range keys {
		if bytes.Equal(k, key) {
			return true
		}
	}
	return false
}
