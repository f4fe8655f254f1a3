package html

import (
	"math"
	"slices"
	"strconv"
	"time"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/story"
)

// rowHeight is that of a lane, in pixels. The style sheet knows it too.
const rowHeight = 22

// chart is one picture of everything over time: rows below one another, on one axis. Places along the axis are written as shares of its
// length, so that the picture can be stretched without being drawn again.
type chart struct {
	Length  time.Duration // of the axis
	Height  int           // of all rows, in pixels
	Ticks   []tick
	Groups  []group
	Bands   []band
	Guides  []guide
	Signs   []legend // of the marks
	Clients bool     // there are some
	States  []legend
	Parting *mark // where the stories of two runs part; nil for one run, or the same twice
}

// group is a heading with rows below it.
type group struct {
	Title string
	Run   string // "A" or "B" where there are two; the heading of a run has no rows
	Y     int
	Rows  []row
}

// row is one lane: of spans, of marks or of a client.
type row struct {
	Name, Kind string
	Run, Y     int
	Height     int // in pixels
	Spans      []span
	Marks      []mark
	Client     *clientRow
}

// span is a stretch of a lane.
type span struct {
	X, Width string // in percent
	Class    string
	Label    string // what is written into it
	Text     string // what is said of it
	Seq      int
	Sign     bool // its state has a pattern as well as a colour
	Brief    bool // it is so short that it needs a line to be seen
	Tight    bool // its label finds no room, on paper or a narrow screen
}

// mark is a sign at an instant.
type mark struct {
	X, Kind, Text string
	Seq           int
	Y             int
}

// band is a stretch of time behind all lanes of a run, and guide a line through them.
type (
	band  struct{ X, Width, Y, Height, Text string }
	guide struct{ X, Y, Height, Kind string }
)

// tick is a figure on the axis.
type tick struct{ X, Text string }

// legend says what a state looks like.
type legend struct{ Class, Text string }

// groupTitles are the kinds of lanes in the order in which they are drawn.
var groupTitles = []struct {
	kind  story.LaneKind
	title string
}{
	{story.FaultLane, "Faults"}, {"client", "Clients"}, {story.LeaderLane, "Leader"},
	{story.PodLane, "Pods"}, {story.NodeLane, "Nodes"}, {story.VolumeLane, "Volumes"},
}

// newChart draws the stories below one another. The axis is as long as the longest of them.
func newChart(stories []*story.Story, clients [][]clientRow) *chart {
	c := &chart{}
	for _, s := range stories {
		c.Length = max(c.Length, s.Rec.Virtual, time.Millisecond)
	}
	seen, signs := map[legend]bool{}, map[story.MarkKind]bool{}
	for run, s := range stories {
		c.run(run, len(stories) > 1, s, clients[run], seen)
		for _, m := range s.Marks {
			signs[m.Kind] = true
		}
		c.Clients = c.Clients || len(clients[run]) > 0
	}
	for _, st := range stateTexts {
		if l := (legend{"s-" + string(st.state), st.text}); seen[l] {
			c.States = append(c.States, l)
		}
	}
	for _, m := range markTexts {
		if signs[m.kind] {
			c.Signs = append(c.Signs, legend{string(m.kind), m.text})
		}
	}
	c.Ticks = ticks(c.Length)
	return c
}

// run adds the rows of one story, with what stands behind them.
func (c *chart) run(run int, beside bool, s *story.Story, clients []clientRow, seen map[legend]bool) {
	if beside {
		c.Groups = append(c.Groups, group{Title: nameOf(s.Rec.Scenario), Run: sides[run], Y: c.Height})
		c.Height += rowHeight
	}
	top := c.Height
	if len(s.Marks) > 0 {
		c.add("", []row{{Name: "What happens", Kind: "marks", Run: run, Marks: c.marks(s)}})
	}
	for _, g := range groupTitles {
		var rows []row
		if g.kind == "client" {
			for i := range clients {
				rows = append(rows, row{Name: clients[i].Name, Kind: "client", Run: run, Client: &clients[i]})
			}
		}
		for i := range s.Lanes {
			if l := &s.Lanes[i]; l.Kind == g.kind {
				rows = append(rows, row{Name: words.Printable(l.Name), Kind: string(l.Kind), Run: run, Spans: c.spans(l, seen)})
			}
		}
		c.add(g.title, rows)
	}
	c.behind(s, top)
}

