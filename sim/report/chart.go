package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
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

// chart is the picture of a run for a terminal: a row for each pod and for the leader of each set, and one for the faults.
type chart struct {
	p     *page
	end   time.Duration
	label int // columns
	cells int
	seen  map[story.State]bool
}

// chart draws who was what when, if there is anything that lasts.
func (p *page) chart(rec *sim.Recording) {
	s := story.Of(rec)
	pods, more := busiest(lanesOf(s, story.PodLane))
	leaders, faults := lanesOf(s, story.LeaderLane), lanesOf(s, story.FaultLane)
	if len(pods) == 0 || rec.Virtual <= 0 {
		return
	}
	c := &chart{p: p, end: rec.Virtual, label: len("faults"), seen: map[story.State]bool{}}
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
		p.put(plain("  "), faint("+"+count(more, "more pod")))
	}
	for _, lane := range leaders {
		c.row(rowName(lane), c.leads(lane))
	}
	c.row("faults", c.faults(faults, s.Marks))
	c.axis()
	c.legend(len(leaders) > 0)
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
	row := make([]piece, c.cells)
	for i, of := range rank {
		row[i] = plain(" ")
		if of > 0 {
			look := looks[of-1]
			row[i] = piece{look.sign, look.style}
			c.seen[look.state] = true
		}
	}
	return row
}

// leads draws who leads: the last digit of the leader's ordinal, "!" where there are two, and "·" where there was one before and is none.
// What is wrong is seen however short it is.
func (c *chart) leads(lane *story.Lane) []piece {
	row := blank(c.cells)
	for i := range lane.Spans {
		c.cover(&lane.Spans[i], func(cell int) { row[cell] = leaderSign(&lane.Spans[i]) })
	}
	for i := range lane.Spans {
		gap := story.Span{From: lane.Spans[i].Until, Until: c.end}
		if i+1 < len(lane.Spans) {
			gap.Until = lane.Spans[i+1].From
		}
		if gap.From < gap.Until {
			c.cover(&gap, func(cell int) { row[cell] = faint("·") })
		}
	}
	for i := range lane.Spans {
		if span := &lane.Spans[i]; span.State == story.Broken {
			c.cover(span, func(cell int) { row[cell] = leaderSign(span) })
		}
	}
	return row
}

// leaderSign is the last digit of the ordinal of the pod that leads in a span.
func leaderSign(span *story.Span) piece {
	name, _, _ := strings.Cut(span.Text, " ")
	switch {
	case span.State == story.Broken:
		return bad("!")
	case name != "" && strings.ContainsRune("0123456789", rune(name[len(name)-1])):
		digit := name[len(name)-1]
		return piece{string(digit), termStyles[span.Term%uint64(len(termStyles))]}
	}
	return plain("L")
}

// termStyles tell the terms of leaders apart.
var termStyles = []string{"\x1b[34m", "\x1b[36m", "\x1b[32m", "\x1b[35m", "\x1b[33m"}

// faults draws all faults in one row: where one begins and where one is over, and that one lasts.
func (c *chart) faults(lanes []*story.Lane, marks []story.Mark) []piece {
	row := blank(c.cells)
	for _, lane := range lanes {
		for i := range lane.Spans {
			c.cover(&lane.Spans[i], func(i int) { row[i] = piece{"─", "\x1b[31m"} })
		}
	}
	for _, kind := range []story.MarkKind{story.HealMark, story.FaultMark} {
		for i := range marks {
			switch m := &marks[i]; {
			case m.Kind != kind:
			case kind == story.HealMark:
				row[c.cell(m.At)] = good("△")
			default:
				row[c.cell(m.At)] = bad("▼")
			}
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

// steps of the time axis.
var ticks = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second, time.Minute,
	2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour}

// leastTick is how far apart the labels of the axis are, in columns.
const leastTick = 10

// axis writes instants below the rows, each beginning at its cell.
func (c *chart) axis() {
	step := ticks[len(ticks)-1]
	for _, tick := range slices.Backward(ticks) {
		if float64(tick)/float64(c.end)*float64(c.cells) >= leastTick {
			step = tick
		}
	}
	line := ""
	for at := time.Duration(0); at < c.end; at += step {
		label := "╵" + short(at, step)
		if column := c.cell(at); column >= columns(line) && column+columns(label) <= c.cells {
			line = padded(line, column) + label
		}
	}
	c.p.cut(faint(between + strings.Repeat(" ", c.label) + between + line))
}

// short writes an instant of an axis with such steps, as "90s", "5m" or "2h".
func short(at, step time.Duration) string {
	switch {
	case step%time.Hour == 0:
		return strconv.Itoa(int(at/time.Hour)) + "h"
	case step%time.Minute == 0:
		return strconv.Itoa(int(at/time.Minute)) + "m"
	}
	return strconv.Itoa(int(at/time.Second)) + "s"
}

// apart is what stands before each sign of the legend.
const apart = "  "

// legend says what the signs mean, of those that stand there.
func (c *chart) legend(leaders bool) {
	var says []string
	for _, look := range slices.Backward(looks) {
		if c.seen[look.state] {
			says = append(says, look.sign+" "+look.says)
		}
	}
	if leaders {
		says = append(says, "0 1 2 the pod that leads")
	}
	line := ""
	for _, sign := range append(says, "▼ a step begins", "△ is over") {
		if columns(line)+columns(apart+sign) > c.p.room() {
			c.p.cut(faint(line))
			line = ""
		}
		line += apart + sign
	}
	c.p.cut(faint(line))
}
