package tui

import (
	"slices"
	"strings"

	"statefulsim/sim"
)

// eventsAbout are the last events about a thing that had happened by now, the latest first: those that matter to a reader.
func (v *view) eventsAbout(t thing) (found []*sim.Event) {
	const enough = 6
	events := v.story.Rec.Events
	for i := range slices.Backward(events[:min(v.scene.Seq, len(events))]) {
		if e := &events[i]; isAbout(e, t) {
			if found = append(found, e); len(found) == enough {
				break
			}
		}
	}
	return found
}

// isAbout tells whether an event is about a thing.
func isAbout(e *sim.Event, t thing) bool {
	if t.kind == "client" {
		return e.Actor == "client/"+t.name && (e.Level < sim.Detail || e.Verb == "fail")
	}
	if e.Level >= sim.Detail {
		return false
	}
	switch e.Kind {
	case "Pod", "Peer", "Instance":
		return t.kind == "pod" && e.Name == t.name
	case "Container":
		return t.kind == "pod" && strings.HasPrefix(e.Name, t.name+"/")
	case "Node", "Machine":
		return t.kind == "node" && e.Name == t.name
	case "PersistentVolumeClaim":
		return t.kind == "volume" && e.Name == t.name
	case "Service":
		return t.kind == "service" && e.Name == t.name
	case "EndpointSlice":
		owner, _, _ := cutLast(e.Name, '-')
		return t.kind == "service" && owner == t.name
	case "StatefulSet", "Primary":
		return t.kind == "statefulset" && e.Name == t.name
	case "Step":
		return t.kind == "fault" && e.Name == t.name
	case "Component":
		return t.kind == "component" && e.Name == t.name
	}
	return false
}

// cutLast divides a text at the last place where it has a character.
func cutLast(s string, at byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, at); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}
