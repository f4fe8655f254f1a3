package why

import (
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
)

func revision(pod *corev1.Pod) string { return pod.Labels[appsv1.ControllerRevisionHashLabelKey] }

// outdated lists a set's wanted pods that are not of its update revision.
func (s *scene) outdated(set *appsv1.StatefulSet) (pods []*corev1.Pod) {
	for _, pod := range s.podsOf(set) {
		if wanted(set, pod) && revision(pod) != set.Status.UpdateRevision {
			pods = append(pods, pod)
		}
	}
	return pods
}

// renewal is the cure for a pod whose set has got another template since; nothing for any other.
func (s *scene) renewal(pod *corev1.Pod) []string {
	set := s.setOf(pod)
	if set == nil || set.Status.UpdateRevision == "" || revision(pod) == set.Status.UpdateRevision {
		return nil
	}
	return []string{"kubectl delete pod " + flagged(pod) + "   # its set's template has changed since: it is made anew from that; its volume stays"}
}

// rolls tells whether a set is to replace its pods by itself and has not replaced all.
func (s *scene) rolls(set *appsv1.StatefulSet) bool {
	return set.Spec.UpdateStrategy.Type == appsv1.RollingUpdateStatefulSetStrategyType && len(s.outdated(set)) > 0
}

func partition(set *appsv1.StatefulSet) int {
	if rolling := set.Spec.UpdateStrategy.RollingUpdate; rolling != nil && rolling.Partition != nil {
		return int(*rolling.Partition)
	}
	return 0
}

// brokenRollout tells of ordered rolling updates that wait for a pod which is not getting Ready.
func brokenRollout(s *scene) {
	for set := range store.All[*appsv1.StatefulSet](s.view) {
		blocker := s.lowestUnready(set)
		if parallel(set) || !s.rolls(set) || blocker == nil {
			continue
		}
		f := s.waitsFor(set, blocker)
		if f == nil {
			continue
		}
		f.Links = []string{"https://github.com/kubernetes/kubernetes/issues/67250", "https://github.com/kubernetes/kubernetes/issues/60164"}
		f.Details = []string{fmt.Sprintf("%s is of revision %s, the set's template of %s", blocker.Name, revision(blocker), set.Status.UpdateRevision)}
		if e := s.lastAbout("StatefulSet", nameOf(set), "update", ""); e != nil {
			f.from = append(f.from, s.templateChange(set))
		}
		if revision(blocker) != set.Status.UpdateRevision {
			f.Rule = fmt.Sprintf("OrderedReady: a rolling update goes on only when every pod is Running and Ready, and %s, which has to be replaced itself, is not. That the template "+
				"was changed or reverted since does not help: nothing deletes the pod.", blocker.Name)
			f.Cure = []string{"kubectl delete pod " + flagged(blocker) + "   # it is made anew from the template as it is now; its volume stays"}
		} else {
			f.Rule = fmt.Sprintf("OrderedReady: a rolling update goes from the highest ordinal down, and waits until %s, the last one replaced, is Running and Ready.", blocker.Name)
			f.Cure = []string{"kubectl rollout undo statefulset/" + flagged(set) + "   # or mend the template",
				"kubectl delete pod " + flagged(blocker) + "   # after that, too: reverting alone does not replace a pod that is not Ready"}
		}
		s.add(objectOf(set), *f)
	}
}

// templateChange is the last event that gave a set another template.
func (s *scene) templateChange(set *appsv1.StatefulSet) int {
	for i := len(s.events) - 1; i >= 0; i-- {
		e := &s.events[i]
		if e.Kind == "ControllerRevision" && (e.Verb == "create" || e.Verb == "update") && len(e.Name) > len(nameOf(set)) && e.Name[:len(nameOf(set))] == nameOf(set) {
			return e.Seq
		}
	}
	return 0
}

