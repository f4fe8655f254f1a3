package garbagecollector

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"statefulsim/controller/store"
)

// world is a store and a collector whose cache follows it, change by change. ConfigMaps stand for objects of any kind.
type world struct {
	t       require.TestingT
	store   *store.Store
	cache   store.View
	pending []store.Change
}

func newWorld(t require.TestingT) *world {
	w := &world{t: t, store: store.New()}
	w.store.OnChange = func(c store.Change) { w.pending = append(w.pending, c) }
	return w
}

func (w *world) api() *store.Client {
	return w.store.At(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), nil)
}

// create makes an object. An owner is "a", "a!" (one that has to wait for the object) or "a?" (one that never was).
func (w *world) create(name string, owners ...string) {
	obj := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
	for _, owner := range owners {
		ref := metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: strings.TrimRight(owner, "!?"), UID: "never-was"}
		if !strings.HasSuffix(owner, "?") {
			ref.UID = w.get(ref.Name).UID
		}
		if strings.HasSuffix(owner, "!") {
			ref.BlockOwnerDeletion = new(true)
		}
		obj.OwnerReferences = append(obj.OwnerReferences, ref)
	}
	_, err := w.api().Create(obj)
	require.NoError(w.t, err)
}

func (w *world) get(name string) *corev1.ConfigMap {
	obj, ok := store.Get[*corev1.ConfigMap](w.store.View(), "default", name)
	require.True(w.t, ok, name)
	return obj
}

func (w *world) delete(name, propagation string) {
	key := store.Key{Kind: store.ConfigMap, Namespace: "default", Name: name}
	require.NoError(w.t, w.api().Delete(key, store.DeleteOptions{Propagation: propagation}))
}

// settle lets the collector work until there is nothing to do.
func (w *world) settle() {
	for rounds := 0; len(w.pending) > 0; rounds++ {
		require.Less(w.t, rounds, 1000, "the collector never comes to rest")
		change := w.pending[0]
		w.pending = w.pending[1:]
		w.cache.Follow(change)
		for _, key := range New().Keys(change, &w.cache) {
			_, err := New().Reconcile(key, &w.cache, w.api())
			require.NoError(w.t, err)
		}
	}
}

// left says what there is: names, what they wait for, and their owners.
func (w *world) left() string {
	var lines []string
	for obj := range store.All[*corev1.ConfigMap](w.store.View()) {
		line := obj.Name
		if obj.DeletionTimestamp != nil {
			line += " waits"
		}
		for _, ref := range obj.OwnerReferences {
			line += " <" + ref.Name
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, ", ")
}

func TestDeletion(t *testing.T) {
	for name, c := range map[string]struct {
		run  func(*world)
		want string
	}{
		"in the background, dependents go after their owner": {func(w *world) {
			w.create("a")
			w.create("b", "a!")
			w.create("c", "b")
			w.settle()
			w.delete("a", "")
		}, ""},
		"a dependent stays while one owner lives, and forgets the other": {func(w *world) {
			w.create("a")
			w.create("b")
			w.create("c", "a", "b")
			w.settle()
			w.delete("a", "Background")
		}, "b, c <b"},
		"it goes with the last one": {func(w *world) {
			w.create("a")
			w.create("b")
			w.create("c", "a", "b")
			w.settle()
			w.delete("a", "")
			w.settle()
			w.delete("b", "")
		}, ""},
		"an owner that never was": {func(w *world) {
			w.create("a")
			w.create("b", "a", "ghost?")
			w.create("c", "ghost?")
		}, "a, b <a"},
		"orphans stay": {func(w *world) {
			w.create("a")
			w.create("b", "a!")
			w.create("c", "b")
			w.settle()
			w.delete("a", "Orphan")
		}, "b, c <b"},
		"in the foreground, all goes": {func(w *world) {
			w.create("a")
			w.create("b", "a!")
			w.create("c", "b!")
			w.create("d", "a")
			w.settle()
			w.delete("a", "Foreground")
		}, ""},
		"in the foreground, the owner waits for those that block": {func(w *world) {
			w.create("a")
			w.create("b", "a!")
			w.hold("b")
			w.create("c", "a")
			w.settle()
			w.delete("a", "Foreground")
		}, "a waits, b waits <a"},
		"and for no others": {func(w *world) {
			w.create("a")
			w.create("b", "a")
			w.hold("b")
			w.settle()
			w.delete("a", "Foreground")
		}, "b waits <a"},
		"a dependent with another owner does not hold up the foreground": {func(w *world) {
			w.create("a")
			w.create("b")
			w.create("c", "a!", "b!")
			w.settle()
			w.delete("a", "Foreground")
		}, "b, c <b"},
		"a dependent that comes while its owner waits": {func(w *world) {
			w.create("a")
			w.create("b", "a!")
			w.hold("b")
			w.settle()
			w.delete("a", "Foreground")
			w.settle()
			w.create("c", "a!")
		}, "a waits, b waits <a"},
		"an owner of a kind that is not here": {func(w *world) {
			obj := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "a", OwnerReferences: []metav1.OwnerReference{
				{APIVersion: "example.com/v1", Kind: "Database", Name: "db", UID: "1"},
			}}}
			_, err := w.api().Create(obj)
			require.NoError(w.t, err)
		}, "a <db"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.run(w)
			w.settle()
			require.Equal(t, c.want, w.left())
		})
	}
}

