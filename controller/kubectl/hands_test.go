package kubectl_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

// hands do what a scheduler and the kubelets would: a pod goes to the first node that takes it and has no pod of its app, is
// ready after two seconds, and ends one second after it is told to.
type hands struct {
	stuck, failing map[string]bool
}

func newHands() *hands {
	return &hands{map[string]bool{}, map[string]bool{}}
}

// Keys names changed pods, and those that a changed node may take.
func (h *hands) Keys(change store.Change, _ *store.View) []store.Key {
	switch change.Kind {
	case store.Pod:
		return []store.Key{change.Key()}
	case store.Node:
		return h.unbound(change.After)
	}
	return nil
}

func (h *hands) unbound(view *store.View) (keys []store.Key) {
	for pod := range store.All[*corev1.Pod](view) {
		if pod.Spec.NodeName == "" {
			keys = append(keys, store.KeyOf(pod))
		}
	}
	return keys
}

// Reconcile moves one pod on.
func (h *hands) Reconcile(key store.Key, _ *store.View, api *store.Client) (time.Duration, error) {
	pod, ok := store.Get[*corev1.Pod](api.View(), key.Namespace, key.Name)
	switch {
	case !ok:
		return 0, nil
	case pod.DeletionTimestamp != nil:
		return h.end(pod, api)
	case pod.Spec.NodeName == "":
		return 0, h.bind(pod, api)
	case pod.Status.Phase != corev1.PodRunning && !h.failing[pod.Name]:
		return h.run(pod, api)
	}
	return 0, nil
}

func (h *hands) end(pod *corev1.Pod, api *store.Client) (time.Duration, error) {
	if h.stuck[pod.Name] {
		return 0, nil
	}
	told := pod.DeletionTimestamp.Add(-time.Duration(*pod.DeletionGracePeriodSeconds) * time.Second)
	if left := told.Add(time.Second).Sub(api.Now); left > 0 {
		return left, nil
	}
	return 0, api.Delete(store.KeyOf(pod), store.DeleteOptions{GracePeriodSeconds: new(int64)})
}

func (h *hands) bind(pod *corev1.Pod, api *store.Client) error {
	for node := range store.All[*corev1.Node](api.View()) {
		free := !node.Spec.Unschedulable
		for other := range store.PodsOn(api.View(), node.Name) {
			free = free && other.Labels["app"] != pod.Labels["app"]
		}
		if free {
			_, err := api.Bind(store.KeyOf(pod), pod.UID, node.Name)
			return err
		}
	}
	return nil
}

func (h *hands) run(pod *corev1.Pod, api *store.Client) (time.Duration, error) {
	if left := pod.CreationTimestamp.Add(2 * time.Second).Sub(api.Now); left > 0 {
		return left, nil
	}
	running := pod.DeepCopy()
	running.Status.Phase = corev1.PodRunning
	for _, c := range pod.Spec.Containers {
		running.Status.ContainerStatuses = append(running.Status.ContainerStatuses, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(api.Now)}},
		})
	}
	running.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(api.Now)}}
	_, err := api.UpdateStatus(running)
	return 0, err
}

func newNode(name string) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelHostname: name}}}
}

// empty makes an object of a kind that the transcripts' manifests have.
func empty(t *testing.T, kind string) store.Object {
	made := map[string]store.Object{
		"StatefulSet": &appsv1.StatefulSet{}, "Pod": &corev1.Pod{}, "Service": &corev1.Service{}, "ConfigMap": &corev1.ConfigMap{},
		"PodDisruptionBudget": &policyv1.PodDisruptionBudget{},
	}[kind]
	require.NotNil(t, made, "the kind %q", kind)
	return made
}
