package reconcile

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/statefulset"
	"statefulsim/controller/store"
)

// writer carries out the writes of one sync.
type writer struct {
	api *store.Client
	*tracked
}

func (w writer) apply(write statefulset.Write) (metav1.Object, error) {
	obj := write.Object.(store.Object)
	if write.Verb == statefulset.Delete {
		return nil, w.api.Delete(store.KeyOf(obj), store.DeleteOptions{}) // Whatever has the name.
	}
	answer, err := w.call(write.Verb, obj)
	if err == nil {
		w.remember(answer)
		return answer, nil
	}
	if apierrors.IsAlreadyExists(err) {
		taken, _ := w.api.View().Object(store.KeyOf(obj))
		return taken, err
	}
	return nil, err
}

func (w writer) call(verb statefulset.Verb, obj store.Object) (store.Object, error) {
	switch verb {
	case statefulset.Create:
		return w.api.Create(obj)
	case statefulset.Update:
		return w.api.Update(obj)
	case statefulset.Patch:
		return w.patch(obj)
	}
	return w.updateStatus(obj.(*appsv1.StatefulSet))
}

// patch gives the newest version of an object the reference to the set that obj has, or takes it away.
func (w writer) patch(obj store.Object) (store.Object, error) {
	key := store.KeyOf(obj)
	live, ok := w.api.View().Object(key)
	if !ok {
		return nil, apierrors.NewNotFound(key.Kind.GroupResource(), key.Name)
	}
	set := w.state.Set().UID
	bySet := func(ref metav1.OwnerReference) bool { return ref.UID == set }
	refs := slices.DeleteFunc(slices.Clone(live.GetOwnerReferences()), bySet)
	if i := slices.IndexFunc(obj.GetOwnerReferences(), bySet); i >= 0 {
		refs = append(refs, obj.GetOwnerReferences()[i])
	}
	patched := live.DeepCopyObject().(store.Object)
	patched.SetUID(obj.GetUID())
	patched.SetOwnerReferences(refs)
	return w.api.Update(patched)
}

// updateStatus writes a status; if the cache was behind, onto the newest version
// (pkg/controller/statefulset/stateful_set_status_updater.go).
func (w writer) updateStatus(set *appsv1.StatefulSet) (store.Object, error) {
	answer, err := w.api.UpdateStatus(set)
	if !apierrors.IsConflict(err) {
		return answer, err
	}
	live, ok := store.Get[*appsv1.StatefulSet](w.api.View(), set.Namespace, set.Name)
	if !ok || live.UID != set.UID {
		return nil, err
	}
	newest := *live
	newest.Status = set.Status
	return w.api.UpdateStatus(&newest)
}
