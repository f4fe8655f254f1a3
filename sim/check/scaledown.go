package check

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

var orderedScaleDown = Invariant{
	Name: "ordered-scale-down",
	Why: "An OrderedReady set that shrinks gives up its highest ordinal first and waits until it is gone, so that a database " +
		"loses one member at a time and keeps its quorum.",
	New: func() Judge {
		j := deletions{sets: map[types.UID]*members{}}
		return j.judge
	},
}

// deletions judges what the StatefulSet controller deletes above a set's range: nothing, as long as a pod of a higher
// ordinal exists, be it terminating.
//
// What others delete is their affair. The first sync after the range has changed is not judged: until the set's status
// tells that the controller has observed the present spec, the deletion may belong to a former one.
type deletions struct{ sets map[types.UID]*members }

// members are the ordinals that a set controls.
type members struct {
	ordinals map[int]bool
	highest  int // the largest of them; meaningful if there are any
}

func (j *deletions) judge(step *Step) (breaches []string) {
	for _, change := range step.Changes {
		if change.Kind != store.Pod {
			continue
		}
		was, _ := change.Old.(*corev1.Pod)
		is, _ := change.New.(*corev1.Pod)
		if step.Actor == StatefulSetController && deleted(was, is) {
			if breach := j.deletion(step.Before, was); breach != "" {
				breaches = append(breaches, breach)
			}
		}
		j.follow(was, is)
	}
	return breaches
}

// deleted tells whether a deletion began.
func deleted(was, is *corev1.Pod) bool {
	return was != nil && was.DeletionTimestamp == nil && (is == nil || is.DeletionTimestamp != nil)
}

func (j *deletions) deletion(before *store.View, pod *corev1.Pod) (breach string) {
	of, ordinal, _ := member(pod)
	set, ok := store.Get[*appsv1.StatefulSet](before, of.namespace, of.set)
	if !ok || !controlledBy(pod, set.UID) || !ordered(set) || set.Status.ObservedGeneration < set.Generation {
		return ""
	}
	start, end := ordinalRange(set)
	highest := j.sets[set.UID].highest
	condemned := ordinal < start || ordinal >= end
	if !condemned || highest <= ordinal || highest < end {
		return ""
	}
	return fmt.Sprintf("pod %s/%s was deleted for a scale-down while %s-%d exists", pod.Namespace, pod.Name, of.set, highest)
}

// follow takes in that a pod came, went, or changed its controller.
func (j *deletions) follow(was, is *corev1.Pod) {
	before, belonged := membership(was)
	after, belongs := membership(is)
	if before == after && belonged == belongs {
		return
	}
	if belonged {
		j.remove(before)
	}
	if belongs {
		j.add(after)
	}
}

func (j *deletions) add(pod memberOf) {
	m := j.sets[pod.set]
	if m == nil {
		m = &members{ordinals: map[int]bool{}, highest: pod.ordinal}
		j.sets[pod.set] = m
	}
	m.ordinals[pod.ordinal] = true
	m.highest = max(m.highest, pod.ordinal)
}

func (j *deletions) remove(pod memberOf) {
	m := j.sets[pod.set]
	delete(m.ordinals, pod.ordinal)
	switch {
	case len(m.ordinals) == 0:
		delete(j.sets, pod.set)
	case pod.ordinal == m.highest:
		m.descend()
	}
}

// descend finds the highest ordinal after that went: nearly always the next below.
func (m *members) descend() {
	if m.ordinals[m.highest-1] {
		m.highest--
		return
	}
	m.highest = 0
	for ordinal := range m.ordinals {
		m.highest = max(m.highest, ordinal)
	}
}

// memberOf is a set and an ordinal of it.
type memberOf struct {
	set     types.UID
	ordinal int
}

// membership returns which set controls a pod, and as which ordinal.
func membership(pod *corev1.Pod) (m memberOf, ok bool) {
	if pod == nil {
		return memberOf{}, false
	}
	owner := metav1.GetControllerOfNoCopy(pod)
	_, ordinal, named := member(pod)
	if owner == nil || !named {
		return memberOf{}, false
	}
	return memberOf{owner.UID, ordinal}, true
}
