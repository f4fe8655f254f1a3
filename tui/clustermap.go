package tui

import (
	"slices"
	"strings"

	"statefulsim/sim/story"
)

// How roughly the map of the cluster is drawn: from a line for each volume to a sign for each pod.
const (
	volumesToo = iota // zones with a heading, a line for each pod and for each volume
	podsToo           // volumes are signs behind their pods
	noHeadings        // zones stand behind their nodes
	oneLine           // pods stand behind their nodes, with their names
	signsAlone        // pods are signs behind their nodes, several nodes in a line
	noNames           // nodes are signs too
	briefest   = noNames
)

const (
	narrowest = 26 // a column of a zone
	roomy     = 36 // one of several columns within a zone
	apart     = 2  // two columns
)

// first is where to begin to look for how roughly the map has to be drawn: what is finer cannot fit, however many columns there are.
func (c *cluster) first(height int) (detail int) {
	nodes, pods, volumes := 0, 0, 0
	for i := range c.scene.Zones {
		for j := range c.scene.Zones[i].Nodes {
			nodes++
			for k := range c.scene.Zones[i].Nodes[j].Pods {
				pods++
				volumes += len(c.scene.Zones[i].Nodes[j].Pods[k].Volumes)
			}
		}
	}
	room := height * max(1, (c.width+apart)/(narrowest+apart))
	switch {
	case nodes > room:
		return signsAlone
	case nodes+pods > room:
		return oneLine
	case nodes+pods+volumes > room:
		return podsToo
	}
	return volumesToo
}

// roughly draws the map of zones, nodes and pods.
func (c *cluster) roughly(detail int) []row {
	switch detail {
	case noHeadings, oneLine:
		return c.flow(detail)
	case signsAlone, noNames:
		return c.grid(detail == signsAlone)
	}
	zones := c.scene.Zones
	across := even(len(zones), (c.width+apart)/(narrowest+apart)) // zones beside each other
	width := (c.width - (across-1)*apart) / across
	var rows []row
	for some := range slices.Chunk(zones, across) {
		var blocks [][]row
		for i := range some {
			blocks = append(blocks, c.zone(&some[i], width, detail))
		}
		if len(rows) > 0 && detail == volumesToo {
			rows = append(rows, nil)
		}
		rows = append(rows, beside(blocks, width, apart)...)
	}
	return rows
}

// even is how many columns n blocks take, of at most so many, if the lines are to be equally full.
func even(n, most int) int {
	most = max(most, 1)
	lines := max((n+most-1)/most, 1)
	return max((n+lines-1)/lines, 1)
}

// zone draws a zone with its nodes, in as many columns as they need and it has room for.
func (c *cluster) zone(z *story.Zone, width, detail int) (rows []row) {
	if name := z.Name; name != "" {
		head := say(c.theme.ink.title, short(name, width-4)).of(thing{"zone", name})
		rows = append(rows, row{head, say(c.theme.ink.faint, " "+times("─", width-head.cells-1))})
	}
	columns := even(len(z.Nodes), (width+apart)/(roomy+apart))
	each := (width - (columns-1)*apart) / columns
	var blocks [][]row
	for i := range z.Nodes {
		blocks = append(blocks, c.node(&z.Nodes[i], each, detail))
	}
	for some := range slices.Chunk(blocks, columns) {
		rows = append(rows, beside(some, each, apart)...)
	}
	return rows
}

// flow draws the nodes without headings, in columns. If a line for each is too little for the names of its pods, they are signs.
func (c *cluster) flow(detail int) (rows []row) {
	var nodes []*story.Node
	for i := range c.scene.Zones {
		for j := range c.scene.Zones[i].Nodes {
			nodes = append(nodes, &c.scene.Zones[i].Nodes[j])
		}
	}
	columns := even(len(nodes), (c.width+apart)/(roomy+apart))
	width := (c.width - (columns-1)*apart) / columns
	for some := range slices.Chunk(nodes, columns) {
		var blocks [][]row
		for _, n := range some {
			block := c.node(n, width, detail)
			if detail == oneLine && block[0].cells() > width {
				return c.grid(true)
			}
			blocks = append(blocks, block)
		}
		rows = append(rows, beside(blocks, width, apart)...)
	}
	return rows
}