// add puts rows below the others, under a heading of their own.
func (c *chart) add(title string, rows []row) {
	if len(rows) == 0 {
		return
	}
	g := group{Title: title, Y: c.Height}
	if title != "" {
		c.Height += rowHeight
	}
	for i := range rows {
		r := &rows[i]
		r.Y, r.Height = c.Height, rowHeight
		if r.Client != nil {
			r.Height = 2 * rowHeight
		}
		for _, m := range r.Marks {
			r.Height = max(r.Height, m.Y+rowHeight/2)
		}
		c.Height += r.Height
	}
	g.Rows = rows
	c.Groups = append(c.Groups, g)
}

// behind shades the failovers of a run whose rows begin at top, and draws lines where something breaks or is well again.
func (c *chart) behind(s *story.Story, top int) {
	y, height := strconv.Itoa(top), strconv.Itoa(c.Height-top)
	for i := range s.Rec.Failovers {
		f := &s.Rec.Failovers[i]
		until, text := s.Rec.Virtual, "no primary for "+f.Set+" to the end"
		if next := nextFailover(s.Rec.Failovers[i+1:], f.Set); f.Recovered {
			until, text = f.At+f.Recovery, f.Set+" without a primary for "+words.Seconds(f.Recovery)
		} else if next != nil {
			until, text = max(next.At, f.At), f.Set+" loses its next primary before clients wrote again"
		}
		c.Bands = append(c.Bands, band{c.share(f.At), c.share(until - f.At), y, height, words.Printable(text)})
	}
	for _, m := range s.Marks {
		if slices.Contains([]story.MarkKind{story.FaultMark, story.LossMark, story.RecoverMark, story.HealMark}, m.Kind) {
			c.Guides = append(c.Guides, guide{c.share(m.At), y, height, string(m.Kind)})
		}
	}
}

// nextFailover is the first of some failovers that is of a set, or nil.
func nextFailover(all []sim.Failover, set string) *sim.Failover {
	i := slices.IndexFunc(all, func(f sim.Failover) bool { return f.Set == set })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// share writes a time as a share of the axis.
func (c *chart) share(d time.Duration) string { return share(d, c.Length) }

func share(d, of time.Duration) string {
	percent := 100 * float64(d) / float64(of)
	return strconv.FormatFloat(math.Round(percent*1e4)/1e4, 'f', -1, 64) + "%"
}

// ticks divides an axis at round figures, into six to twelve parts.
func ticks(length time.Duration) (all []tick) {
	step := time.Millisecond
	for i := 0; length/step > 12; i++ {
		step = step * []time.Duration{2, 5, 2}[i%3] / []time.Duration{1, 2, 1}[i%3]
	}
	for at := time.Duration(0); at <= length*95/100; at += step {
		all = append(all, tick{share(at, length), words.Seconds(at)})
	}
	return all
}

// asked are the events that the chart points to.
func asked(s *story.Story) (seqs []int) {
	for i := range s.Lanes {
		for _, sp := range s.Lanes[i].Spans {
			seqs = append(seqs, sp.Seq)
		}
	}
	for _, m := range s.Marks {
		seqs = append(seqs, m.Seq)
	}
	for _, f := range s.Rec.Failovers {
		seqs = append(seqs, f.CauseSeq)
		for _, p := range f.Phases {
			seqs = append(seqs, p.Seq)
		}
	}
	return seqs
}

// sides are the names of two runs that stand beside each other.
var sides = [2]string{"A", "B"}

// longest is the virtual length of the longest of some runs.
func longest(recs []*sim.Recording) (d time.Duration) {
	for _, rec := range recs {
		d = max(d, rec.Virtual)
	}
	return d
}
