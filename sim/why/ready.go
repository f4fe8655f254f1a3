package why

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/sim"
)

// onSilentNode explains a pod that is not Ready because its node is not heard of, before anybody has deleted it.
func onSilentNode(s *scene, pod *corev1.Pod) *Finding {
	q := s.silenceOf(pod.Spec.NodeName)
	if q == nil || q.booting || pod.DeletionTimestamp != nil || condition.PodReady(pod) || condition.PodTerminal(pod) {
		return nil
	}
	f := &Finding{
		State: stateOf(pod), Since: q.since, Forever: true, from: []int{q.seq},
		Rule:   "A pod on a node that is not Ready is not Ready either; " + q.words() + ".",
		Source: "pkg/controller/nodelifecycle/node_lifecycle_controller.go:processTaintBaseEviction; pkg/controller/tainteviction/taint_eviction.go:processPodOnNode",
		Cure:   lostNodeCure(pod, q),
		Links:  []string{"https://github.com/kubernetes/kubernetes/issues/54368"},
	}
	if at, due := s.eviction(pod); due {
		f.Rule += " It is deleted when its toleration is used up, and then stays, Terminating, until that kubelet confirms."
		f.Forever, f.due, f.Until = false, at, "the taint eviction deletes it at "+clock(at)+", and then it is Terminating"
	} else {
		f.Rule += " Nobody evicts it so far: its node has no taint that it would have to leave for, which comes to one node of a zone after the other, and to none while all zones are silent; or it tolerates it for ever."
	}
	return f
}

// eviction is when a pod's toleration of its node's NoExecute taints is used up.
func (s *scene) eviction(pod *corev1.Pod) (at time.Duration, due bool) {
	node, ok := store.Get[*corev1.Node](s.view, "", pod.Spec.NodeName)
	if !ok {
		return 0, false
	}
	for i := range node.Spec.Taints {
		taint := &node.Spec.Taints[i]
		if taint.Effect != corev1.TaintEffectNoExecute || taint.TimeAdded == nil {
			continue
		}
		for _, t := range pod.Spec.Tolerations {
			if t.Key == taint.Key && t.TolerationSeconds != nil {
				return s.since(taint.TimeAdded.Time) + time.Duration(*t.TolerationSeconds)*time.Second, true
			}
		}
	}
	return 0, false
}

// notReady returns since when a pod that runs has not been Ready, if that is long, and the last word of its probes.
func (s *scene) notReady(pod *corev1.Pod) (f *Finding, says string) {
	if pod.DeletionTimestamp != nil || pod.Status.Phase != corev1.PodRunning || condition.PodReady(pod) || !s.heard(pod) {
		return nil, ""
	}
	since, started := s.unready(pod), s.started(pod)
	if since == nil || started == nil || !s.impatient(max(since.At, started.At)) {
		return nil, ""
	}
	f = &Finding{State: stateOf(pod), Since: since.At, Forever: true, from: []int{since.Seq}, Source: "pkg/kubelet/prober/worker.go:doProbe"}
	if _, last := s.told(pod, "Unhealthy"); last != nil {
		f.Details, says = []string{"its probe says: " + last.Detail}, last.Detail
	}
	return f, says
}

// started is the last start of one of a pod's containers, or nil.
func (s *scene) started(pod *corev1.Pod) *sim.Event {
	prefix := nameOf(pod) + "/"
	return s.last(func(e *sim.Event) bool {
		return e.Kind == "Container" && e.Verb == "start" && strings.HasPrefix(e.Name, prefix)
	})
}

// neverReady explains any other pod that runs and does not get Ready.
func neverReady(s *scene, pod *corev1.Pod) *Finding {
	f, says := s.notReady(pod)
	if f == nil {
		return nil
	}
	f.Rule = "A pod is Ready when all of its containers are, and a container when its startup and readiness probes succeed."
	f.from = append(f.from, s.blamed(slowing...)...)
	switch {
	case strings.Contains(says, "still starting"):
		f.Forever, f.Until = false, fmt.Sprintf("its process has started, which takes %v (the latency processStart)%s", s.rec.Scenario.Latency("processStart"), s.slowed())
	case strings.Contains(says, "not yet caught up"):
		f.Forever, f.Until = false, "it has caught up with its leader"
	}
	f.Cure = append(s.renewal(pod), "# mend what its probe finds; or the probe, if that asks for too much",
		"kubectl delete pod "+flagged(pod)+"   # helps if a new start does, and takes the set's template as it is now")
	return f
}

// notStarted explains any other pod whose containers do not start.
func notStarted(s *scene, pod *corev1.Pod) *Finding {
	if !starting(pod) || !s.heard(pod) || s.moving(pod) {
		return nil
	}
	_, bound := s.told(pod, "Scheduled")
	_, pulling := s.told(pod, "Pulling")
	_, pulled := s.told(pod, "Pulled")
	if bound == nil || s.at-bound.At < 4*patience || pulling != nil && (pulled == nil || pulled.Seq < pulling.Seq) {
		return nil
	}
	return &Finding{
		State: stateOf(pod), Since: bound.At, Forever: true, from: []int{bound.Seq},
		Rule:   "A pod that has its node is started by the kubelet there, which has not got to its containers yet and says nothing about why.",
		Source: "pkg/kubelet/kubelet.go:SyncPod",
		Cure:   []string{"# see whether the kubelet of " + pod.Spec.NodeName + " reaches the API server"},
	}
}
