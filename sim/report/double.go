package report

import (
	"slices"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/story"
)

// doubles tells of each identity that lived twice: where, how long, and what led to it. Doubles of one pod on the same nodes
// that follow each other are told once.
func (p *page) doubles(rec *sim.Recording) {
	if len(rec.Doubles) == 0 {
		return
	}
	p.heading("Two processes of one identity")
	for i := 0; i < len(rec.Doubles); {
		d, n := &rec.Doubles[i], i+1
		for n < len(rec.Doubles) && rec.Doubles[n].Pod == d.Pod && rec.Doubles[n].Container == d.Container && rec.Doubles[n].Nodes == d.Nodes {
			n++
		}
		p.double(rec, d)
		if again := n - i - 1; again > 0 {
			p.put(plain("    "), plain("and "+words.Count(again, "time")+" more, until "+words.Seconds(rec.Doubles[n-1].Until)))
		}
		i = n
	}
}

func (p *page) double(rec *sim.Recording, d *sim.Double) {
	p.put(plain("  "), bad(d.Pod), plain(": container "+d.Container+" ran on "+d.Nodes[0]+" and on "+d.Nodes[1]+" from "+words.Seconds(d.From)+
		" to "+words.Seconds(d.Until)+", "+words.Seconds(d.Until-d.From)+" long"))
	if d.Apart > 0 {
		p.chain(rec, "nobody could stop the one on "+d.Nodes[0]+":", d.Apart)
	}
	p.chain(rec, "the one on "+d.Nodes[1]+" came of:", d.Began)
	if d.Ended > 0 {
		p.chain(rec, "it was over with:", d.Ended)
	} else {
		p.put(plain("    "), plain("both outlived the run"))
	}
}

// chain writes the events that led to one, the first of them first, under a title.
func (p *page) chain(rec *sim.Recording, title string, seq int) {
	p.put(plain("    "), plain(title))
	var events []*sim.Event
	for seq > 0 && seq <= len(rec.Events) {
		e := &rec.Events[seq-1]
		if e.Level != sim.Detail {
			events = append(events, e)
		}
		seq = e.Cause
	}
	for _, e := range slices.Backward(events) {
		p.put(plain("      "), faint(clock(e.At)+"  "), faint(e.Actor+"  "), faint(story.Sentence(e, sim.Headline)))
	}
}
