package check

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"statefulsim/controller/store"
)

var orderedCreation = Invariant{
	Name: "ordered-creation",
	Why: "An OrderedReady set promises each pod that all lower ordinals are up before it is created: databases rely on it to " +
		"find the member they clone from, and not to form two clusters.",
	New: func() Judge {
		j := creations{sets: map[place]*growth{}}
		return j.judge
	},
}

// creations judges that no pod is created before those of lower ordinals are running and ready.
//
// The controller sees a stale cache, so a pod may have become unready just before. It never sees more than there once was,
// though: at some instant since the pod's predecessor was gone, all lower ordinals must have been healthy together. That
// is what is demanded.
type creations struct{ sets map[place]*growth }

// growth is what is known of the ordinals of one OrderedReady set.
type growth struct {
	set     types.UID
	start   int
	excused bool // ordinals not in pods may be created once, whatever the others are
	pods    map[int]*slot

	// unhealthy is the lowest ordinal from start on that is not healthy.
	unhealthy int
}

// slot is one ordinal.
type slot struct {
	exists, healthy bool
	due             bool // may be created: since it is absent, the lower ones were all healthy once
}

func (j *creations) judge(step *Step) (breaches []string) {
	for _, change := range step.Changes {
		switch change.Kind {
		case store.StatefulSet:
			j.follow(change)
		case store.Pod:
			if breach := j.pod(change); breach != "" {
				breaches = append(breaches, breach)
			}
		}
	}
	return breaches
}

// follow begins to watch a new set, and takes note of another range.
func (j *creations) follow(change store.Change) {
	at := place{change.Object().GetNamespace(), change.Object().GetName()}
	set, exists := change.New.(*appsv1.StatefulSet)
	if !exists || !ordered(set) {
		delete(j.sets, at)
		return
	}
	start, _ := ordinalRange(set)
	g := j.sets[at]
	if g != nil && g.set == set.UID && g.start == start {
		return
	}
	// A set that finds pods of its name, or another first ordinal, may be reconciled from a cache that knows only one half
	// of what changed: whatever it creates next can be right.
	pods := membersIn(change.After, at)
	now := &growth{set: set.UID, start: start, excused: g != nil || len(pods) > 0, pods: pods, unhealthy: start}
	now.advance()
	j.sets[at] = now
}

func membersIn(view *store.View, at place) map[int]*slot {
	pods := map[int]*slot{}
	for pod := range store.In[*corev1.Pod](view, at.namespace) {
		if of, ordinal, ok := member(pod); ok && of == at {
			pods[ordinal] = &slot{exists: true, healthy: healthy(pod), due: true}
		}
	}
	return pods
}

func (j *creations) pod(change store.Change) (breach string) {
	at, ordinal, ok := member(change.Object().(*corev1.Pod))
	if !ok || j.sets[at] == nil {
		return ""
	}
	pod, _ := change.New.(*corev1.Pod)
	return j.sets[at].pod(pod, ordinal, change.Old == nil)
}

// pod takes in the new state of an ordinal's pod; nil if it is gone.
func (g *growth) pod(pod *corev1.Pod, ordinal int, created bool) (breach string) {
	s := g.slot(ordinal)
	ours := controlledBy(pod, g.set)
	if created && ours && ordinal >= g.start && !s.due {
		breach = fmt.Sprintf("pod %s/%s was created while ordinal %d was not running and ready", pod.Namespace, pod.Name, g.unhealthy)
	}
	s.exists, s.healthy = pod != nil, healthy(pod)
	if s.exists {
		// To the controller a pod that is not its own is absent, and so its ordinal may be next.
		s.due = !ours
	}
	if !s.healthy && ordinal >= g.start && ordinal < g.unhealthy {
		g.unhealthy = ordinal
	}
	g.advance()
	return breach
}

func (g *growth) slot(ordinal int) *slot {
	s := g.pods[ordinal]
	if s == nil {
		s = &slot{due: g.excused}
		g.pods[ordinal] = s
	}
	return s
}

// advance finds the lowest ordinal that is not healthy. If that has no pod, it is the one to create.
func (g *growth) advance() {
	for {
		s := g.slot(g.unhealthy)
		if !s.healthy {
			s.due = s.due || !s.exists
			return
		}
		g.unhealthy++
	}
}
