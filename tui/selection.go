package tui

import "slices"

// turn gives the focus to the next pane.
func (m *model) turn(by int) { m.focus = (m.focus + pane(by) + panes) % panes }

// move selects the next thing in the pane that has the focus, in the order in which one reads; a pane without things is scrolled.
func (m *model) move(by int) {
	in := m.layout.panes[m.focus].inside()
	if m.focus == eventsPane {
		m.step(by)
		return
	}
	d, _ := m.seen(m.focus)
	spots := d.spots
	if m.focus == inspectorPane || len(spots) == 0 {
		m.scroll(m.focus, by)
		return
	}
	at := slices.IndexFunc(spots, func(s spot) bool { return s.thing == m.view.selected })
	if at < 0 {
		at = max(-by, 0) - 1 // from outside to the first
	}
	for at += by; at >= 0 && at < len(spots) && spots[at].thing == m.view.selected; at += by {
	}
	if at < 0 || at >= len(spots) {
		m.scroll(m.focus, by)
		return
	}
	m.choose(spots[at].thing)
	m.reveal(spots[at].y, in.h)
}

// choose selects a thing, which the inspector explains from its beginning.
func (m *model) choose(t thing) {
	if t != m.view.selected {
		m.view.selected = t
		m.scrolled[inspectorPane] = 0
	}
}

// reveal scrolls the pane that has the focus so that a line of it is seen.
func (m *model) reveal(y, height int) {
	at := &m.scrolled[m.focus]
	*at = min(max(*at, y-height+1), y)
}

func (m *model) page(by int) {
	h := m.layout.panes[m.focus].inside().h
	if m.focus == eventsPane {
		m.step(by * max(h-2, 1))
		return
	}
	m.scroll(m.focus, by*max(h-1, 1))
}

// scroll moves what a pane shows, as far as there is more of it.
func (m *model) scroll(p pane, by int) {
	in := m.layout.panes[p].inside()
	to := max(m.scrolled[p]+by, 0)
	m.scrolled[p] = max(min(to, len(m.drawing(p, in.w, in.h+to).lines)-in.h), 0)
}

// firstThing is what is selected in a story that was just opened: the primary if there is one, or else any pod or node.
func (m *model) firstThing() (t thing) {
	for _, zone := range m.view.scene.Zones {
		for _, node := range zone.Nodes {
			if t.kind == "" {
				t = thing{"node", node.Name}
			}
			for _, pod := range node.Pods {
				if t.kind == "node" || pod.Role == "primary" {
					t = podThing(&pod)
				}
				if pod.Role == "primary" {
					return t
				}
			}
		}
	}
	return t
}
