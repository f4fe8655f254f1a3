package scheduler

import (
	corev1 "k8s.io/api/core/v1"
)

// resources is what a pod asks for, or what a node has.
type resources struct {
	milliCPU, memory int64 // thousandths of a core, bytes
}

// unstated is what a container counts for in scores (not in the fit) if it does not say what it needs
// (pkg/scheduler/util/pod_resources.go).
var unstated = resources{milliCPU: 100, memory: 200 << 20}

func (r *resources) add(o resources) {
	r.milliCPU += o.milliCPU
	r.memory += o.memory
}

func (r *resources) sub(o resources) {
	r.milliCPU -= o.milliCPU
	r.memory -= o.memory
}

func (r *resources) atLeast(o resources) {
	r.milliCPU = max(r.milliCPU, o.milliCPU)
	r.memory = max(r.memory, o.memory)
}

// amounts reads a resource list; what the list leaves out is taken from missing.
func amounts(list corev1.ResourceList, missing resources) resources {
	r := missing
	if q, ok := list[corev1.ResourceCPU]; ok {
		r.milliCPU = q.MilliValue()
	}
	if q, ok := list[corev1.ResourceMemory]; ok {
		r.memory = q.Value()
	}
	return r
}

// requests returns what a pod asks for: the sum of its containers and sidecars, or an init container's own request
// together with the sidecars started before it, if that is more (component-helpers/resource/helpers.go:PodRequests).
func requests(pod *corev1.Pod, missing resources) resources {
	var containers, sidecars, init resources
	for i := range pod.Spec.Containers {
		containers.add(amounts(pod.Spec.Containers[i].Resources.Requests, missing))
	}
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		r := amounts(c.Resources.Requests, missing)
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			sidecars.add(r)
			r = resources{}
		}
		r.add(sidecars)
		init.atLeast(r)
	}
	containers.add(sidecars)
	containers.atLeast(init)
	return containers
}
