package sim

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/store"
	"statefulsim/network"
	"statefulsim/scenarios"
)

// sandbox is a pod on its machine: its address, its mounted volumes, and its processes.
type sandbox struct {
	machine   *machine
	pod       *corev1.Pod
	place     network.Place
	ip        string
	volumes   map[string]string // disk by claim
	processes map[string]*process
	main      string    // the container that serves the pod's address
	set       store.Key // the StatefulSet that owns the pod, if one does
	runs      scenarios.Process
}

// sandbox returns the pod's sandbox on this machine, and makes it if need be.
func (m *machine) sandbox(pod *corev1.Pod) *sandbox {
	if s := m.pods[pod.UID]; s != nil {
		return s
	}
	place := m.place
	place.Pod = pod.Namespace + "/" + pod.Name
	s := &sandbox{machine: m, pod: pod, place: place, volumes: map[string]string{}, processes: map[string]*process{},
		main: pod.Spec.Containers[0].Name}
	if set := ownerOf(pod, store.StatefulSet); set != "" {
		s.set = store.Key{Kind: store.StatefulSet, Namespace: pod.Namespace, Name: set}
		s.runs = m.w.scenario.Runs[set]
	}
	if s.runs.Container != "" {
		s.main = s.runs.Container
	}
	m.pods[pod.UID] = s
	return s
}

// forget drops a sandbox that has nothing left in it, unless its pod is to live on: then its containers start again there.
func (m *machine) forget(s *sandbox) {
	if len(s.volumes) > 0 || len(s.processes) > 0 {
		return
	}
	live, ok := store.Get[*corev1.Pod](m.w.store.View(), s.pod.Namespace, s.pod.Name)
	if ok && live.UID == s.pod.UID && live.DeletionTimestamp == nil {
		return
	}
	delete(m.w.sandboxes, s.ip)
	delete(m.pods, s.pod.UID)
}

// serve hands a request to the process that serves the pod's address. A machine that is down does not answer.
func (s *sandbox) serve(kind string, body any, reply reply) {
	if s.machine.down != nil {
		return
	}
	p := s.processes[s.main]
	if p == nil || !p.booted {
		reply(nil, errRefused)
		return
	}
	p.requests++
	n := p.requests
	p.open[n] = reply
	p.program.serve(kind, body, func(answer any, err error) {
		if open := p.open[n]; open != nil {
			delete(p.open, n)
			open(answer, err)
		}
	})
}

// initContainer tells whether a container has its work to do and then ends: it is an init container and no sidecar.
func (s *sandbox) initContainer(name string) bool {
	for i := range s.pod.Spec.InitContainers {
		if c := &s.pod.Spec.InitContainers[i]; c.Name == name {
			return c.RestartPolicy == nil || *c.RestartPolicy != corev1.ContainerRestartPolicyAlways
		}
	}
	return false
}

// ownerOf names the object of that kind that controls another; "" if none does.
func ownerOf(obj store.Object, kind store.Kind) string {
	if owner := metav1.GetControllerOfNoCopy(obj); owner != nil && owner.Kind == kind.String() {
		return owner.Name
	}
	return ""
}

// revisionOf is the name of the ControllerRevision that a pod was made from.
func revisionOf(pod *corev1.Pod) string { return pod.Labels[appsv1.ControllerRevisionHashLabelKey] }

// ordinalOf is the ordinal of a set's pod.
func ordinalOf(pod *corev1.Pod) int {
	n, _ := strconv.Atoi(pod.Labels[appsv1.PodIndexLabel])
	return n
}

// firstClaim names the claim behind the first of a pod's volumes that has one, or is "".
func firstClaim(pod *corev1.Pod) string {
	for i := range pod.Spec.Volumes {
		if claim := pod.Spec.Volumes[i].PersistentVolumeClaim; claim != nil {
			return claim.ClaimName
		}
	}
	return ""
}
