package why

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/sim"
)

// silence is what keeps a node's kubelet from being heard.
type silence struct {
	node    string
	off     bool // its machine has no power, rather than being cut off
	booting bool // its power is back
	since   time.Duration
	seq     int // the event that tells of it best
}

// silenceOf returns why a node's kubelet is not heard of, as far as the API server knows that it is not; nil if it is.
func (s *scene) silenceOf(name string) *silence {
	node, ok := store.Get[*corev1.Node](s.view, "", name)
	if !ok || condition.NodeReady(node) {
		return nil
	}
	q := &silence{node: name}
	if e := s.last(func(e *sim.Event) bool { return e.Kind == "Node" && e.Name == name && e.Reason == "NodeReady" }); e != nil {
		q.since, q.seq = e.At, e.Seq
	}
	if e := s.last(func(e *sim.Event) bool { return e.Kind == "Machine" && e.Name == name }); e != nil && e.Verb != "boot" {
		q.off = true
		if begun := s.events[e.Seq-1].Cause; begun > 0 {
			q.booting = s.lastHealed(s.events[begun-1].Name) > e.Seq
		}
	}
	return q
}

// heard tells whether a pod's node exists and its kubelet is heard of. The pods of one that does not exist are about to be removed
// (pkg/controller/podgc/gc_controller.go:gcOrphaned).
func (s *scene) heard(pod *corev1.Pod) bool {
	node, known := store.Get[*corev1.Node](s.view, "", pod.Spec.NodeName)
	return known && condition.NodeReady(node)
}

// lastHealed is the event that healed a step last, 0 if none did.
func (s *scene) lastHealed(step string) int {
	if e := s.lastAbout("Step", step, "heal", ""); e != nil {
		return e.Seq
	}
	return 0
}

func (q *silence) words() string {
	if q.off {
		return fmt.Sprintf("the kubelet of %s counts as silent since %s: its machine is down", q.node, clock(q.since))
	}
	return fmt.Sprintf("the kubelet of %s counts as silent since %s: it is cut off, and its containers may still run", q.node, clock(q.since))
}

// outOfService is the taint by which people say that a node's machine is surely off.
const outOfService = "node.kubernetes.io/out-of-service"

func (s *scene) outOfService(name string) bool {
	node, ok := store.Get[*corev1.Node](s.view, "", name)
	if !ok {
		return false
	}
	for i := range node.Spec.Taints {
		if node.Spec.Taints[i].Key == outOfService {
			return true
		}
	}
	return false
}

// silentNodes tells of nodes whose kubelets are not heard of, if anything waits because of that.
func silentNodes(s *scene) {
	for node := range store.All[*corev1.Node](s.view) {
		q := s.silenceOf(node.Name)
		waits := q != nil && slices.ContainsFunc(s.findings, func(f Finding) bool { return slices.Contains(f.from, q.seq) })
		if !waits || q.booting || !s.impatient(q.since) {
			continue
		}
		f := Finding{
			State: "NotReady", Since: q.since, Forever: true, from: []int{q.seq},
			Rule:   "A node is Ready for as long as its kubelet renews its Lease; " + q.words() + ". Nothing in Kubernetes repairs a node.",
			Source: "pkg/controller/nodelifecycle/node_lifecycle_controller.go:monitorNodeHealth",
			Links:  []string{"https://github.com/kubernetes/kubernetes/issues/54368"},
		}
		if q.off {
			f.Cure = []string{"# power the machine of " + node.Name + " on: its kubelet finishes the pods that were deleted meanwhile",
				"kubectl taint nodes " + node.Name + " " + outOfService + "=nodeshutdown:NoExecute   # only if it is surely off: its pods are removed and their volumes detached at once"}
		} else {
			f.Cure = []string{"# mend the network between " + node.Name + " and the API server: its kubelet catches up by itself",
				"kubectl delete node " + node.Name + "   # only after its machine was shut down: its containers may still run, and their successors start"}
		}
		s.add(objectOf(node), f)
	}
}
