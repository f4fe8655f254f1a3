package histories

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"statefulsim/conformance/vector"
)

// happening is one kind of thing that can happen; it returns what did, or "" if it could not. Weight is how often it is
// tried beside the others.
type happening struct {
	weight int
	do     func(h *History) string
}

var happenings = []happening{
	{30, func(h *History) string { return "resync" }},
	{30, (*History).progress},
	{14, (*History).run},
	{8, (*History).clock},
	{6, (*History).scale},
	{6, (*History).template},
	{5, (*History).terminated},
	{4, (*History).userDelete},
	{4, (*History).unready},
	{3, (*History).partition},
	{3, (*History).retention},
	{3, (*History).fail},
	{2, (*History).strategy},
	{2, (*History).forceDelete},
	{2, (*History).claim},
	{1, (*History).minReadySeconds},
	{1, (*History).historyLimit},
	{1, (*History).start},
	{2, (*History).label},
	{1, (*History).orphan},
	{1, (*History).stranger},
	{1, (*History).revision},
	{1, (*History).deleteSet},
}

// happen lets one thing happen and says what.
func (h *History) happen() string {
	total := 0
	for _, one := range happenings {
		total += one.weight
	}
	for range 8 {
		n := h.chance.IntN(total)
		for _, one := range happenings {
			if n -= one.weight; n >= 0 {
				continue
			}
			if what := one.do(h); what != "" {
				return what
			}
			break
		}
	}
	return "nothing"
}

func (h *History) spec(change func(*vector.Set)) {
	change(&h.State.Set)
	h.State.Set.Generation++
}

func (h *History) pod() *vector.Pod {
	if len(h.State.Pods) == 0 {
		return nil
	}
	h.State.Pods = slices.Clone(h.State.Pods)
	return &h.State.Pods[h.chance.IntN(len(h.State.Pods))]
}

// ready turns a pod's Ready condition.
func (h *History) ready(pod *vector.Pod, ready bool) {
	if pod.Ready != ready {
		pod.Ready, pod.ReadySince = ready, h.State.Now
	}
}

// progress brings every pod a step further: it gets a node, runs, is Ready, or has ended.
func (h *History) progress() string {
	var pods []vector.Pod
	for _, pod := range h.State.Pods {
		switch {
		case pod.DeleteAt != 0:
			continue
		case pod.Phase == "Pending" && pod.Node == "":
			pod.Node = fmt.Sprintf("node-%d", 1+h.chance.IntN(3))
		case pod.Phase == "Pending":
			pod.Phase = "Running"
		case pod.Phase == "Running":
			h.ready(&pod, true)
		}
		pods = append(pods, pod)
	}
	h.State.Pods = pods
	return "progress"
}

func (h *History) run() string {
	pod := h.pod()
	if pod == nil || pod.Phase == "Failed" || pod.Phase == "Succeeded" {
		return ""
	}
	pod.Phase, pod.Node = "Running", fmt.Sprintf("node-%d", 1+h.chance.IntN(3))
	h.ready(pod, true)
	return "run " + pod.Name
}

func (h *History) clock() string {
	h.State.Now += int64(1 + h.chance.IntN(20))
	return "clock"
}

func (h *History) scale() string {
	h.spec(func(s *vector.Set) { s.Replicas = int32(h.chance.IntN(7)) })
	return fmt.Sprintf("scale %d", h.State.Set.Replicas)
}

func (h *History) template() string {
	h.spec(func(s *vector.Set) {
		if h.one(3) {
			s.Template = fmt.Sprintf("t%d", 1+h.chance.IntN(h.templates))
			return
		}
		h.templates++
		s.Template = fmt.Sprintf("t%d", h.templates)
	})
	return "template " + h.State.Set.Template
}

func (h *History) terminated() string {
	i := slices.IndexFunc(h.State.Pods, func(p vector.Pod) bool { return p.DeleteAt != 0 })
	if i < 0 {
		return ""
	}
	name := h.State.Pods[i].Name
	h.State.Pods = slices.Delete(slices.Clone(h.State.Pods), i, i+1)
	return "terminated " + name
}

func (h *History) userDelete() string {
	pod := h.pod()
	if pod == nil || pod.DeleteAt != 0 {
		return ""
	}
	pod.DeleteAt = h.State.Now + 30
	return "userDelete " + pod.Name
}

func (h *History) unready() string {
	pod := h.pod()
	if pod == nil || !pod.Ready {
		return ""
	}
	h.ready(pod, false)
	return "unready " + pod.Name
}

func (h *History) partition() string {
	if h.State.Set.Strategy != "RollingUpdate" {
		return ""
	}
	h.spec(func(s *vector.Set) {
		if h.one(5) {
			s.RollingUpdate = nil
			return
		}
		s.RollingUpdate = &vector.RollingUpdate{Partition: int32(h.chance.IntN(6)) * int32(h.chance.IntN(2)),
			MaxUnavailable: pick(h, "", "1", "2", "3", "10%", "34%", "50%", "75%", "100%")}
	})
	return fmt.Sprintf("partition %+v", h.State.Set.RollingUpdate)
}

func (h *History) retention() string {
	h.spec(func(s *vector.Set) {
		s.WhenDeleted, s.WhenScaled = pick(h, "Retain", "Delete"), pick(h, "Retain", "Delete")
	})
	return "retention " + h.State.Set.WhenDeleted + "/" + h.State.Set.WhenScaled
}