// node draws a node with its pods.
func (c *cluster) node(n *story.Node, width, detail int) []row {
	line := c.nodeRow(n, width, detail)
	if detail == oneLine {
		for i := range n.Pods {
			p := &n.Pods[i]
			line = append(line, gap(1), say(c.theme.ink.states[p.State], sign(p.State)+short(p.Name, 16)).of(podThing(p)))
		}
		return []row{line}
	}
	rows := []row{line}
	for i := range n.Pods {
		p := &n.Pods[i]
		line := append(row{gap(2)}, c.podRow(p, width-2)...)
		for j := range p.Volumes {
			if detail > volumesToo {
				line = append(append(line, gap(1)), c.volumeSign(&p.Volumes[j], p.Node)...)
			}
		}
		rows = append(rows, line)
		for j := range p.Volumes {
			if detail == volumesToo {
				rows = append(rows, append(row{gap(4)}, c.volume(&p.Volumes[j], p.Node, width-8)...))
			}
		}
	}
	return rows
}

// nodeRow tells of a node's machine and of its Node object.
func (c *cluster) nodeRow(n *story.Node, width, detail int) row {
	ink := &c.theme.ink
	state := nodeState(n)
	r := row{say(ink.states[state], sign(state)+" "), say(ink.strong, short(n.Name, max(8, width/2))).of(thing{"node", n.Name})}
	if n.Cut {
		r = append(r, say(ink.warn, " "+c.cutSign()))
	}
	if trouble := nodeTrouble(n); trouble != "" {
		r = append(r, say(ink.states[state], " "+trouble))
	}
	if detail == noHeadings && n.Zone != "" {
		r = append(r, say(ink.faint, " "+n.Zone))
	}
	return r
}

// nodeState is the state that a node's sign stands for.
func nodeState(n *story.Node) story.State {
	switch {
	case n.Down != "":
		return story.Failed
	case n.Ready != "True":
		return story.Unready
	case n.Cordoned:
		return story.Apart
	}
	return story.Serving
}

// nodeTrouble says what is not as it should be with a node.
func nodeTrouble(n *story.Node) string {
	var parts []string
	if n.Down != "" {
		parts = append(parts, n.Down)
	}
	switch n.Ready {
	case "True":
	case "":
		parts = append(parts, "no Node object")
	default:
		parts = append(parts, "NotReady")
	}
	if n.Cordoned {
		parts = append(parts, "cordoned")
	}
	return strings.Join(append(parts, taintsOf(n)...), ", ")
}

// taintsOf are the keys of a node's taints, but for those that say what its conditions say already.
func taintsOf(n *story.Node) (keys []string) {
	for _, taint := range n.Taints {
		key, _, _ := strings.Cut(taint, ":")
		key = strings.TrimPrefix(key, "node.kubernetes.io/")
		key, _, _ = strings.Cut(key, "=")
		if key == "unschedulable" || key == "not-ready" || key == "unreachable" || slices.Contains(keys, "taint "+key) {
			continue
		}
		keys = append(keys, "taint "+key)
	}
	return keys
}

// grid shows each node with its pods as signs, side by side.
func (c *cluster) grid(names bool) (rows []row) {
	ink := &c.theme.ink
	var boxes []row
	widest := 0
	for i := range c.scene.Zones {
		for j := range c.scene.Zones[i].Nodes {
			n := &c.scene.Zones[i].Nodes[j]
			state := nodeState(n)
			name := "▏"
			if names {
				name = short(n.Name, 12) + " "
			}
			look := ink.faint
			if state != story.Serving {
				look, name = ink.states[state], sign(state)+name
			}
			box := row{say(look, name).of(thing{"node", n.Name})}
			for k := range n.Pods {
				p := &n.Pods[k]
				box = append(box, say(ink.states[p.State], sign(p.State)).of(podThing(p)))
			}
			boxes = append(boxes, box)
			widest = max(widest, box.cells())
		}
	}
	widest = max(1, min(widest, c.width))
	for some := range slices.Chunk(boxes, max(1, (c.width+apart)/(widest+apart))) {
		columns := make([][]row, len(some))
		for i := range some {
			columns[i] = some[i : i+1]
		}
		rows = append(rows, beside(columns, widest, apart)...)
	}
	return rows
}
