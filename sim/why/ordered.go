package why

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/store"
	"statefulsim/sim"
)

func count(n int) string { return strconv.Itoa(n) }

// replicas is how many pods a set wants.
func replicas(set *appsv1.StatefulSet) int32 {
	if set.Spec.Replicas == nil {
		return 1
	}
	return *set.Spec.Replicas
}

// start is a set's first ordinal.
func start(set *appsv1.StatefulSet) int {
	if set.Spec.Ordinals == nil {
		return 0
	}
	return int(set.Spec.Ordinals.Start)
}

func parallel(set *appsv1.StatefulSet) bool {
	return set.Spec.PodManagementPolicy == appsv1.ParallelPodManagement
}

// readyOf is a set's state as kubectl shows it in the column READY.
func readyOf(set *appsv1.StatefulSet) string {
	return fmt.Sprintf("%d/%d ready", set.Status.ReadyReplicas, replicas(set))
}

// wanted tells whether a pod's ordinal is one of those that its set wants.
func wanted(set *appsv1.StatefulSet, pod *corev1.Pod) bool {
	n := ordinal(pod) - start(set)
	return n >= 0 && n < int(replicas(set))
}

// settled tells whether a pod holds nobody up (pkg/controller/statefulset/stateful_set_utils.go:isRunningAndReady, isTerminating).
func settled(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && pod.Status.Phase == corev1.PodRunning && condition.PodReady(pod)
}

// lowestUnready is the first of a set's wanted pods that holds others up, or nil.
func (s *scene) lowestUnready(set *appsv1.StatefulSet) *corev1.Pod {
	for _, pod := range s.podsOf(set) {
		if wanted(set, pod) && !settled(pod) {
			return pod
		}
	}
	return nil
}

// absent names a set's wanted pods that do not exist.
func (s *scene) absent(set *appsv1.StatefulSet) (names []string) {
	for i := range replicas(set) {
		name := set.Name + "-" + count(start(set)+int(i))
		if _, there := store.Get[*corev1.Pod](s.view, set.Namespace, name); !there {
			names = append(names, name)
		}
	}
	return names
}

const ordered = "pkg/controller/statefulset/stateful_set_control.go:processReplica"

// waitsFor begins a finding about a set that is held up by a pod which is stuck itself; nil if that pod is not.
func (s *scene) waitsFor(set *appsv1.StatefulSet, pod *corev1.Pod) *Finding {
	if pod == nil {
		return nil
	}
	blocker := s.about(objectOf(pod))
	if blocker == nil {
		return nil
	}
	return &Finding{
		State: readyOf(set), Since: blocker.Since, Forever: blocker.Forever, Until: blocker.Until, from: slices.Clone(blocker.from),
		Source: ordered, Cure: []string{"# cure Pod " + nameOf(pod) + " first (" + blocker.State + "): the set goes on by itself"},
	}
}

// orderedCreation tells of sets that make no further pods because a lower one is not Ready.
func orderedCreation(s *scene) {
	for set := range store.All[*appsv1.StatefulSet](s.view) {
		blocker := s.lowestUnready(set)
		f := s.waitsFor(set, blocker)
		if f == nil || parallel(set) {
			continue
		}
		later := slices.DeleteFunc(s.absent(set), func(name string) bool { return name < blocker.Name && len(name) <= len(blocker.Name) })
		if len(later) == 0 {
			continue
		}
		f.Rule = fmt.Sprintf("OrderedReady: a pod is made only when all those of lower ordinals are Running and Ready, and none is Terminating. %s is %s, and so these wait: %s.",
			blocker.Name, stateOf(blocker), strings.Join(later, ", "))
		f.Links = []string{"https://github.com/kubernetes/kubernetes/issues/67250"}
		f.Cure = append(f.Cure, "# podManagementPolicy: Parallel does not wait, but cannot be changed in place: kubectl delete statefulset "+flagged(set)+" --cascade=orphan, and apply anew")
		s.add(objectOf(set), *f)
	}
}

