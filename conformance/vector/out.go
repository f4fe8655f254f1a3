package vector

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
)

// Outcome is what a sync returned, in the terms that both sides share.
type Outcome struct {
	Status *appsv1.StatefulSetStatus // nil if it failed
	Events []string                  // "Type Reason"
	Again  time.Duration             // 0 for none
	Err    error
}

// Out describes what came of a sync, its writes in the order that the format asks for.
func (s *Server) Out(o Outcome) Out {
	out := Out{Actions: s.actions, Events: o.Events, RequeueAfter: -1}
	if o.Err != nil {
		out.Errors = messages(o.Err)
	} else if o.Status != nil {
		out.Status = new(statusOf(o.Status))
		if o.Again > 0 {
			out.RequeueAfter = o.Again.Seconds()
		}
	}
	spec := &s.from.Set.Spec
	// The strategy Recreate deletes in parallel under either policy.
	out.arrange(spec.PodManagementPolicy == appsv1.ParallelPodManagement || spec.UpdateStrategy.Type == appsv1.RecreateStatefulSetStrategyType)
	return out
}

func messages(err error) []string {
	var all []string
	if aggregate, ok := err.(utilerrors.Aggregate); ok {
		for _, err := range utilerrors.Flatten(aggregate).Errors() {
			all = append(all, err.Error())
		}
	} else {
		all = append(all, err.Error())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// arrange takes out what upstream leaves to chance: the order in which the claims of a pod are made, the order of the pods of
// a parallel pass, and the order of events.
func (o *Out) arrange(parallel bool) {
	slices.Sort(o.Events)
	for i := 0; i < len(o.Actions); {
		end := i + 1
		for end < len(o.Actions) && o.Actions[i].ofPod() && o.Actions[end].ofPod() {
			end++
		}
		run := o.Actions[i:end]
		if parallel && len(run) > 1 {
			slices.SortStableFunc(run, func(a, b Action) int { return Ordinal(a.Name) - Ordinal(b.Name) })
		}
		sortClaims(run)
		i = end
	}
}

// sortClaims puts neighbours that create claims of one ordinal in the order of their names.
func sortClaims(run []Action) {
	for i := 0; i < len(run); {
		end := i + 1
		for end < len(run) && run[i].createsClaim() && run[end].createsClaim() && Ordinal(run[i].Name) == Ordinal(run[end].Name) {
			end++
		}
		slices.SortFunc(run[i:end], func(a, b Action) int { return strings.Compare(a.Name, b.Name) })
		i = end
	}
}

func (a *Action) ofPod() bool        { return a.Kind == KindPod || a.Kind == KindClaim }
func (a *Action) createsClaim() bool { return a.Kind == KindClaim && a.Verb == "create" }

// Ordinal returns the number at the end of a pod's or a claim's name, -1 if there is none.
func Ordinal(name string) int {
	n, found := 0, false
	for _, c := range name[strings.LastIndexByte(name, '-')+1:] {
		if c < '0' || c > '9' {
			return -1
		}
		n, found = 10*n+int(c-'0'), true
	}
	if !found {
		return -1
	}
	return n
}

// Differences returns where two descriptions of one sync differ, a line each; none if they say the same.
func Differences(want, got Out) []string {
	var diff []string
	note := func(what string, want, got any) {
		if !reflect.DeepEqual(want, got) {
			diff = append(diff, fmt.Sprintf("%s: upstream %v, model %v", what, want, got))
		}
	}
	for i := range max(len(want.Actions), len(got.Actions)) {
		note(fmt.Sprintf("write %d", i+1), nth(want.Actions, i), nth(got.Actions, i))
	}
	note("failed", len(want.Errors) > 0, len(got.Errors) > 0)
	note("status", want.Status.String(), got.Status.String())
	note("events", strings.Join(want.Events, ", "), strings.Join(got.Events, ", "))
	note("requeueAfter", want.RequeueAfter, got.RequeueAfter)
	return diff
}

func nth(actions []Action, i int) string {
	if i >= len(actions) {
		return "nothing"
	}
	return actions[i].String()
}

// String returns all that an action says: "create Pod web-0 template=t1 revision=web-6b4bb6c7f8".
func (a Action) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s", a.Verb, a.Kind, a.Name)
	if a.Template != "" {
		fmt.Fprintf(&b, " template=%s", a.Template)
	}
	if a.Revision != "" {
		fmt.Fprintf(&b, " revision=%s", a.Revision)
	}
	if a.Number != 0 {
		fmt.Fprintf(&b, " number=%d", a.Number)
	}
	for _, o := range a.Owners {
		fmt.Fprintf(&b, " owner=%s/%s/%s/%v", o.Kind, o.Name, o.UID, o.Controller)
	}
	if a.Status != nil {
		fmt.Fprintf(&b, " status=%s", a.Status)
	}
	if a.Failed != "" {
		fmt.Fprintf(&b, " refused=%s", a.Failed)
	}
	return b.String()
}

// String returns all that a status says.
func (s *Status) String() string {
	if s == nil {
		return "none"
	}
	collisions := "nil"
	if s.CollisionCount != nil {
		collisions = fmt.Sprint(*s.CollisionCount)
	}
	return fmt.Sprintf("{generation=%d replicas=%d ready=%d available=%d current=%d/%s updated=%d/%s collisions=%s conditions=%v}",
		s.ObservedGeneration, s.Replicas, s.ReadyReplicas, s.AvailableReplicas, s.CurrentReplicas, s.CurrentRevision,
		s.UpdatedReplicas, s.UpdateRevision, collisions, s.Conditions)
}

// Arranged returns the description with what upstream leaves to chance taken out, for a set of that pod management policy. What
// the Servers of this package describe is arranged already.
func (o Out) Arranged(policy string) Out {
	o.Actions, o.Events = slices.Clone(o.Actions), slices.Clone(o.Events)
	o.arrange(policy == string(appsv1.ParallelPodManagement))
	return o
}
