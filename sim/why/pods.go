package why

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/sim"
)

// PodsAt names the pods that there are at an instant of a run, with their namespaces in front unless that is "default".
func PodsAt(rec *sim.Recording, at time.Duration) (names []string) {
	if s := newScene(rec, at); s != nil {
		for pod := range store.All[*corev1.Pod](s.view) {
			names = append(names, nameOf(pod))
		}
	}
	return names
}

// PodAt returns what a pod is at an instant: its state as kubectl shows it, on which node, since when. known is false if there is no such
// pod then.
func PodAt(rec *sim.Recording, at time.Duration, name string) (state string, known bool) {
	s := newScene(rec, at)
	if s == nil {
		return "", false
	}
	for pod := range store.All[*corev1.Pod](s.view) {
		if nameOf(pod) == name {
			return s.portrait(pod), true
		}
	}
	return "", false
}

// portrait is what can be said of a pod that is not stuck.
func (s *scene) portrait(pod *corev1.Pod) string {
	text := stateOf(pod)
	if settled(pod) {
		text = "Running and Ready"
	}
	if pod.Spec.NodeName != "" {
		text += " on " + pod.Spec.NodeName
	}
	if ready := s.lastAbout("Pod", nameOf(pod), "update", "Ready"); ready != nil && settled(pod) {
		return text + " since " + clock(ready.At)
	}
	if born := s.lastAbout("Pod", nameOf(pod), "create", ""); born != nil {
		return text + ", made at " + clock(born.At)
	}
	return text
}
