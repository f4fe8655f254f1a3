package tui

import (
	"time"

	"statefulsim/sim"
	"statefulsim/sim/story"
)

// drawClients shows what clients went through, over the whole run.
func drawClients(v *view, width, height int) drawing {
	clients := v.wholeRun(max(width, 1))
	if len(clients) == 0 {
		return v.draw(wrap(piece{}, v.theme.ink.faint, "This scenario has no clients: nobody writes or reads.", width), width, height)
	}
	each := max(1, (height-1)/len(clients)) // lines for each of them
	recent := v.story.Clients(max(0, v.at-around), max(0, v.at)+1, 1)
	var rows []row
	for i := range clients {
		c := &chart{view: v, client: &clients[i], spec: i, width: width}
		rows = append(rows, c.rows(recent[i].Buckets[0], each)...)
	}
	if height > len(rows) {
		rows = append(rows, v.axis(width))
	}
	return v.draw(most(rows, height, v.theme.ink.faint), width, height)
}

// around is the time before now whose latencies are shown.
const around = 5 * time.Second

// chart is one client's part of the pane.
type chart struct {
	*view
	client *story.Client
	spec   int // its place in the scenario and in the recording
	width  int
}

// rows are the client's lines, the more telling ones first if there are few.
func (c *chart) rows(recent story.Bucket, most int) (rows []row) {
	failures, any := c.failures()
	apart := any && most >= 3
	head := c.head()
	now := c.now(recent)
	if most == 2 || most > 2 && head.cells()+now.cells()+3 <= c.width {
		head = append(append(head, gap(3)), now...)
		now = nil
	}
	rows = append(rows, head)
	if most > 1 {
		rows = append(rows, c.successes(!apart))
	}
	if apart {
		rows = append(rows, failures)
	}
	if now != nil && len(rows) < most {
		rows = append(rows, now)
	}
	rows = append(rows, c.lost(max(0, most-len(rows)-1))...)
	if most > len(rows)+1 {
		rows = append(rows, nil)
	}
	return rows
}

// head says what the client does, and what came of it in the whole run.
func (c *chart) head() row {
	inks := &c.theme.ink
	does := " reads "
	if c.client.Writes {
		does = " writes "
	}
	total := &c.story.Rec.Clients[c.spec]
	r := row{say(inks.title, short(c.client.Name, c.width/4)).of(thing{"client", c.client.Name})}
	if c.width >= 60 {
		r = append(r, say(inks.faint, does+short(c.client.Service, c.width/4)))
	}
	r = append(r, gap(2), say(inks.faint, "in all "), say(inks.good, count(total.Acknowledged)+" ok"))
	for _, n := range []struct {
		n    int
		what string
		look ink
	}{{total.Lost, " lost " + lostSign, inks.bad}, {total.Failed, " failed " + failedSign, inks.bad}, {total.Unknown, " unknown " + unknownSign, inks.warn}} {
		if n.n > 0 {
			r = append(r, say(n.look, "  "+count(n.n)+n.what))
		}
	}
	return r
}

// now says how requests went that ended lately.
func (c *chart) now(b story.Bucket) row {
	ink := &c.theme.ink
	r := row{say(ink.faint, "last "+exact(around)+": ")}
	switch {
	case b == story.Bucket{}:
		return append(r, say(ink.faint, "nothing"))
	case b.OK == 0:
		r = append(r, say(ink.bad, "nothing succeeded"))
	default:
		r = append(r, say(ink.plain, count(b.OK)+" ok, median "+took(b.Median)+", worst "+took(b.Worst)))
	}
	if n := b.Failed + b.Unknown; n > 0 {
		r = append(r, say(ink.bad, ", "+count(n)+" not"))
	}
	return r
}

// The signs of what came of requests.
const failedSign, unknownSign, lostSign = "x", "?", "!"

