package tui

import (
	"slices"
	"strings"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

func podThing(p *story.Pod) thing { return thing{"pod", sim.DisplayName(p.Namespace, p.Name)} }

// podRow tells of a pod: its state, its name, and what one has to know of it.
func (c *cluster) podRow(p *story.Pod, width int) row {
	ink := &c.theme.ink
	look := ink.states[p.State]
	name := ink.plain
	if p.State == story.Primary {
		name = look
	}
	r := row{say(look, sign(p.State)+" "), say(name, short(p.Name, max(8, width-14))).of(podThing(p))}
	if p.Cut {
		r = append(r, say(ink.warn, " "+c.cutSign()))
	}
	if p.Restarts > 0 {
		r = append(r, say(ink.warn, " ↻"+count(p.Restarts)))
	}
	revision := c.revisionOf(p)
	if revision != "" {
		r = append(r, say(ink.strong, " "+revision))
	}
	if trouble := podTrouble(p); trouble != "" {
		r = append(r, say(look, " "+trouble))
	}
	switch {
	case p.Role == "primary" && p.State != story.Primary:
		r = append(r, say(ink.states[story.Primary], " ★ primary"))
	case p.Role == "primary":
		r = append(r, say(look, " primary"))
	case p.Role != "":
		r = append(r, say(ink.faint, " "+p.Role))
	}
	if hash := say(ink.faint, " "+p.Revision); revision != "" && r.cells()+hash.cells <= width {
		r = append(r, hash)
	}
	return r
}

// podTrouble is kubectl's word for a pod's state, unless it runs and is Ready.
func podTrouble(p *story.Pod) string {
	switch {
	case p.Status != "Running":
		return p.Status
	case !p.Ready:
		return "not Ready"
	}
	return ""
}

// revisionOf is the sign of which of its set's revisions a pod is at, while there are two, or if it is at neither.
func (c *cluster) revisionOf(p *story.Pod) string {
	set := c.sets[sim.DisplayName(p.Namespace, p.Set)]
	switch {
	case set == nil || set.Current == "": // its status has not been written yet
		return ""
	case p.Update:
		return newSign
	case p.Revision != set.Current:
		return leftSign
	case set.Current == set.Update:
		return ""
	}
	return oldSign
}

// volume tells of a claim, and where its volume is attached, seen from a node.
func (c *cluster) volume(v *story.Volume, node string, width int) row {
	where, look := attachment(v, node)
	ink := c.theme.ink.states[look]
	if look == story.Serving {
		ink = c.theme.ink.faint
	}
	room := max(8, width-cells(where)-3)
	name := sim.DisplayName(v.Namespace, v.Claim)
	r := row{say(ink, volumeSign(v)+" "), say(ink, short(v.Claim, room)).of(thing{"volume", name})}
	if where != "" {
		r = append(r, say(ink, " "+where))
	}
	return r
}

// volumeSign is a claim where there is little room: a sign, and a word where its volume is not where it is needed.
func (c *cluster) volumeSign(v *story.Volume, node string) row {
	where, look := attachment(v, node)
	p := say(c.theme.ink.faint, volumeSign(v))
	if look != story.Serving {
		p = say(c.theme.ink.states[look], volumeSign(v)+" "+where)
	}
	return row{p.of(thing{"volume", sim.DisplayName(v.Namespace, v.Claim)})}
}

// volumeSign tells whether a volume is attached anywhere.
func volumeSign(v *story.Volume) string {
	if len(v.Attached) > 0 {
		return "▣"
	}
	return "▢"
}

// attachment says where a volume is attached, seen from a node, and how that looks: Serving if it is as it should be.
func attachment(v *story.Volume, node string) (words string, look story.State) {
	elsewhere := slices.DeleteFunc(slices.Clone(v.Attached), func(n string) bool { return n == node })
	switch {
	case v.Phase == "":
		return "no claim", story.Failed
	case v.Phase != "Bound":
		return v.Phase, story.Waiting
	case len(elsewhere) > 0 && v.Pod == "":
		return "on " + strings.Join(elsewhere, ", "), story.Apart
	case len(elsewhere) > 0:
		return "on " + strings.Join(elsewhere, ", ") + "!", story.Failed
	case slices.Contains(v.Detaching, node):
		return "detaching", story.Unready
	case len(v.Attached) > 0:
		return "", story.Serving
	case len(v.Attaching) > 0:
		return "attaching", story.Starting
	case v.Pod != "" && node != "":
		return "detached", story.Unready
	}
	return "detached", story.Apart
}