// fail ends a pod, with or without its Ready condition being told.
func (h *History) fail() string {
	pod := h.pod()
	if pod == nil {
		return ""
	}
	pod.Phase = pick(h, "Failed", "Failed", "Succeeded")
	if h.one(2) {
		h.ready(pod, false)
	}
	return "ended " + pod.Name
}

func (h *History) strategy() string {
	strategies := []string{"RollingUpdate", "OnDelete"}
	if h.recreate {
		strategies = append(strategies, "Recreate", "Recreate")
	}
	h.spec(func(s *vector.Set) {
		s.Strategy, s.RollingUpdate = pick(h, strategies...), nil
		if s.Strategy == "RollingUpdate" && !h.one(4) {
			s.RollingUpdate = &vector.RollingUpdate{}
		}
	})
	return "strategy " + h.State.Set.Strategy
}

func (h *History) forceDelete() string {
	pod := h.pod()
	if pod == nil {
		return ""
	}
	name := pod.Name
	h.State.Pods = slices.DeleteFunc(h.State.Pods, func(p vector.Pod) bool { return p.Name == name })
	return "forceDelete " + name
}

// claim lets something happen to a claim: it goes, is going, or has another owner.
func (h *History) claim() string {
	if len(h.State.Claims) == 0 {
		return ""
	}
	h.State.Claims = slices.Clone(h.State.Claims)
	i := h.chance.IntN(len(h.State.Claims))
	claim := &h.State.Claims[i]
	name := claim.Name
	switch h.chance.IntN(6) {
	case 0:
		claim.Deleting = true
	case 1:
		claim.Owners = []vector.Owner{{Kind: "Pod", Name: podOf(name), UID: "someone-before", Controller: true}}
	case 2:
		claim.Owners = []vector.Owner{{Kind: "Deployment", Name: "other", UID: "other-1", Controller: h.one(2)}}
	case 3:
		claim.Owners = append(slices.Clone(claim.Owners), vector.Owner{Kind: "StatefulSet", Name: "web", UID: "set-before", Controller: h.one(2)})
	default:
		h.State.Claims = slices.Delete(h.State.Claims, i, i+1)
		return "deleteClaim " + name
	}
	return "claim " + name
}

// podOf is the pod of a claim by its name: all after the template's.
func podOf(claim string) string {
	for i, c := range claim {
		if c == '-' {
			return claim[i+1:]
		}
	}
	return claim
}

func (h *History) minReadySeconds() string {
	h.spec(func(s *vector.Set) { s.MinReadySeconds = pick[int32](h, 0, 5, 15, 30) })
	return fmt.Sprintf("minReadySeconds %d", h.State.Set.MinReadySeconds)
}

func (h *History) historyLimit() string {
	h.spec(func(s *vector.Set) { s.RevisionHistoryLimit = int32(h.chance.IntN(4)) })
	return fmt.Sprintf("historyLimit %d", h.State.Set.RevisionHistoryLimit)
}

func (h *History) start() string {
	h.spec(func(s *vector.Set) { s.Start = int32(h.chance.IntN(4)) })
	return fmt.Sprintf("start %d", h.State.Set.Start)
}

// label takes from a pod what the controller put on it.
func (h *History) label() string {
	pod := h.pod()
	if pod == nil {
		return ""
	}
	switch h.chance.IntN(5) {
	case 0:
		pod.NameLabel = ""
	case 1:
		pod.IndexLabel = ""
	case 2:
		pod.Revision = ""
	case 3:
		pod.Labelled = false
	default:
		pod.Volumes = nil
	}
	return "label " + pod.Name
}

func (h *History) orphan() string {
	pod := h.pod()
	if pod == nil {
		return ""
	}
	pod.Owner = pick[types.UID](h, "", "", "somebody-else")
	return "orphan " + pod.Name
}

// stranger is a pod that somebody made by hand and that the set could adopt.
func (h *History) stranger() string {
	name := fmt.Sprintf("web-%d", h.chance.IntN(8))
	if slices.ContainsFunc(h.State.Pods, func(p vector.Pod) bool { return p.Name == name }) {
		return ""
	}
	h.State.Pods = append(slices.Clone(h.State.Pods), vector.Pod{Name: name, UID: types.UID(name + ".by-hand"), Labelled: true, Phase: "Pending",
		Created: h.State.Now, Template: "t1", NameLabel: name, IndexLabel: name[4:], Hostname: name, Subdomain: "headless"})
	slices.SortFunc(h.State.Pods, func(a, b vector.Pod) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return "stranger " + name
}

// revision orphans a revision, takes it away, or gives it to somebody else.
func (h *History) revision() string {
	if len(h.State.Revisions) == 0 {
		return ""
	}
	h.State.Revisions = slices.Clone(h.State.Revisions)
	i := h.chance.IntN(len(h.State.Revisions))
	revision := &h.State.Revisions[i]
	name := revision.Name
	switch h.chance.IntN(4) {
	case 0:
		h.State.Revisions = slices.Delete(h.State.Revisions, i, i+1)
	case 1:
		revision.Owner = "somebody-else"
	case 2:
		revision.Template = "squatter" // another one's data under the name
	default:
		revision.Owner = ""
	}
	return "revision " + name
}

func (h *History) deleteSet() string {
	if !h.one(4) {
		return ""
	}
	h.State.Set.Deleting = true
	return "deleteSet"
}
