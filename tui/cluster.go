package tui

import (
	"slices"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

// cluster is what the pane of the cluster is drawn with.
type cluster struct {
	*view
	width int
	pods  map[string]*story.Pod // those of the scene, by their names as things
	sets  map[string]*story.Set // likewise
}

// drawCluster shows the sets, the zones with their nodes and pods, the pods without a node, the Services and whom they reach, and the faults
// in force. What does not fit is shown more briefly, and then counted.
func drawCluster(v *view, width, height int) drawing {
	c := newCluster(v, width)
	first := c.first(height)
	parts := []section{
		{rows: c.setRows(), least: max(1, height/6)},
		{rows: c.roughly(first), least: max(1, height/3)},
		{rows: c.unboundRows(), least: max(1, height/8)},
		{rows: c.serviceRows(), least: max(1, height/6)},
		{rows: c.faultRows(), least: max(1, height/6)},
	}
	const theMap = 1
	empty := height/24 > 0 // lines between the parts
	room := height
	if empty {
		room -= len(parts) - 1
	}
	for detail := first + 1; len(parts[theMap].rows) > share(room, parts)[theMap] && detail <= briefest; detail++ {
		parts[theMap].rows = c.roughly(detail)
	}
	var rows []row
	for i, n := range share(room, parts) {
		if empty && i > 0 && len(rows) > 0 && n > 0 {
			rows = append(rows, nil)
		}
		rows = append(rows, most(parts[i].rows, n, v.theme.ink.faint)...)
	}
	return v.draw(rows, width, height)
}

// section is a part of a pane, and how many of its lines are shown even if others have no room.
type section struct {
	rows  []row
	least int
}

// share divides the lines of a pane: first each gets its least, the last one first, as faults are what one looks for; then they get the rest.
func share(height int, sections []section) []int {
	given := make([]int, len(sections))
	for _, all := range []bool{false, true} {
		for i, s := range slices.Backward(sections) {
			want := len(s.rows)
			if !all {
				want = min(want, s.least)
			}
			more := min(want-given[i], height)
			given[i] += more
			height -= more
		}
	}
	return given
}

func newCluster(v *view, width int) *cluster {
	c := &cluster{view: v, width: width, pods: map[string]*story.Pod{}, sets: map[string]*story.Set{}}
	for i := range v.scene.Sets {
		s := &v.scene.Sets[i]
		c.sets[sim.DisplayName(s.Namespace, s.Name)] = s
	}
	for p := range v.scene.Pods() {
		c.pods[sim.DisplayName(p.Namespace, p.Name)] = p
	}
	return c
}

// setRows tell how far each set is. An update that has no room beside that has a line of its own.
func (c *cluster) setRows() []row {
	ink := &c.theme.ink
	var lines [][]row
	for i := range c.scene.Sets {
		s := &c.scene.Sets[i]
		name := sim.DisplayName(s.Namespace, s.Name)
		ready := ink.good
		if s.Ready < s.Replicas {
			ready = ink.warn
		}
		line := []row{
			{say(ink.title, short(name, c.width/3)).of(thing{"statefulset", name})},
			{say(ready, count(s.Ready)+"/"+count(s.Replicas)+" Ready")},
		}
		revisions := c.revisions(s)
		if s.Current != s.Update && line[0].cells()+line[1].cells()+revisions.cells()+4 > c.width {
			lines = append(lines, line, []row{append(row{gap(2)}, revisions...)})
			continue
		}
		lines = append(lines, append(line, revisions))
	}
	return table(lines)
}

// revisions tells which revision a set is at, and where an update of it is.
func (c *cluster) revisions(s *story.Set) (r row) {
	ink := &c.theme.ink
	if s.Current == s.Update || s.Current == "" {
		r = row{say(ink.faint, "revision "+s.Update)}
	} else {
		r = row{say(ink.strong, oldSign), say(ink.faint, " "+s.Current+" → "), say(ink.strong, newSign), say(ink.faint, " "+s.Update),
			say(ink.plain, "  "+count(s.Updated)+" of "+count(s.Replicas)+" updated")}
	}
	if s.Partition > 0 {
		r = append(r, say(ink.plain, "  partition "+count(s.Partition)))
	}
	if s.Image != "" {
		r = append(r, say(ink.faint, "  "+s.Image))
	}
	return r
}

// The signs of the two revisions of a set that is being updated, and of one that it has left.
const oldSign, newSign, leftSign = "A", "B", "old"

// unboundRows list the pods that no node runs.
func (c *cluster) unboundRows() (rows []row) {
	ink := &c.theme.ink
	for i := range c.scene.Unbound {
		p := &c.scene.Unbound[i]
		r := append(row{say(ink.warn, "no node ")}, c.podRow(p, c.width-8)...)
		for j := range p.Volumes {
			r = append(append(r, gap(2)), c.volume(&p.Volumes[j], p.Node, c.width/3)...)
		}
		rows = append(rows, r)
	}
	for i := range c.scene.Claims {
		if claim := &c.scene.Claims[i]; claim.Pod == "" {
			rows = append(rows, append(row{say(ink.faint, "no pod  ")}, c.volume(claim, "", c.width/2)...))
		}
	}
	return rows
}

// serviceRows tell whom each Service reaches.
func (c *cluster) serviceRows() []row {
	ink := &c.theme.ink
	var lines [][]row
	for i := range c.scene.Services {
		s := &c.scene.Services[i]
		name := sim.DisplayName(s.Namespace, s.Name)
		to := row{say(ink.faint, "→ ")}
		if len(s.Reaches) == 0 {
			to = row{say(ink.bad, "→ nobody")}
		}
		for j, pod := range s.Reaches {
			if j > 0 {
				to = append(to, gap(1))
			}
			full := sim.DisplayName(s.Namespace, pod)
			state, look := sign(story.Failed)+" gone ", ink.bad
			if p := c.pods[full]; p != nil {
				state, look = sign(p.State)+" ", ink.states[p.State]
			}
			to = append(to, say(look, state+short(pod, 24)).of(thing{"pod", full}))
		}
		lines = append(lines, []row{{say(ink.plain, short(name, c.width/3)).of(thing{"service", name})}, to})
	}
	return table(lines)
}

// cutSign is the sign of the worst that faults of the network in force do: cut, hold, or spoil.
func (v *view) cutSign() string {
	worst := "≈"
	for i := range v.scene.Links {
		switch v.scene.Links[i].Cut.Action {
		case "partition":
			return "✂"
		case "hold":
			worst = "‖"
		}
	}
	return worst
}

// faultRows list what is broken on purpose: cuts of the network, other faults, parts of the control plane that are away.
func (c *cluster) faultRows() (rows []row) {
	ink := &c.theme.ink
	cuts := map[string]bool{}
	for i := range c.scene.Links {
		l := &c.scene.Links[i]
		cuts[l.Cut.Step] = true
		rows = append(rows, row{say(ink.warn, l.Text).of(thing{"fault", l.Cut.Step}), say(ink.faint, "  "+l.Cut.Action+", since "+seconds(l.Cut.At))})
	}
	for i := range c.scene.Faults {
		f := &c.scene.Faults[i]
		if !cuts[f.Step] {
			rows = append(rows, row{say(ink.warn, "▼ "+f.Text).of(thing{"fault", f.Step}), say(ink.faint, "  "+f.Step+", since "+seconds(f.Since))})
		}
	}
	for _, absent := range c.scene.Absent {
		rows = append(rows, row{say(ink.bad, "✗ "+absent).of(thing{"component", firstWord(absent)})})
	}
	return rows
}
