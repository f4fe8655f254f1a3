package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"statefulsim/scenarios/words"
)

// View is the screen as it is now.
func (m *model) View() tea.View {
	v := tea.NewView(strings.Join(m.frame(), "\n"))
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.WindowTitle = "sim"
	if m.session != nil {
		v.WindowTitle = "sim " + words.Printable(m.session.base.Name)
	}
	v.Cursor = m.promptCursor()
	return v
}

// frame is the lines of the screen, each exactly as wide as it.
func (m *model) frame() []string {
	if m.layout.tiny {
		return m.tinyFrame()
	}
	lines := []string{m.titleLine()}
	if m.layout.tabs {
		lines = append(lines, m.tabLine())
	}
	lines = append(lines, m.middle()...)
	for _, line := range m.scrubberLines() {
		lines = append(lines, " "+fit(line, m.width-2)+" ")
	}
	lines = append(lines, m.noteLine(), m.lastLine())
	m.overlay(lines)
	if over := m.wrongLines(); len(over) > 1 {
		laid(lines, over, 0, len(lines)-1-len(over))
	}
	return lines
}

// tinyFrame tells what it would take to see more.
func (m *model) tinyFrame() []string {
	lines := make([]string, m.height)
	text := "sim needs " + count(leastWidth) + "×" + count(leastHeight)
	if m.tale != nil {
		text = strings.TrimSpace(clock(m.view.at)) + " " + text
	}
	for y := range lines {
		lines[y] = spaces(m.width)
	}
	if m.height > 0 {
		lines[0] = fit(text, m.width)
	}
	return lines
}

// middle is what stands between the title and the scrubber.
func (m *model) middle() []string {
	area := m.layout.area
	switch {
	case m.help != nil:
		return m.helpLines(area)
	case m.chooser != nil:
		return m.chooserLines(area)
	}
	var boxes [panes][]string
	for p := range m.layout.panes {
		if r := m.layout.panes[p]; r.w > 0 {
			boxes[p] = m.box(pane(p), r)
		}
	}
	lines := make([]string, area.h)
	for i := range lines {
		var b strings.Builder
		for _, p := range fromLeft {
			r := m.layout.panes[p]
			if y := area.y + i - r.y; r.w > 0 && y >= 0 && y < r.h {
				b.WriteString(boxes[p][y])
			}
		}
		lines[i] = b.String()
	}
	return lines
}

// box draws a pane in its border.
func (m *model) box(p pane, r rect) []string {
	var lines []string
	if m.tale != nil {
		d, first := m.seen(p)
		lines = d.lines[first:]
	}
	return bordered(lines, m.paneTitle(p), r.w, r.h, p == m.focus && !m.layout.zoomed && !m.layout.tabs, m.theme)
}

// drawing is what a pane shows with so much room. While events have the focus, the inspector explains the selected event.
func (m *model) drawing(p pane, width, height int) drawing {
	switch p {
	case clusterPane:
		return drawCluster(&m.view, width, height)
	case raftPane:
		return drawRaft(&m.view, width, height)
	case clientsPane:
		return drawClients(&m.view, width, height)
	case eventsPane:
		return m.drawEvents(width, height)
	}
	v := m.view
	v.playing = m.player.on
	if e := m.selected(); m.focus == eventsPane && e != nil {
		v.selected, v.seq = thing{}, e.Seq
	}
	return drawInspector(&v, width, height)
}

// seen is what a pane shows, and the first line of it that is on the screen.
func (m *model) seen(p pane) (d drawing, first int) {
	in := m.layout.panes[p].inside()
	first = m.scrolled[p]
	d = m.drawing(p, in.w, in.h+first)
	return d, min(first, max(len(d.lines)-in.h, 0))
}

// border is the signs of a frame around a pane, from the left upper corner on as one reads.
type border struct{ leftTop, across, rightTop, side, leftBottom, rightBottom string }

var (
	thin  = border{"┌", "─", "┐", "│", "└", "┘"}
	heavy = border{"┏", "━", "┓", "┃", "┗", "┛"}
)

// bordered puts lines into a frame of a size, with a title in its upper edge.
func bordered(lines []string, title string, width, height int, focused bool, t *theme) []string {
	b, style := thin, t.border
	if focused {
		b, style = heavy, t.focused
	}
	title = ansi.Truncate(" "+title+" ", max(width-4, 0), "")
	framed := make([]string, 0, height)
	framed = append(framed, style.Render(b.leftTop+b.across)+title+style.Render(times(b.across, width-3-ansi.StringWidth(title))+b.rightTop))
	side := style.Render(b.side)
	for y := range height - 2 {
		line := ""
		if y < len(lines) {
			line = lines[y]
		}
		framed = append(framed, side+fit(line, width-2)+side)
	}
	return append(framed, style.Render(b.leftBottom+times(b.across, width-2)+b.rightBottom))
}

// fit makes a line with styles in it exactly as wide as it says.
func fit(line string, width int) string {
	n := ansi.StringWidth(line)
	if n > width {
		line = ansi.Truncate(line, max(width, 0), "")
		n = ansi.StringWidth(line)
	}
	return line + spaces(max(width-n, 0))
}

// laid puts a box over lines, with its left upper corner at a cell.
func laid(lines, box []string, x, y int) {
	for i, over := range box {
		if y+i < 0 || y+i >= len(lines) {
			continue
		}
		under := lines[y+i]
		width := ansi.StringWidth(over)
		lines[y+i] = fit(ansi.Truncate(under, x, ""), x) + over + fitEnd(ansi.TruncateLeft(under, x+width, ""), ansi.StringWidth(under)-x-width)
	}
}

// fitEnd makes the end of a line as wide as it says; half of a wide character that was cut is a space.
func fitEnd(line string, width int) string {
	if n := ansi.StringWidth(line); n < width {
		return spaces(width-n) + line
	}
	return line
}

// paint renders a row that is as wide as it says.
func (r row) paint(width int) string {
	var b strings.Builder
	for _, p := range r.pad(width) {
		b.WriteString(p.ink.on + p.text + p.ink.off)
	}
	return b.String()
}
