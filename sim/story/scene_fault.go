package story

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// Link is a fault of the network, and what it is in words.
type Link struct {
	Cut  *sim.Cut
	Text string // "node-a ✂ node-b, node-c"; ‖ is for messages that are held, ≈ for those that are spoilt
}

// The signs for what a fault does to messages. One that hits them in one direction only has the arrow after it.
var signs = map[string]string{"partition": "✂", "hold": "‖", "degrade": "≈"}

// findFaults finds the steps that last, with those of the network and the control plane taken apart.
func (now *instant) findFaults() {
	for name, lane := range now.story.index.lanes[FaultLane] {
		if span := now.story.at(lane, now.scene.At); span != nil {
			now.scene.Faults = append(now.scene.Faults, Fault{Step: name, Text: span.Text, Since: span.From, Seq: span.Seq})
		}
	}
	slices.SortFunc(now.scene.Faults, func(a, b Fault) int { return cmp.Compare(a.Seq, b.Seq) })
	for i := range now.scene.Faults {
		if absent := now.story.index.absent[now.scene.Faults[i].Step]; absent != "" {
			now.scene.Absent = append(now.scene.Absent, absent)
		}
	}
	for i := range now.story.Rec.Cuts {
		if cut := &now.story.Rec.Cuts[i]; cut.Lasts(now.scene.At) {
			now.scene.Links = append(now.scene.Links, Link{cut, cutInWords(cut)})
		}
	}
}

// absences says, by step, what steps do to components of the control plane.
func absences(s *scenarios.Scenario) map[string]string {
	absent := map[string]string{}
	for i := range s.Steps {
		switch a := s.Steps[i].Do.(type) {
		case scenarios.Stop:
			absent[stepName(s, i)] = a.Component + " stopped"
		case scenarios.Slow:
			absent[stepName(s, i)] = a.Component + " slow by " + a.By.String()
		case scenarios.Stale:
			absent[stepName(s, i)] = a.Component + " stale"
		}
	}
	return absent
}

// cut tells whether a fault of the network in force names a place on one of its sides.
func (now *instant) cut(p sim.Place) bool {
	return slices.ContainsFunc(now.scene.Links, func(l Link) bool {
		c := l.Cut
		return (!c.From.Except && c.From.Has(p) || !c.To.Except && c.To.Has(p)) && !c.Except.Has(p)
	})
}

// lonely tells whether one keeps a place and the control plane from each other, or makes that harder.
func (now *instant) lonely(p sim.Place) bool {
	return slices.ContainsFunc(now.scene.Links, func(l Link) bool {
		return l.Cut.Hits(p, sim.Place{ControlPlane: true}) || l.Cut.Hits(sim.Place{ControlPlane: true}, p)
	})
}

// cutInWords names the two sides of a fault of the network, and what it does to messages between them.
func cutInWords(cut *sim.Cut) string {
	from, to := sideOf(cut.From), sideOf(cut.To)
	switch {
	case cut.To.Except && names(cut.To) == names(cut.From):
		to = "everything else"
	case cut.From.Except && names(cut.From) == names(cut.To):
		from = "everything else"
	case !cut.From.Except && !cut.To.Except && from == to:
		to = "each other"
	}
	sign := signs[cut.Action]
	if cut.OneWay {
		sign += "→"
	}
	text := from + " " + sign + " " + to
	if except := names(cut.Except); except != "" {
		text += ", except " + except
	}
	return text
}

// sideOf puts a side into words.
func sideOf(s sim.Side) string {
	listed := names(s)
	switch {
	case s.Except && listed == "":
		return "everything"
	case s.Except:
		return "everything but " + listed
	case listed == "":
		return "nothing"
	}
	return listed
}

// names lists what a side names.
func names(s sim.Side) string {
	var all []string
	for _, pod := range s.Pods {
		all = append(all, strings.TrimPrefix(pod, corev1.NamespaceDefault+"/"))
	}
	all = append(all, s.Nodes...)
	for _, zone := range s.Zones {
		all = append(all, "zone "+zone)
	}
	for _, client := range s.Clients {
		all = append(all, "client "+client)
	}
	if s.ControlPlane {
		all = append(all, "the control plane")
	}
	return strings.Join(all, ", ")
}
