package check

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"statefulsim/controller/store"
)

var orderedUpdate = Invariant{
	Name: "ordered-update",
	Why: "A rolling update replaces one pod at a time, from the highest ordinal down to the partition, and goes on only while " +
		"all are up: else a new version that does not work takes one member after the other down with it.",
	New: func() Judge {
		j := updates{sets: map[place]*rollout{}}
		return j.judge
	},
}

// updates judges what the StatefulSet controller deletes within a set's range and that has not ended: only an update does that
// (pkg/controller/statefulset/stateful_set_control.go:updateStatefulSet).
//
// The controller sees a stale cache. It never sees more than there once was, though: of an OrderedReady set with at most one
// pod unavailable it deletes a pod only if since that was created all were healthy together at some instant, and those of
// higher ordinals had another revision than the pod, and all the same.
type updates struct{ sets map[place]*rollout }

// rollout is what is known of one set's pods.
type rollout struct {
	set        types.UID
	start, end int
	settled    int64 // the generation since which range, strategy and policy have not changed
	pods       map[int]*revised
	unhealthy  int // ordinals in the range without a healthy pod
}

// revised is the pod of one ordinal.
type revised struct {
	uid      types.UID
	revision string
	healthy  bool
	due      bool // may be deleted for an update that began with all healthy
}

func (j *updates) judge(step *Step) (breaches []string) {
	for _, change := range step.Changes {
		switch change.Kind {
		case store.StatefulSet:
			j.follow(change)
		case store.Pod:
			was, _ := change.Old.(*corev1.Pod)
			is, _ := change.New.(*corev1.Pod)
			if step.Actor == StatefulSetController && deleted(was, is) {
				if breach := j.deletion(step.Before, was); breach != "" {
					breaches = append(breaches, breach)
				}
			}
			j.pod(change)
		}
	}
	return breaches
}

// follow takes in a set's spec.
func (j *updates) follow(change store.Change) {
	at := place{change.Object().GetNamespace(), change.Object().GetName()}
	set, exists := change.New.(*appsv1.StatefulSet)
	if !exists {
		delete(j.sets, at)
		return
	}
	was, existed := change.Old.(*appsv1.StatefulSet)
	if existed && (was.Generation == set.Generation || sameRules(was, set)) {
		return
	}
	r := &rollout{set: set.UID, settled: set.Generation}
	if existed {
		r.pods = j.sets[at].pods
	} else {
		r.pods = revisedIn(change.After, at)
	}
	r.start, r.end = ordinalRange(set)
	r.count()
	j.sets[at] = r
}

// revisedIn lists the pods that a new set finds under its names.
func revisedIn(view *store.View, at place) map[int]*revised {
	pods := map[int]*revised{}
	for pod := range store.In[*corev1.Pod](view, at.namespace) {
		if of, ordinal, ok := member(pod); ok && of == at {
			pods[ordinal] = newRevised(pod)
		}
	}
	return pods
}

// sameRules tells whether two specs of a set differ in nothing that says which pods an update takes, and when.
func sameRules(a, b *appsv1.StatefulSet) bool {
	startA, endA := ordinalRange(a)
	startB, endB := ordinalRange(b)
	return startA == startB && endA == endB && a.Spec.UpdateStrategy.Type == b.Spec.UpdateStrategy.Type &&
		partition(a) == partition(b) && oneByOne(a) == oneByOne(b)
}

func partition(set *appsv1.StatefulSet) int {
	if rolling := set.Spec.UpdateStrategy.RollingUpdate; rolling != nil && rolling.Partition != nil {
		return int(*rolling.Partition)
	}
	return 0
}

// oneByOne tells whether an update of the set may have one pod unavailable and no more, and keeps to the order.
func oneByOne(set *appsv1.StatefulSet) bool {
	if !ordered(set) || set.Spec.UpdateStrategy.Type != appsv1.RollingUpdateStatefulSetStrategyType {
		return false
	}
	rolling := set.Spec.UpdateStrategy.RollingUpdate
	return rolling == nil || rolling.MaxUnavailable == nil || *rolling.MaxUnavailable == intstr.FromInt32(1)
}

