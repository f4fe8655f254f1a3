package statefulset

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// facts are what the decision asks about a pod, answered once for each version of it.
type facts uint16

const (
	created     facts = 1 << iota // has a phase
	pending                       // phase Pending
	terminal                      // phase Failed or Succeeded
	terminating                   // has a deletionTimestamp
	ready                         // condition Ready is True, whatever the phase
	healthy                       // Running and Ready
	available                     // Ready for long enough, whatever the phase
	identified                    // named and labelled as its ordinal asks
	furnished                     // mounts the claims that its ordinal asks for
	claimed                       // each of its claims exists and stays
	settled                       // those of its claims that exist have the owners that the policy wants
	contested                     // someone else manages one of its claims
)

// has tells whether all of the given facts hold.
func (f facts) has(all facts) bool { return f&all == all }

// member is one pod of the set, as the decision sees it.
type member struct {
	pod      *corev1.Pod
	ordinal  int
	revision string    // the ControllerRevision's name on its label, or ""
	due      time.Time // when it becomes available, if it is Ready and not available yet; zero if time alone won't do it
	is       facts
	place    place
}

// place is where a pod stands to its set.
type place uint8

const (
	replica   place = iota // its ordinal is wanted
	condemned              // its ordinal is not
	nowhere                // it has no ordinal, or another pod stands at it
	release                // the set's own, but it doesn't match any more: to be let go
	adopt                  // nobody's, and it matches: to be taken
)

// podFacts answers what can be seen of the pod alone (stateful_set_utils.go: isCreated to isTerminating,
// pkg/api/v1/pod/util.go:IsPodReady).
func podFacts(pod *corev1.Pod) facts {
	var f facts
	if pod.DeletionTimestamp != nil {
		f |= terminating
	}
	if condition := readyCondition(pod); condition != nil && condition.Status == corev1.ConditionTrue {
		f |= ready
	}
	switch pod.Status.Phase {
	case "":
		return f
	case corev1.PodPending:
		f |= pending
	case corev1.PodFailed, corev1.PodSucceeded:
		f |= terminal
	case corev1.PodRunning:
		if f.has(ready) {
			f |= healthy
		}
	}
	return f | created
}

func readyCondition(pod *corev1.Pod) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == corev1.PodReady {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}

// availability tells whether a Ready pod counts as available now, and otherwise when it will: a zero time is never
// (pkg/api/v1/pod/util.go:IsPodAvailable).
func availability(pod *corev1.Pod, minReadySeconds int32, now time.Time) (is facts, due time.Time) {
	if minReadySeconds == 0 {
		return available, time.Time{}
	}
	since := readyCondition(pod).LastTransitionTime.Time
	if since.IsZero() {
		return 0, time.Time{}
	}
	due = since.Add(time.Duration(minReadySeconds) * time.Second)
	if due.After(now) {
		return 0, due
	}
	return available, time.Time{}
}

// idle tells whether a replica needs nothing and holds nobody up: its turn in the pass over the replicas can be left out
// (what is left of stateful_set_control.go:processReplica).
func (f facts) idle(policy appsv1.PodManagementPolicyType) bool {
	if policy != appsv1.ParallelPodManagement {
		return f.has(created|healthy|available|identified|furnished|settled) && f&terminating == 0
	}
	switch {
	case f.has(terminal):
		return f.has(terminating)
	case f.has(pending) && (!f.has(claimed) || f.has(contested)):
		return false
	}
	return f.has(created | identified | furnished | settled)
}
