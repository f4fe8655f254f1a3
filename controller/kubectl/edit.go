package kubectl

import (
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"statefulsim/controller/store"
	"statefulsim/scenarios/kubectl"
)

// objects finds what a command is about. A name that is not there is an error, and the others are found all the same.
func objects(api *store.Client, t Terminal, o kubectl.Objects) (found []store.Object, err error) {
	q, err := queryOf(kubectl.Get{Objects: o}, t.Namespace)
	if err != nil {
		return nil, err
	}
	batches, missing := q.find(api.View())
	for _, b := range batches {
		found = append(found, b.objects...)
	}
	return found, errors.Join(missing...)
}

// each does something to every object that a command is about, and goes on after one that fails.
func each(api *store.Client, t Terminal, o kubectl.Objects, do func(store.Object) error) error {
	found, err := objects(api, t, o)
	all := []error{err}
	for _, obj := range found {
		all = append(all, do(obj))
	}
	return errors.Join(all...)
}

// print tells what was done to an object.
func (t Terminal) done(obj store.Object, what string) { t.Print(resourceName(obj) + " " + what) }

func copyOf(obj store.Object) store.Object { return obj.DeepCopyObject().(store.Object) }

// scale sets the number of replicas.
// Source: k8s.io/kubectl pkg/cmd/scale/scale.go:RunScale, pkg/scale/scale.go.
func scale(api *store.Client, t Terminal, c kubectl.Scale) error {
	return each(api, t, c.Objects, func(obj store.Object) error {
		set := copyOf(obj).(*appsv1.StatefulSet)
		if have := int64(*set.Spec.Replicas); c.Current >= 0 && c.Current != have {
			//lint:ignore ST1005 kubectl writes it so
			return fmt.Errorf("Expected replicas to be %d, was %d", c.Current, have)
		}
		set.Spec.Replicas = &c.Replicas
		if _, err := api.Update(set); err != nil {
			return err
		}
		t.done(obj, "scaled")
		return nil
	})
}

// setImage sets the images of containers.
// Source: k8s.io/kubectl pkg/cmd/set/set_image.go:Run.
func setImage(api *store.Client, t Terminal, c kubectl.SetImage) error {
	return each(api, t, c.Objects, func(obj store.Object) error {
		set := copyOf(obj).(*appsv1.StatefulSet)
		for _, image := range c.Images {
			pod := &set.Spec.Template.Spec
			init, main := setIn(pod.InitContainers, image), setIn(pod.Containers, image)
			if !init && !main {
				return fmt.Errorf("unable to find container named %q", image.Key)
			}
		}
		updated, err := api.Update(set)
		if err == nil && updated != obj { // kubectl says nothing if nothing changes
			t.done(obj, "image updated")
		}
		return err
	})
}

func setIn(containers []corev1.Container, image kubectl.Pair) (found bool) {
	for i := range containers {
		if image.Key == "*" || containers[i].Name == image.Key {
			containers[i].Image, found = image.Value, true
		}
	}
	return found
}

// cordon makes nodes unschedulable, or schedulable again.
// Source: k8s.io/kubectl pkg/cmd/drain/drain.go:RunCordonOrUncordon.
func cordon(api *store.Client, t Terminal, o kubectl.Objects, desired bool) error {
	word := map[bool]string{true: "cordoned", false: "uncordoned"}[desired]
	return each(api, t, o, func(obj store.Object) error {
		node := copyOf(obj).(*corev1.Node)
		if node.Spec.Unschedulable == desired {
			t.done(obj, "already "+word)
			return nil
		}
		node.Spec.Unschedulable = desired
		if _, err := api.Update(node); err != nil {
			return err
		}
		t.done(obj, word)
		return nil
	})
}

// evict asks the eviction subresource of each pod, once.
func evict(api *store.Client, t Terminal, c kubectl.Evict) error {
	return each(api, t, c.Objects, func(obj store.Object) error {
		if err := api.Evict(obj.GetNamespace(), obj.GetName(), store.DeleteOptions{GracePeriodSeconds: c.GracePeriod}); err != nil {
			return err
		}
		t.done(obj, "evicted")
		return nil
	})
}

// isGone tells whether an object is no longer there, or another one of its name is.
func isGone(view *store.View, obj store.Object) bool {
	live, ok := view.Object(store.KeyOf(obj))
	return !ok || live.GetUID() != obj.GetUID()
}

func notFound(kind store.Kind, name string) error {
	return apierrors.NewNotFound(kind.GroupResource(), name)
}