// hold gives an object a finalizer that nobody removes.
func (w *world) hold(name string) {
	obj := w.get(name).DeepCopy()
	obj.Finalizers = []string{"example.com/held"}
	_, err := w.api().Update(obj)
	require.NoError(w.t, err)
}

// The dependents of an owner in the foreground are gone before it is.
func TestForegroundOrder(t *testing.T) {
	w := newWorld(t)
	var gone []string
	w.store.OnChange = func(c store.Change) {
		w.pending = append(w.pending, c)
		if c.New == nil {
			gone = append(gone, c.Old.GetName())
		}
	}
	w.create("a")
	w.create("b", "a!")
	w.create("c", "b!")
	w.settle()
	w.delete("a", "Foreground")
	w.settle()
	require.Equal(t, []string{"c", "b", "a"}, gone)
}

// Two objects that own each other go together.
func TestCycle(t *testing.T) {
	w := newWorld(t)
	w.create("a")
	w.create("b", "a!")
	a := w.get("a").DeepCopy()
	a.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "b", UID: w.get("b").UID, BlockOwnerDeletion: new(true)}}
	_, err := w.api().Update(a)
	require.NoError(t, err)
	w.settle()
	w.delete("a", "Foreground")
	w.settle()
	require.Empty(t, w.left())
}

// Whatever is deleted, in the end nothing waits and nothing has only owners that are no more; and unless dependents were
// orphaned, what is left is what was not deleted and has, or never needed, an owner that is left.
func TestWhatIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		names := []string{"a", "b", "c", "d", "e", "f", "g"}
		owners := map[string][]string{}
		for i, name := range names {
			var refs []string
			for _, owner := range names[:i] {
				if rapid.IntRange(0, 2).Draw(t, owner+" owns "+name) == 0 {
					owners[name] = append(owners[name], owner)
					refs = append(refs, owner+rapid.SampledFrom([]string{"", "!"}).Draw(t, "blocks"))
				}
			}
			w.create(name, refs...)
		}
		w.settle()
		propagations := rapid.SampledFrom([][]string{{"", "Background", "Foreground"}, {"", "Background", "Foreground", "Orphan"}}).Draw(t, "propagations")
		deleted := map[string]bool{}
		for range rapid.IntRange(1, 3).Draw(t, "deletes") {
			name := rapid.SampledFrom(names).Draw(t, "name")
			if _, ok := store.Get[*corev1.ConfigMap](w.store.View(), "default", name); ok {
				w.delete(name, rapid.SampledFrom(propagations).Draw(t, "propagation"))
				deleted[name] = true
			}
			if rapid.Bool().Draw(t, "settle") {
				w.settle()
			}
		}
		w.settle()
		w.requireOwned(t)
		if !slices.Contains(propagations, "Orphan") {
			require.Equal(t, survivors(names, owners, deleted), w.names())
		}
	})
}

// survivors returns those that were not deleted and that no owner took along. Owners come before what they own.
func survivors(names []string, owners map[string][]string, deleted map[string]bool) []string {
	var left []string
	for _, name := range names {
		owned := slices.ContainsFunc(owners[name], func(owner string) bool { return slices.Contains(left, owner) })
		if !deleted[name] && (owned || len(owners[name]) == 0) {
			left = append(left, name)
		}
	}
	return left
}

func (w *world) names() (names []string) {
	for obj := range store.All[*corev1.ConfigMap](w.store.View()) {
		names = append(names, obj.Name)
	}
	return names
}

func (w *world) requireOwned(t *rapid.T) {
	for obj := range store.All[*corev1.ConfigMap](w.store.View()) {
		require.Nil(t, obj.DeletionTimestamp, "%s waits", obj.Name)
		for _, ref := range obj.OwnerReferences {
			_, ok := find(w.store.View(), obj, ref)
			require.True(t, ok, "%s names an owner that is no more: %s", obj.Name, ref.Name)
		}
	}
}
