package why

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"statefulsim/controller/condition"
	"statefulsim/controller/kubectl"
	"statefulsim/controller/store"
	"statefulsim/sim"
)

// scene is one instant of a run as the rules look at it.
type scene struct {
	rec    *sim.Recording
	at     time.Duration
	frame  *sim.Frame
	view   *store.View
	events []sim.Event // all that had happened by then
	epoch  time.Time   // the instant from which the run counts
	faults []fault     // those that last, oldest first

	findings []Finding
	found    map[string]int // the index of an object's first finding
}

// newScene is nil for a recording that shows nothing yet at that instant.
func newScene(rec *sim.Recording, at time.Duration) *scene {
	if at > rec.Virtual {
		at = rec.Virtual
	}
	n := sort.Search(len(rec.Frames), func(i int) bool { return rec.Frames[i].At > at })
	if n == 0 {
		return nil
	}
	frame := &rec.Frames[n-1]
	s := &scene{rec: rec, at: at, frame: frame, view: frame.Store, events: rec.Events[:min(frame.Seq, len(rec.Events))], found: map[string]int{}}
	if first, ok := store.Get[*corev1.Namespace](rec.Frames[0].Store, "", corev1.NamespaceDefault); ok {
		s.epoch = first.CreationTimestamp.Time // the first thing that every world creates
	}
	s.faults = s.lasting()
	return s
}

// add completes a finding about an object with what led to it, and with the end of the fault that it came from.
func (s *scene) add(object string, f Finding) {
	f.Object = object
	f.Chain = s.chain(f.from)
	if first := s.firstStep(f.Chain); first != nil {
		f.Because = fmt.Sprintf("%s at %s (%s)", theStep(first.Name), clock(first.At), first.Detail)
		if end := s.endOf(first.Name); end > 0 && (f.Forever || end < f.due) {
			f.Forever, f.Until = false, fmt.Sprintf("%s is healed at %s", theStep(first.Name), clock(end))
		}
	}
	if _, known := s.found[object]; !known {
		s.found[object] = len(s.findings)
	}
	s.findings = append(s.findings, f)
}

// about returns what was found about an object before, or nil.
func (s *scene) about(object string) *Finding {
	if i, ok := s.found[object]; ok {
		return &s.findings[i]
	}
	return nil
}

// impatient tells whether something has been so for longer than patience allows.
func (s *scene) impatient(since time.Duration) bool { return s.at-since >= patience }

// since turns an API object's instant into one of the run.
func (s *scene) since(t time.Time) time.Duration { return t.Sub(s.epoch) }

// objectOf names an object as findings do.
func objectOf(obj store.Object) string { return store.KindOf(obj).String() + " " + nameOf(obj) }

// nameOf leaves out the namespace that everybody is in, as events do.
func nameOf(obj store.Object) string {
	if ns := obj.GetNamespace(); ns != "" && ns != metav1.NamespaceDefault {
		return ns + "/" + obj.GetName()
	}
	return obj.GetName()
}

// flagged is the name as kubectl's arguments have it: with -n where it is needed.
func flagged(obj store.Object) string {
	if ns := obj.GetNamespace(); ns != "" && ns != metav1.NamespaceDefault {
		return obj.GetName() + " -n " + ns
	}
	return obj.GetName()
}

// stateOf is a pod's state in kubectl's word, and what kubectl shows beside it of a pod that runs and is not Ready.
func stateOf(pod *corev1.Pod) string {
	state := kubectl.PodStatus(pod)
	if state == "Running" && !condition.PodReady(pod) {
		return "Running, not Ready"
	}
	return state
}

// ordinal is a pod's in its StatefulSet, -1 for one that has none.
func ordinal(pod *corev1.Pod) int {
	n, err := strconv.Atoi(pod.Labels[appsv1.PodIndexLabel])
	if err != nil {
		return -1
	}
	return n
}

// setOf is the StatefulSet that controls a pod, or nil.
func (s *scene) setOf(pod *corev1.Pod) *appsv1.StatefulSet {
	owner := metav1.GetControllerOfNoCopy(pod)
	if owner == nil || owner.Kind != "StatefulSet" {
		return nil
	}
	set, _ := store.Get[*appsv1.StatefulSet](s.view, pod.Namespace, owner.Name)
	return set
}

// podsOf lists a set's pods by ordinal.
func (s *scene) podsOf(set *appsv1.StatefulSet) []*corev1.Pod {
	pods := slices.Collect(store.ControlledBy[*corev1.Pod](s.view, set.UID))
	slices.SortFunc(pods, func(a, b *corev1.Pod) int { return ordinal(a) - ordinal(b) })
	return pods
}

// claimsOf names the claims that a pod mounts.
func claimsOf(pod *corev1.Pod) (names []string) {
	for i := range pod.Spec.Volumes {
		if claim := pod.Spec.Volumes[i].PersistentVolumeClaim; claim != nil {
			names = append(names, claim.ClaimName)
		}
	}
	return names
}

// clock writes an instant of the run, in seconds: "421.5 s".
func clock(d time.Duration) string {
	text := strconv.FormatFloat(d.Seconds(), 'f', 3, 64)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".") + " s"
}
