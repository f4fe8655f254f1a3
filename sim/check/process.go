package check

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

var oneProcessPerIdentity = Invariant{
	Name: "one-process-per-identity",
	Why: "Two live processes with one pod's name both believe that they are that member: they may write to one volume, " +
		"vote twice, or serve clients that expect to find only one of them.",
	New: func() Judge {
		j := doubles{live: map[identity][]Process{}}
		return j.judge
	},
}

// identity is what a process has for itself among all that live: the name of its pod, whatever UID that has, and the
// container in it.
type identity struct{ namespace, pod, container string }

type doubles struct{ live map[identity][]Process }

func (j *doubles) judge(step *Step) (breaches []string) {
	for _, p := range step.Stopped {
		j.stop(p)
	}
	for _, p := range step.Started {
		id := identity{p.Namespace, p.Pod, p.Container}
		for _, other := range j.live[id] {
			breaches = append(breaches, fmt.Sprintf(
				"container %s of pod %s/%s started on node %s (UID %s) while one of that identity runs on node %s (UID %s)",
				p.Container, p.Namespace, p.Pod, p.Node, p.UID, other.Node, other.UID))
		}
		if !slices.Contains(step.Stopped, p) {
			j.live[id] = append(j.live[id], p)
		}
	}
	return breaches
}

func (j *doubles) stop(p Process) {
	id := identity{p.Namespace, p.Pod, p.Container}
	rest := slices.DeleteFunc(j.live[id], func(other Process) bool { return other == p })
	if len(rest) == 0 {
		delete(j.live, id)
		return
	}
	j.live[id] = rest
}

var processOfBoundPod = Invariant{
	Name: "process-of-bound-pod",
	Why: "A node may run only what the scheduler gave it: a container that starts elsewhere, or for a pod that never was, " +
		"is beyond the reach of everything that Kubernetes does about that pod.",
	New: func() Judge {
		j := bindings{node: map[types.UID]string{}}
		return j.judge
	},
}

// bindings remembers the node of every pod that ever was. A pod that is gone is remembered too, because a kubelet that has
// not heard of its end may rightly go on starting its containers.
type bindings struct{ node map[types.UID]string }

func (j *bindings) judge(step *Step) (breaches []string) {
	for _, change := range step.Changes {
		if pod, ok := change.New.(*corev1.Pod); ok && pod.Spec.NodeName != "" {
			j.node[pod.UID] = pod.Spec.NodeName
		}
	}
	for _, p := range step.Started {
		switch node, bound := j.node[p.UID]; {
		case !bound:
			breaches = append(breaches, fmt.Sprintf("container %s of pod %s/%s started on node %s, but no pod with UID %q was ever bound to a node",
				p.Container, p.Namespace, p.Pod, p.Node, p.UID))
		case node != p.Node:
			breaches = append(breaches, fmt.Sprintf("container %s of pod %s/%s started on node %s, but the pod is bound to node %s",
				p.Container, p.Namespace, p.Pod, p.Node, node))
		}
	}
	return breaches
}