// unavailableYet tells of sets that wait for minReadySeconds to go by.
func unavailableYet(s *scene) {
	for set := range store.All[*appsv1.StatefulSet](s.view) {
		least := time.Duration(set.Spec.MinReadySeconds) * time.Second
		if least == 0 || !s.hasMoreToDo(set) {
			continue
		}
		for _, pod := range s.podsOf(set) {
			ready := condition.Pod(&pod.Status, corev1.PodReady)
			if !settled(pod) || s.since(ready.LastTransitionTime.Time)+least-s.at < patience {
				continue
			}
			var from []int
			if e := s.lastAbout("Pod", nameOf(pod), "update", "Ready"); e != nil {
				from = []int{e.Seq}
			}
			s.add(objectOf(set), Finding{
				from: from, State: readyOf(set), Since: s.since(ready.LastTransitionTime.Time),
				Rule:   fmt.Sprintf("A pod is available when it has been Ready for minReadySeconds, here %d, and the set does nothing more before %s is.", set.Spec.MinReadySeconds, pod.Name),
				Source: "pkg/controller/statefulset/stateful_set_utils.go:isRunningAndAvailable",
				Until:  pod.Name + " is available at " + clock(s.since(ready.LastTransitionTime.Time)+least),
				Links:  []string{"https://github.com/kubernetes/kubernetes/issues/119234"},
				Cure:   []string{`kubectl patch statefulset ` + flagged(set) + ` -p '{"spec":{"minReadySeconds":0}}'   # goes on at once, with less trust in new pods`},
			})
			break
		}
	}
}

// hasMoreToDo tells whether a set has pods to make, to replace or to delete.
func (s *scene) hasMoreToDo(set *appsv1.StatefulSet) bool {
	return len(s.absent(set)) > 0 || len(s.outdated(set)) > 0 || slices.ContainsFunc(s.podsOf(set), func(pod *corev1.Pod) bool { return !wanted(set, pod) })
}

// scaleDown tells of sets that cannot get rid of the pods above the wanted ordinals.
func scaleDown(s *scene) {
	for set := range store.All[*appsv1.StatefulSet](s.view) {
		above := slices.DeleteFunc(s.podsOf(set), func(pod *corev1.Pod) bool { return wanted(set, pod) })
		if parallel(set) || len(above) == 0 {
			continue
		}
		highest := above[len(above)-1]
		first := highest // the lowest of them that is not settled
		if at := slices.IndexFunc(above, func(pod *corev1.Pod) bool { return !settled(pod) }); at >= 0 {
			first = above[at]
		}
		f := s.waitsFor(set, s.lowestUnready(set))
		switch {
		case f != nil:
			f.Rule = fmt.Sprintf("OrderedReady: no pod is deleted for a scale-down while one that stays is not Ready: %s waits for %s.", highest.Name, s.lowestUnready(set).Name)
			f.Cure = append(f.Cure, "kubectl delete pod "+flagged(highest)+"   # by hand; the set does not make it again, as its ordinal is not wanted")
		case settled(highest):
			continue
		case highest.DeletionTimestamp == nil && first != highest:
			if f = s.waitsFor(set, first); f == nil {
				continue
			}
			f.Rule = fmt.Sprintf("OrderedReady: of the pods above the wanted ordinals the highest goes first, and one that is not Ready only if it is the lowest of these that is not. %s and %s are not: "+
				"neither is ever deleted.", first.Name, highest.Name)
			f.Cure = []string{"kubectl delete pod " + flagged(highest) + "   # by hand; it is not made again", "kubectl delete pod " + flagged(first)}
		default:
			if f = s.waitsFor(set, highest); f == nil || highest.DeletionTimestamp == nil {
				continue
			}
			f.Rule = fmt.Sprintf("OrderedReady: a scale-down takes one pod after the other, and waits until %s, which is Terminating, is gone.", highest.Name)
		}
		f.Source = "pkg/controller/statefulset/stateful_set_control.go:processCondemned"
		s.add(objectOf(set), *f)
	}
}

// claimGoing tells of sets that cannot make a pod because its claim is on its way out, or belongs to a pod of the past.
func claimGoing(s *scene) {
	for set := range store.All[*appsv1.StatefulSet](s.view) {
		name := nameOf(set)
		e := s.last(func(e *sim.Event) bool {
			return e.Kind == "StatefulSet" && e.Name == name && e.Verb == "event" && (e.Reason == "FailedCreate" || e.Reason == "SuccessfulCreate")
		})
		if e == nil || e.Reason != "FailedCreate" || !s.impatient(e.At) || len(s.absent(set)) == 0 {
			continue
		}
		s.add(objectOf(set), Finding{
			State: readyOf(set), Since: e.At, Forever: true, from: []int{e.Seq}, Details: []string{"the controller says: " + e.Detail},
			Rule:   "A set makes a pod only when each of its claims exists, stays, and belongs to no pod of the past.",
			Source: "pkg/controller/statefulset/stateful_pod_control.go:CreateStatefulPod",
			Cure:   []string{"# let go what holds the claim: a pod that still mounts it, or a finalizer; the set then makes both anew"},
		})
	}
}
