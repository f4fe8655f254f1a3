package kubectl

import (
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

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

// resourcePath names an object with the plural of its kind: statefulsets/web.
func resourcePath(obj store.Object) string {
	return store.KindOf(obj).GroupResource().Resource + "/" + obj.GetName()
}

// done tells what was done to an object.
func (t Terminal) done(obj store.Object, what string) { t.Print(resourceName(obj) + " " + what) }

func copyOf(obj store.Object) store.Object { return obj.DeepCopyObject().(store.Object) }

// scale sets the number of replicas. It stops at the first set that cannot be scaled.
// Source: k8s.io/kubectl pkg/cmd/scale/scale.go:RunScale, pkg/scale/scale.go.
func scale(api *store.Client, t Terminal, c kubectl.Scale) error {
	found, missing := objects(api, t, c.Objects)
	if len(found) == 0 && missing == nil {
		return errors.New("no objects passed to scale")
	}
	for _, obj := range found {
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
	}
	return missing
}

// setImage sets the images of containers. Those that are there get theirs, even if others are not.
// Source: k8s.io/kubectl pkg/cmd/set/set_image.go:Run.
func setImage(api *store.Client, t Terminal, c kubectl.SetImage) error {
	found, err := objects(api, t, c.Objects)
	if err != nil {
		return err
	}
	var all []error
	for _, obj := range found {
		update := copyOf(obj)
		pod := podSpec(update)
		for _, image := range c.Images {
			init, main := setIn(pod.InitContainers, image), setIn(pod.Containers, image)
			if !init && !main {
				all = append(all, fmt.Errorf("error: unable to find container named %q", image.Key))
			}
		}
		updated, err := api.Update(update)
		switch {
		case err != nil:
			all = append(all, fmt.Errorf("failed to patch image update to pod template: %v", err))
		case updated != obj: // kubectl says nothing if nothing changes
			t.done(obj, "image updated")
		}
	}
	return errors.Join(all...)
}

// podSpec is the spec of a pod, or of the pods of a set.
func podSpec(obj store.Object) *corev1.PodSpec {
	if pod, is := obj.(*corev1.Pod); is {
		return &pod.Spec
	}
	return &obj.(*appsv1.StatefulSet).Spec.Template.Spec
}

func setIn(containers []corev1.Container, image kubectl.Pair) (found bool) {
	for i := range containers {
		if image.Key == "*" || containers[i].Name == image.Key {
			containers[i].Image, found = image.Value, true
		}
	}
	return found
}

// cordon makes nodes unschedulable, or schedulable again. Of nodes that cannot be changed it only tells.
// Source: k8s.io/kubectl pkg/cmd/drain/drain.go:Complete, RunCordonOrUncordon.
func cordon(api *store.Client, t Terminal, o kubectl.Objects, desired bool) error {
	verb, word := "cordon", "cordoned"
	if !desired {
		verb, word = "uncordon", "uncordoned"
	}
	found, err := objects(api, t, o)
	if err != nil {
		return flattened(err)[0]
	}
	for _, obj := range found {
		node := copyOf(obj).(*corev1.Node)
		if node.Spec.Unschedulable == desired {
			t.done(obj, "already "+word)
			continue
		}
		node.Spec.Unschedulable = desired
		if _, err := api.Update(node); err != nil {
			t.Print(fmt.Sprintf("error: unable to %s node %q: %v", verb, node.Name, err))
			continue
		}
		t.done(obj, word)
	}
	return nil
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
