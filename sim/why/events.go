package why

import (
	"cmp"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/sim"
)

// last returns the newest event for which the test holds, or nil.
func (s *scene) last(test func(*sim.Event) bool) *sim.Event {
	for i := len(s.events) - 1; i >= 0; i-- {
		if test(&s.events[i]) {
			return &s.events[i]
		}
	}
	return nil
}

// lastAbout returns the newest event of that verb, or with the verb "event" of that reason, about an object; or nil.
func (s *scene) lastAbout(kind, name, verb, reason string) *sim.Event {
	return s.last(func(e *sim.Event) bool {
		return e.Kind == kind && e.Name == name && e.Verb == verb && (reason == "" || e.Reason == reason)
	})
}

// life returns what happened since the pod of that name was created that there is now.
func (s *scene) life(pod *corev1.Pod) []sim.Event {
	if born := s.lastAbout("Pod", nameOf(pod), "create", ""); born != nil {
		return s.events[born.Seq-1:]
	}
	return s.events
}

// told returns the first and the last Kubernetes Event of that reason about a pod since something else about it: its creation, or
// the last time at which it was Ready. They are nil if there is none.
func (s *scene) told(pod *corev1.Pod, reason string) (first, last *sim.Event) {
	name, life := nameOf(pod), s.life(pod)
	for i := range life {
		e := &life[i]
		switch {
		case e.Kind != "Pod" || e.Name != name:
		case e.Verb == "update" && e.Reason == "Ready":
			first, last = nil, nil
		case e.Verb == "event" && e.Reason == reason:
			first, last = cmp.Or(first, e), e
		}
	}
	return first, last
}

// unready returns the event since which a pod is not Ready: when it ceased to be, or its creation.
func (s *scene) unready(pod *corev1.Pod) *sim.Event {
	name := nameOf(pod)
	return s.last(func(e *sim.Event) bool {
		return e.Kind == "Pod" && e.Name == name && (e.Verb == "create" || e.Verb == "update" && e.Reason == "NotReady")
	})
}

// before returns the event that began the end of a pod's predecessor, of a pod that was never Ready itself: what led to that led to
// its own trouble, too. It is 0 if there is none.
func (s *scene) before(pod *corev1.Pod) int {
	name, born := nameOf(pod), false
	for i := len(s.events) - 1; i >= 0; i-- {
		e := &s.events[i]
		switch {
		case e.Kind != "Pod" || e.Name != name:
		case !born && e.Verb == "update" && e.Reason == "Ready", born && e.Verb == "create":
			return 0
		case born && e.Verb == "delete":
			return e.Seq
		case e.Verb == "create":
			born = true
		}
	}
	return 0
}

// longest is how many steps of a chain are shown.
const longest = 10

// chain reads back what led to the events, oldest first. Messages, requests and changes that say nothing are left out; of a chain that
// is still long its middle is.
func (s *scene) chain(from []int) []Step {
	seen := map[int]bool{}
	for _, seq := range from {
		for ; seq > 0 && seq <= len(s.events) && !seen[seq]; seq = s.events[seq-1].Cause {
			seen[seq] = true
		}
	}
	var steps []Step
	for i := range s.events {
		if e := &s.events[i]; seen[e.Seq] && tells(e) {
			steps = append(steps, Step{Seq: e.Seq, At: e.At, Actor: e.Actor, What: sentence(e)})
		}
	}
	return s.shortened(steps)
}

// shortened leaves out the middle of a long chain, but no step of the scenario.
func (s *scene) shortened(steps []Step) (kept []Step) {
	for i, step := range steps {
		if i < longest/2 || i >= len(steps)-longest/2 || s.events[step.Seq-1].Kind == "Step" {
			kept = append(kept, step)
		}
	}
	return kept
}

// tells is false for what only a whole trace shows, and for what merely goes its usual way.
func tells(e *sim.Event) bool {
	switch {
	case e.Level == sim.Headline:
		return true
	case e.Level == sim.Detail || e.Kind == "Lease":
		return false
	case e.Verb == "update" && e.Kind == "Pod":
		return strings.Contains(e.Detail, boundTo)
	case e.Verb == "update":
		return e.Detail != "" && e.Kind != "VolumeAttachment" && e.Kind != "EndpointSlice"
	}
	return true
}

// boundTo begins an event's words about the node that a pod was given.
const boundTo = "bound to node "

// firstStep returns the step of the scenario that a chain begins with, or nil: the first of those whose effect lasts, if there is one.
func (s *scene) firstStep(chain []Step) (first *sim.Event) {
	for _, step := range chain {
		e := &s.events[step.Seq-1]
		if e.Kind != "Step" || e.Verb != "begin" {
			continue
		}
		if s.stillLasts(e.Name) {
			return e
		}
		first = cmp.Or(first, e)
	}
	return first
}

// sentence puts an event into words that go on from its actor.
func sentence(e *sim.Event) string {
	what := e.Kind + " " + e.Name
	switch e.Verb {
	case "begin":
		return e.Name + " begins (" + e.Detail + ")"
	case "heal":
		return e.Name + " is healed"
	case "create":
		return withDetail("creates "+what, e.Detail)
	case "delete":
		return withDetail("deletes "+what, e.Detail)
	case "remove":
		return what + " is gone"
	case "event":
		return withDetail(what+": "+e.Reason, e.Detail)
	case "update":
		if detail, _, bound := strings.Cut(e.Detail, ", "); bound && strings.HasPrefix(detail, boundTo) {
			return withDetail(what, detail) // without the labels that came with it
		}
		return withDetail(what, e.Detail)
	case "print", "type":
		return e.Detail
	}
	return withDetail(what+" "+strings.ToLower(e.Verb), e.Detail)
}

func withDetail(what, detail string) string {
	if detail == "" {
		return what
	}
	return what + ": " + detail
}