// successes draws how many requests succeeded, in relation to how many the client asks for: a full block is all of them. It adds
// the signs of failures if they have no line of their own.
func (c *chart) successes(all bool) row {
	inks := &c.theme.ink
	now, heights := c.column(), c.heights()
	return strip(len(heights), func(x int) (string, ink) {
		sign, look := heights[x], inks.good
		if failed, how := c.failure(x); all && failed != " " {
			sign, look = failed, how
		} else if x > now {
			look = inks.faint
		}
		if x == now {
			look.on, look.off = look.on+inks.cursor.on, inks.cursor.off
		}
		return sign, look
	})
}

// heights are the signs of the chart. Where a column is too short a time for several requests, it is drawn as high as it and its
// neighbours deserve together. One that ended a little too late to be counted makes no gap.
func (c *chart) heights() (signs []string) {
	const enough = 3
	buckets := c.client.Buckets
	asked := c.story.Rec.Scenario.Clients[c.spec].Rate * c.story.Rec.Virtual.Seconds() / float64(max(len(buckets), 1)) // in a column
	together := 1
	for float64(together)*asked < enough && together < len(buckets) {
		together++
	}
	full := max(1, int(float64(together)*asked))
	for x := 0; x < len(buckets); x += together {
		some := buckets[x:min(x+together, len(buckets))]
		ok := 0
		for i := range some {
			ok += some[i].OK
		}
		if ok > 0 {
			ok++
		}
		sign := level(ok, max(1, full*len(some)/together))
		for range some {
			signs = append(signs, sign)
		}
	}
	return signs
}

// failures draws where requests failed, and tells whether any did.
func (c *chart) failures() (r row, any bool) {
	r = strip(len(c.client.Buckets), func(x int) (string, ink) {
		sign, look := c.failure(x)
		any = any || sign != " "
		return sign, look
	})
	return r, any
}

// failure is the sign of what did not succeed in a column: the worst of it.
func (c *chart) failure(x int) (sign string, look ink) {
	b := &c.client.Buckets[x]
	switch ink := &c.theme.ink; {
	case b.Lost > 0:
		return lostSign, ink.bad
	case b.Failed > 0:
		return failedSign, ink.bad
	case b.Unknown > 0:
		return unknownSign, ink.warn
	}
	return " ", ink{}
}

// lost lists writes that the client was told are done, and that are missing at the end.
func (c *chart) lost(n int) (rows []row) {
	for i := range c.story.Rec.Lost {
		if lost := &c.story.Rec.Lost[i]; lost.Client == c.spec {
			rows = append(rows, c.lostRow(lost))
		}
	}
	return most(rows, min(n, 4), c.theme.ink.faint)
}

func (c *chart) lostRow(lost *sim.LostWrite) row {
	return row{say(c.theme.ink.bad, lostSign+" lost: "+withoutDefault(lost.Key)+" = "+lost.Value), say(c.theme.ink.faint, "  acknowledged at "+seconds(lost.At))}
}

// column is where now is in charts as wide as the pane.
func (c *chart) column() int { return columnOf(c.at, c.story.Rec.Virtual, len(c.client.Buckets)) }

func columnOf(at, end time.Duration, width int) int {
	if end <= 0 || width <= 0 {
		return 0
	}
	return min(int(float64(at)/float64(end)*float64(width)), width-1)
}

// axis is the time below the charts, with now in it.
func (v *view) axis(width int) row {
	ink := &v.theme.ink
	end := v.story.Rec.Virtual
	text := seconds(v.at)
	x := columnOf(v.at, end, width)
	mark := piece{text: "▲ " + text, cells: cells(text) + 2, ink: ink.strong}
	if x+mark.cells > width {
		mark.text, x = text+" ▲", max(0, x-cells(text)-1)
	}
	left, right := say(ink.faint, "0 s"), say(ink.faint, seconds(end))
	var r row
	if x > left.cells {
		r = append(r, left)
	}
	r = append(r, gap(x-r.cells()), mark)
	if room := width - r.cells() - right.cells; room > 0 {
		r = append(r, gap(room), right)
	}
	return r
}