// parallelRollout tells of rolling updates under Parallel that have used up what may be unavailable.
func parallelRollout(s *scene) {
	for set := range store.All[*appsv1.StatefulSet](s.view) {
		if !parallel(set) || !s.rolls(set) {
			continue
		}
		var blocker *corev1.Pod
		for _, pod := range s.podsOf(set) {
			if wanted(set, pod) && !settled(pod) && s.about(objectOf(pod)) != nil {
				blocker = pod // the highest of them: it was replaced first
			}
		}
		f := s.waitsFor(set, blocker)
		old := slices.DeleteFunc(s.outdated(set), func(pod *corev1.Pod) bool { return ordinal(pod)-start(set) < partition(set) })
		if f == nil || len(old) == 0 {
			continue
		}
		f.Source = "pkg/controller/statefulset/stateful_set_control.go:updateStatefulSetAfterInvariantEstablished"
		f.Links = []string{"https://github.com/kubernetes/kubernetes/pull/137666", "https://github.com/prometheus-operator/prometheus-operator/issues/8205"}
		f.Details = []string{fmt.Sprintf("%s is of revision %s, the set's template of %s", blocker.Name, revision(blocker), set.Status.UpdateRevision)}
		f.from = append(f.from, s.templateChange(set))
		if revision(blocker) != set.Status.UpdateRevision {
			f.Rule = "A rolling update takes down no more pods than maxUnavailable says, and the broken pods of the old revision count: the budget is used up before the first of them is replaced."
			f.Cure = []string{"kubectl delete pod " + flagged(blocker) + "   # it is made anew from the template as it is now; its volume stays"}
		} else {
			f.Rule = fmt.Sprintf("A rolling update takes down no more pods than maxUnavailable says, 1 without it, and %s, which has the new template already, is not available.", blocker.Name)
			f.Cure = []string{"kubectl rollout undo statefulset/" + flagged(set) + "   # or mend the template: under Parallel the broken pod is then replaced"}
		}
		s.add(objectOf(set), *f)
	}
}

// held begins a finding about pods that keep an old template although nothing is wrong with them; nil while a rollout is on its way.
func (s *scene) held(set *appsv1.StatefulSet, pods []*corev1.Pod) *Finding {
	seq := s.templateChange(set)
	if len(pods) == 0 || seq == 0 || !s.impatient(s.events[seq-1].At) || s.lowestUnready(set) != nil || len(s.absent(set)) > 0 {
		return nil
	}
	return &Finding{State: fmt.Sprintf("%d of %d pods updated", int(replicas(set))-len(s.outdated(set)), replicas(set)),
		Since: s.events[seq-1].At, Forever: true, from: []int{seq}, Source: "pkg/controller/statefulset/stateful_set_control.go:updateStatefulSet"}
}

// heldByPartition tells of rolling updates that a partition holds back.
func heldByPartition(s *scene) {
	for set := range store.All[*appsv1.StatefulSet](s.view) {
		old := s.outdated(set)
		if set.Spec.UpdateStrategy.Type != appsv1.RollingUpdateStatefulSetStrategyType || len(old) == 0 ||
			ordinal(old[len(old)-1])-start(set) >= partition(set) {
			continue
		}
		f := s.held(set, old)
		if f == nil {
			continue
		}
		f.Rule = fmt.Sprintf("A rolling update leaves the pods below its partition, which is %d, as they are; so a canary is meant to wait.", partition(set))
		f.Cure = []string{`kubectl patch statefulset ` + flagged(set) + ` -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'   # updates the rest`}
		f.Links = []string{"https://github.com/kubernetes/kubernetes/issues/121534"}
		s.add(objectOf(set), *f)
	}
}

// onDelete tells of pods that keep an old template because nobody deletes them.
func onDelete(s *scene) {
	for set := range store.All[*appsv1.StatefulSet](s.view) {
		if set.Spec.UpdateStrategy.Type != appsv1.OnDeleteStatefulSetStrategyType {
			continue
		}
		old := s.outdated(set)
		f := s.held(set, old)
		if f == nil {
			continue
		}
		f.Rule = "OnDelete: a pod gets the new template when somebody deletes it, and the set deletes none."
		for _, pod := range slices.Backward(old) {
			f.Cure = append(f.Cure, "kubectl delete pod "+flagged(pod)+"   # one after the other, each when the one before is Ready")
		}
		f.Links = []string{"https://github.com/kubernetes/kubernetes/issues/73492"}
		s.add(objectOf(set), *f)
	}
}