func newRevised(pod *corev1.Pod) *revised {
	return &revised{uid: pod.UID, revision: pod.Labels[appsv1.StatefulSetRevisionLabel], healthy: healthy(pod)}
}

// pod takes in what became of an ordinal's pod.
func (j *updates) pod(change store.Change) {
	at, ordinal, ok := member(change.Object().(*corev1.Pod))
	r := j.sets[at]
	if !ok || r == nil {
		return
	}
	was := r.pods[ordinal]
	pod, exists := change.New.(*corev1.Pod)
	if !exists {
		delete(r.pods, ordinal)
		r.recount(ordinal, was != nil && was.healthy, false)
		return
	}
	is := newRevised(pod)
	if was != nil && was.uid == is.uid {
		if was.healthy == is.healthy && was.revision == is.revision {
			return
		}
		is.due = was.due
	}
	r.pods[ordinal] = is
	r.recount(ordinal, was != nil && was.healthy, is.healthy)
}

// recount takes in that an ordinal became healthy, or is no longer.
func (r *rollout) recount(ordinal int, was, is bool) {
	if ordinal < r.start || ordinal >= r.end {
		return
	}
	switch {
	case was && !is:
		r.unhealthy++
	case !was && is:
		r.unhealthy--
	}
	r.mark()
}

// count looks at all ordinals of the range.
func (r *rollout) count() {
	r.unhealthy = 0
	for ordinal := r.start; ordinal < r.end; ordinal++ {
		if pod := r.pods[ordinal]; pod == nil || !pod.healthy {
			r.unhealthy++
		}
	}
	r.mark()
}

// mark notes which pods an update may take if all are healthy: the highest, if it is that one's turn, or the highest of those
// that are not of its revision.
func (r *rollout) mark() {
	if r.unhealthy > 0 || r.end == r.start {
		return
	}
	top := r.pods[r.end-1]
	top.due = true
	for ordinal := r.end - 2; ordinal >= r.start; ordinal-- {
		if pod := r.pods[ordinal]; pod.revision != top.revision {
			pod.due = true
			return
		}
	}
}

// deletion judges one by what the controller must have known of the set: the spec that it has observed, or a later one.
func (j *updates) deletion(before *store.View, pod *corev1.Pod) (breach string) {
	at, ordinal, _ := member(pod)
	set, ok := store.Get[*appsv1.StatefulSet](before, at.namespace, at.set)
	r := j.sets[at]
	if !ok || r == nil || !controlledBy(pod, set.UID) || set.Status.ObservedGeneration < r.settled || r.pods[ordinal] == nil {
		return ""
	}
	if ordinal < r.start || ordinal >= r.end || pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded {
		return ""
	}
	if why := r.wrong(set, ordinal); why != "" {
		return fmt.Sprintf("the controller deleted pod %s/%s %s", pod.Namespace, pod.Name, why)
	}
	return ""
}

func (r *rollout) wrong(set *appsv1.StatefulSet, ordinal int) (why string) {
	observed := set.Status.ObservedGeneration >= set.Generation
	pod, strategy := r.pods[ordinal], set.Spec.UpdateStrategy.Type
	switch {
	case strategy == appsv1.OnDeleteStatefulSetStrategyType:
		return "of a set that leaves updates to who deletes its pods (OnDelete)"
	case observed && pod.revision == set.Status.UpdateRevision:
		return "though it is of the update revision " + pod.revision
	case strategy != appsv1.RollingUpdateStatefulSetStrategyType:
		return ""
	case ordinal-r.start < partition(set):
		return fmt.Sprintf("for an update, below the partition %d", partition(set))
	case !oneByOne(set):
		return ""
	case !pod.due:
		return "for an update before those of higher ordinals were updated and all were running and ready"
	case observed:
		return r.skipped(set, ordinal)
	}
	return ""
}

// skipped names a pod of a higher ordinal that is neither updated nor on its way out.
func (r *rollout) skipped(set *appsv1.StatefulSet, ordinal int) (why string) {
	for above := r.end - 1; above > ordinal; above-- {
		if pod := r.pods[above]; pod != nil && pod.healthy && pod.revision != set.Status.UpdateRevision {
			return fmt.Sprintf("for an update before %s-%d", set.Name, above)
		}
	}
	return ""
}
