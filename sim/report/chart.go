package report

import (
	"cmp"
	"slices"
	"time"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/story"
)

const (
	mostRows   = 10  // of pods
	mostCells  = 120 // of a row
	leastCells = 16
	mostLabel  = 24 // columns for the name of a row
)

// look is how a state is drawn: with a sign that tells it apart without colours.
type look struct {
	state story.State
	sign  string
	style string
	says  string
}

// looks are the states of pods, those first that hide the others if several fall into one cell: what people must not miss.
var looks = []look{
	{story.Failed, "X", "\x1b[1;31m", "failed"},
	{story.Unready, "!", "\x1b[31m", "not ready"},
	{story.Ending, "~", "\x1b[35m", "ending"},
	{story.Waiting, "·", "\x1b[2m", "pending"},
	{story.Starting, "░", "\x1b[33m", "starting"},
	{story.Primary, "█", "\x1b[1;34m", "primary"},
	{story.Serving, "▒", "\x1b[32m", "ready"},
}

// StateWord is what a state of a pod is called in pictures; "" for one that no pod is in.
func StateWord(state story.State) string {
	if i := slices.IndexFunc(looks, func(l look) bool { return l.state == state }); i >= 0 {
		return looks[i].says
	}
	return ""
}

// chart is the picture of a run for a terminal: a row for each pod and for the leader of each set, and one for the faults.
type chart struct {
	p     *page
	end   time.Duration
	label int // columns
	cells int
	seen  map[story.State]bool
	signs map[string]bool // of leaders and faults
}

// chart draws who was what when, if there is anything that lasts.
func (p *page) chart(rec *sim.Recording) {
	s := story.Of(rec)
	pods, more := busiest(lanesOf(s, story.PodLane))
	leaders, faults := lanesOf(s, story.LeaderLane), lanesOf(s, story.FaultLane)
	if len(pods) == 0 || rec.Virtual <= 0 {
		return
	}
	c := &chart{p: p, end: rec.Virtual, label: len("faults"), seen: map[story.State]bool{}, signs: map[string]bool{}}
	for _, lane := range slices.Concat(pods, leaders) {
		c.label = max(c.label, columns(words.Printable(rowName(lane))))
	}
	c.label = min(c.label, mostLabel)
	c.cells = min(p.room()-c.label-2*len(between), mostCells)
	if c.cells < leastCells {
		return
	}
	p.heading("Over time")
	for _, lane := range pods {
		c.row(lane.Name, c.states(lane))
	}
	if more > 0 {
		p.put(plain("  "), faint("+"+words.Count(more, "more pod")))
	}
	for _, lane := range leaders {
		c.row(rowName(lane), c.noted(c.leads(lane)))
	}
	if row := c.noted(c.faults(faults, s.Marks)); len(c.seenOf("▼", "△", "─")) > 0 {
		c.row("faults", row)
	}
	c.axis()
	c.legend()
}

func lanesOf(s *story.Story, kind story.LaneKind) (lanes []*story.Lane) {
	for i := range s.Lanes {
		if s.Lanes[i].Kind == kind {
			lanes = append(lanes, &s.Lanes[i])
		}
	}
	return lanes
}

// busiest are the lanes in which most happened, in their order, and how many others there are.
func busiest(lanes []*story.Lane) (chosen []*story.Lane, more int) {
	more = max(len(lanes)-mostRows, 0)
	byChanges := slices.SortedStableFunc(slices.Values(lanes), func(a, b *story.Lane) int { return cmp.Compare(len(b.Spans), len(a.Spans)) })
	kept := byChanges[:len(lanes)-more]
	for _, lane := range lanes {
		if slices.Contains(kept, lane) {
			chosen = append(chosen, lane)
		}
	}
	return chosen, more
}

func rowName(lane *story.Lane) string {
	if lane.Kind == story.LeaderLane {
		return "leader of " + lane.Name
	}
	return lane.Name
}

// cell is the place of an instant in a row.
func (c *chart) cell(at time.Duration) int {
	return max(min(int(float64(at)/float64(c.end)*float64(c.cells)), c.cells-1), 0)
}

// cover calls f for each cell into which a span falls, at least for one.
func (c *chart) cover(span *story.Span, f func(i int)) {
	first, last := c.cell(span.From), c.cell(span.Until)
	if last > first && c.instant(last) >= span.Until {
		last--
	}
	for i := first; i <= last; i++ {
		f(i)
	}
}

// instant is when a cell begins.
func (c *chart) instant(cell int) time.Duration {
	return time.Duration(float64(c.end) / float64(c.cells) * float64(cell))
}

// states draws a pod.
func (c *chart) states(lane *story.Lane) []piece {
	rank := make([]int, c.cells) // of the look in a cell, counting from 1; 0 is none
	for i := range lane.Spans {
		span := &lane.Spans[i]
		of := 1 + slices.IndexFunc(looks, func(l look) bool { return l.state == span.State })
		c.cover(span, func(i int) {
			if rank[i] == 0 || of < rank[i] {
				rank[i] = of
			}
		})
	}
	row := blank(c.cells)
	for i, of := range rank {
		if of > 0 {
			look := looks[of-1]
			row[i] = piece{look.sign, look.style}
			c.seen[look.state] = true
		}
	}
	return row
}

func blank(n int) []piece {
	row := make([]piece, n)
	for i := range row {
		row[i] = plain(" ")
	}
	return row
}

// row writes a row. Cells of one style that follow each other are written together.
func (c *chart) row(name string, cells []piece) {
	pieces := []piece{plain(between + padded(shortened(words.Printable(name), c.label), c.label) + between)}
	for _, cell := range cells {
		if last := &pieces[len(pieces)-1]; len(pieces) > 1 && last.style == cell.style {
			last.text += cell.text
			continue
		}
		pieces = append(pieces, cell)
	}
	c.p.cut(pieces...)
}
