package story

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/condition"
	"statefulsim/controller/kubectl"
	"statefulsim/controller/store"
	"statefulsim/sim"
)

// life is what came before of a pod.
type life struct {
	uid       types.UID // another pod of the name has another
	everReady bool      // since its containers started
}

// pod takes in that something happened to a pod.
func (l *loom) pod(name string) {
	namespace, plain := splitName(name)
	pod, ok := store.Get[*corev1.Pod](l.view, namespace, plain)
	if !ok {
		l.end(l.pods, name)
		return
	}
	was := l.lives[name]
	everReady := condition.PodReady(pod) || was.uid == pod.UID && was.everReady
	l.lives[name] = life{pod.UID, everReady}
	l.become(l.pods, name, podState(pod, everReady), podText(pod))
}

// container takes in that something happened to a container of a pod.
func (l *loom) container(e *sim.Event) {
	pod := e.Name[:max(strings.LastIndexByte(e.Name, '/'), 0)]
	if e.Verb == "start" {
		delete(l.lives, pod)
	}
	l.pod(pod)
}

// podText says how a pod does: "Running on node-b, not Ready, primary".
func podText(pod *corev1.Pod) string {
	text := kubectl.PodStatus(pod)
	if pod.Spec.NodeName != "" {
		text += " on " + pod.Spec.NodeName
	}
	if pod.Status.Phase == corev1.PodRunning && !condition.PodReady(pod) {
		text += ", not Ready"
	}
	if role := pod.Labels[roleLabel]; role != "" {
		text += ", " + role
	}
	return text
}
