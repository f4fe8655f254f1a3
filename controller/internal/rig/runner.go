package rig

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
)

// Runner is a scheduler and a node in one: it runs every pod to its end. Takes says for how long a pod runs and with which exit code its
// container ends; a negative time is for ever. A running pod that is deleted ends with exit code 143 after Stops.
type Runner struct {
	Takes func(*corev1.Pod) (time.Duration, int32)
	Stops time.Duration

	since map[store.Key]time.Time
}

// Keys names a pod that came or changed.
func (r *Runner) Keys(change store.Change, _ *store.View) []store.Key {
	if change.Kind == store.Pod && change.New != nil {
		return []store.Key{change.Key()}
	}
	return nil
}

// Reconcile ends a pod when its time has come.
func (r *Runner) Reconcile(key store.Key, _ *store.View, api *store.Client) (time.Duration, error) {
	pod, ok := store.Get[*corev1.Pod](api.View(), key.Namespace, key.Name)
	if !ok {
		return 0, nil
	}
	if pod.Spec.NodeName == "" && pod.DeletionTimestamp == nil {
		bound, err := api.Bind(key, pod.UID, "node")
		if err != nil {
			return 0, err
		}
		pod = bound.(*corev1.Pod)
	}
	over := slices.Contains([]corev1.PodPhase{corev1.PodSucceeded, corev1.PodFailed}, pod.Status.Phase)
	takes, code := r.Takes(pod)
	switch left := r.start(key, api.Now).Add(takes).Sub(api.Now); {
	case pod.DeletionTimestamp != nil && over:
		return 0, api.Delete(key, store.DeleteOptions{GracePeriodSeconds: new(int64), UID: pod.UID})
	case pod.DeletionTimestamp != nil:
		if left := pod.DeletionTimestamp.Add(r.Stops - time.Duration(*pod.DeletionGracePeriodSeconds)*time.Second).Sub(api.Now); left > 0 {
			return left, nil
		}
		return 0, end(pod, 143, api)
	case over || takes < 0:
		return 0, nil
	case left > 0:
		return left, nil
	}
	return 0, end(pod, code, api)
}

func (r *Runner) start(key store.Key, now time.Time) time.Time {
	if r.since == nil {
		r.since = map[store.Key]time.Time{}
	}
	if _, ok := r.since[key]; !ok {
		r.since[key] = now
	}
	return r.since[key]
}

func end(pod *corev1.Pod, code int32, api *store.Client) error {
	ended := pod.DeepCopy()
	ended.Status.Phase = corev1.PodSucceeded
	if code != 0 {
		ended.Status.Phase = corev1.PodFailed
	}
	ended.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name:  pod.Spec.Containers[0].Name,
		State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code, FinishedAt: metav1.NewTime(api.Now)}},
	}}
	_, err := api.UpdateStatus(ended)
	return err
}
