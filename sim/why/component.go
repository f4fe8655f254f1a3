package why

import (
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/sim"
)

// idle returns the fault that keeps a component of the control plane, or the API server, from its work; nil if none does.
func (s *scene) idle(component string) *fault {
	for _, f := range s.doing("stop", "stale") {
		words := strings.Fields(f.step.Do.String())
		if slices.Contains(words, component) || slices.Contains(words, "kube-apiserver") {
			return &f
		}
	}
	return nil
}

// idleFinding begins a finding about what a component would have to do and does not; nil if nothing keeps it from that.
func (s *scene) idleFinding(component string) *Finding {
	fault := s.idle(component)
	if fault == nil || !s.impatient(fault.begun.At) {
		return nil
	}
	return &Finding{
		Forever: true, from: []int{fault.begun.Seq}, Details: []string{fault.words() + " lasts"},
		Source: "kubernetes.io/docs/concepts/overview/components", Cure: []string{"# let " + component + ", and the API server that it works with, run again: it then does what it has missed"},
	}
}

// notLookedAt explains a pod that the scheduler has never tried.
func notLookedAt(s *scene, pod *corev1.Pod) *Finding {
	if pod.Spec.NodeName != "" || pod.DeletionTimestamp != nil {
		return nil
	}
	born, f := s.unready(pod), s.idleFinding("kube-scheduler")
	if tried, _ := s.told(pod, "FailedScheduling"); f == nil || tried != nil || born == nil || !s.impatient(born.At) {
		return nil
	}
	f.State, f.Since, f.from = stateOf(pod), born.At, append(f.from, born.Seq)
	f.Rule = "A pod gets its node from the scheduler, and that does not work: it has not even said that none suits."
	return f
}

// unattended tells of sets whose controller does not do what is to be done for them.
func unattended(s *scene) {
	for set := range store.All[*appsv1.StatefulSet](s.view) {
		f := s.idleFinding("kube-controller-manager")
		if f == nil || s.about(objectOf(set)) != nil || !s.hasMoreToDo(set) || s.lowestUnready(set) != nil {
			continue
		}
		name := nameOf(set)
		changed := s.last(func(e *sim.Event) bool {
			return e.Kind == "StatefulSet" && e.Name == name && (e.Verb == "create" || e.Verb == "update")
		})
		if changed == nil || !s.impatient(changed.At) {
			continue
		}
		f.State, f.Since = readyOf(set), max(changed.At, s.events[f.from[0]-1].At)
		if missing := s.absent(set); len(missing) > 0 {
			f.Details = append(f.Details, "not made: "+strings.Join(missing, ", "))
		}
		f.Rule = "A set's pods are made, replaced and deleted by its controller, and that does not work."
		s.add(objectOf(set), *f)
	}
}
