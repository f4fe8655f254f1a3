package why

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// deleted is when a pod's deletion was asked for, and the event that told of it.
func (s *scene) deleted(pod *corev1.Pod) (since time.Duration, seq int) {
	if e := s.lastAbout("Pod", nameOf(pod), "delete", ""); e != nil {
		return e.At, e.Seq
	}
	return s.since(pod.DeletionTimestamp.Time), 0
}

// keptByFinalizers explains a pod that has ended, and that somebody's finalizer keeps.
func keptByFinalizers(s *scene, pod *corev1.Pod) *Finding {
	if pod.DeletionTimestamp == nil || len(pod.Finalizers) == 0 || pod.DeletionGracePeriodSeconds == nil || *pod.DeletionGracePeriodSeconds > 0 {
		return nil
	}
	since, seq := s.deleted(pod)
	return &Finding{
		State: stateOf(pod), Since: since, Forever: true, from: []int{seq},
		Rule: fmt.Sprintf("A deleted object stays until its list of finalizers is empty, and nobody removes %s. Its containers have ended, and "+
			"its StatefulSet makes no successor while it exists.", strings.Join(pod.Finalizers, ", ")),
		Source: "k8s.io/apiserver pkg/registry/generic/registry/store.go:ShouldDeleteDuringUpdate; kubernetes.io/docs/concepts/overview/working-with-objects/finalizers",
		Cure:   []string{`kubectl patch pod ` + flagged(pod) + ` --type=merge -p '{"metadata":{"finalizers":null}}'   # whatever the finalizer's owner was to clean up stays`},
	}
}

// keptBySilentNode explains a deleted pod whose kubelet cannot confirm that it has ended.
func keptBySilentNode(s *scene, pod *corev1.Pod) *Finding {
	if pod.DeletionTimestamp == nil {
		return nil
	}
	q := s.silenceOf(pod.Spec.NodeName)
	if q == nil || q.booting || s.outOfService(q.node) {
		return nil
	}
	since, seq := s.deleted(pod)
	return &Finding{
		State: stateOf(pod), Since: since, Forever: true, from: []int{q.seq, seq},
		Rule: "A deleted pod stays until the kubelet of its node confirms that its containers have ended, and " + q.words() +
			". Its StatefulSet makes no second " + pod.Name + " while the first one exists, because that one may still run.",
		Source: "pkg/kubelet/status/status_manager.go:canBeDeleted; pkg/controller/statefulset/stateful_set_control.go:processReplica",
		Cure:   lostNodeCure(pod, q),
		Links: []string{"https://github.com/kubernetes/kubernetes/issues/54368", "https://github.com/kubernetes/kubernetes/issues/74947",
			"https://github.com/kubernetes/enhancements/pull/1116"},
	}
}

func lostNodeCure(pod *corev1.Pod, q *silence) []string {
	taint := "kubectl taint nodes " + q.node + " " + outOfService + "=nodeshutdown:NoExecute   # "
	force := "kubectl delete pod " + flagged(pod) + " --grace-period=0 --force   # "
	node := "kubectl delete node " + q.node + "   # "
	if q.off {
		return []string{
			taint + "only if the machine is surely off: removes its pods and detaches their volumes at once; take the taint away when it is back",
			force + "only if the machine is surely off; a volume still waits up to 6 minutes for its force detach",
			node + "the pod garbage collector then removes its pods; the machine registers anew when it boots",
		}
	}
	return []string{
		"# mend the network of " + q.node + ": its kubelet then ends the pod and confirms it",
		force + "DANGER: the old one may still run beside its successor, two of one identity that both write",
		taint + "DANGER: shut the machine down first; it may still run and write to the volume that is taken from it",
		node + "DANGER: shut the machine down first, for the same reason",
	}
}

// overdue explains a pod that is still there long after its grace period, on a node that is heard of.
func overdue(s *scene, pod *corev1.Pod) *Finding {
	if pod.DeletionTimestamp == nil || pod.Spec.NodeName == "" || s.outOfService(pod.Spec.NodeName) {
		return nil
	}
	if !s.heard(pod) || !s.impatient(s.since(pod.DeletionTimestamp.Time)) {
		return nil
	}
	since, seq := s.deleted(pod)
	return &Finding{
		State: stateOf(pod), Since: since, Forever: true, from: []int{seq},
		Rule: fmt.Sprintf("A deleted pod stays until the kubelet of its node confirms that its containers have ended; its grace period was over at %s, "+
			"and the kubelet of %s has not confirmed.", clock(s.since(pod.DeletionTimestamp.Time)), pod.Spec.NodeName),
		Source: "pkg/kubelet/status/status_manager.go:canBeDeleted",
		Cure: []string{"# see what the kubelet of " + pod.Spec.NodeName + " does: its log, and its reach to the API server",
			"kubectl delete pod " + flagged(pod) + " --grace-period=0 --force   # DANGER: the old one may still run beside its successor"},
	}
}
