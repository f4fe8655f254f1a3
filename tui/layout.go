package tui

// pane is a part of the screen with a border of its own.
type pane int

const (
	clusterPane pane = iota
	raftPane
	clientsPane
	eventsPane
	inspectorPane
	panes = iota // how many there are
)

var paneNames = [panes]string{"cluster", "raft", "clients", "events", "inspector"}

// fromLeft is the panes in an order in which those that stand beside each other go from left to right.
var fromLeft = [panes]pane{clusterPane, eventsPane, raftPane, clientsPane, inspectorPane}

// The smallest sizes: of a screen with anything on it but the clock, of one with all panes side by side, of one whose scrubber has its marks
// and its ruler, and of a pane under which there is room for the events.
const (
	leastWidth, leastHeight = 40, 10
	wideWidth, wideHeight   = 100, 30
	ruledHeight             = 16
	roomyHeight             = 28
)

// rect is a part of the screen, in cells.
type rect struct{ x, y, w, h int }

func (r rect) has(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// shape is all that a layout depends on.
type shape struct {
	w, h   int
	focus  pane
	zoomed bool
}

// layout is where everything stands. A pane whose rect is empty is not seen. The title is the first line of the screen; the note and the keys are
// the last two.
type layout struct {
	shape
	tiny     bool // too small for anything but the clock
	tabs     bool // one pane at a time, with a line that names them all
	area     rect // of the panes
	panes    [panes]rect
	scrubber rect
}

func layoutOf(s shape) layout {
	l := layout{shape: s, tiny: s.w < leastWidth || s.h < leastHeight, tabs: s.w < wideWidth || s.h < wideHeight}
	if l.tiny {
		return l
	}
	top, ruler := 1, 1
	if l.tabs {
		top = 2
	}
	if s.h >= ruledHeight {
		ruler = 3
	}
	l.scrubber = rect{1, s.h - 2 - ruler, s.w - 2, ruler}
	l.area = rect{0, top, s.w, l.scrubber.y - top}
	switch {
	case s.zoomed:
		l.panes[s.focus] = l.area
	case l.tabs:
		l.stack()
	default:
		l.tile()
	}
	return l
}

// stack shows the pane that has the focus, and the events below it if it leaves room.
func (l *layout) stack() {
	l.panes[l.focus] = l.area
	if l.focus != eventsPane && l.area.h >= roomyHeight {
		l.panes[l.focus], l.panes[eventsPane] = split(l.area, l.area.h*2/3)
	}
}

// tile shows all panes.
func (l *layout) tile() {
	a := l.area
	left, right := a, a
	left.w = a.w * 54 / 100
	right.x, right.w = left.w, a.w-left.w
	l.panes[clusterPane], l.panes[eventsPane] = split(left, a.h*3/5)
	l.panes[raftPane], right = split(right, a.h*27/100)
	l.panes[clientsPane], l.panes[inspectorPane] = split(right, a.h*35/100)
}

// split divides a rect after h lines.
func split(r rect, h int) (above, below rect) {
	above, below = r, r
	above.h = h
	below.y, below.h = r.y+h, r.h-h
	return above, below
}

// inside is what a border leaves of a rect.
func (r rect) inside() rect { return rect{r.x + 1, r.y + 1, max(r.w-2, 0), max(r.h-2, 0)} }

// at tells which pane is seen at a cell.
func (l *layout) at(x, y int) (p pane, ok bool) {
	for p := range l.panes {
		if l.panes[p].has(x, y) {
			return pane(p), true
		}
	}
	return 0, false
}
