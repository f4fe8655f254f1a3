package sim

import (
	"time"

	"statefulsim/network"
)

// Place and Side are where messages come from and go to, and one side of a fault between them.
type (
	Place = network.Place
	Side  = network.Side
)

// Cut is a fault of the network that a step made: it loses, holds or spoils what goes between two sides.
type Cut struct {
	Step      string // by the name that events give it
	Action    string // its key in the scenario language: "partition", "hold" or "degrade"
	From, To  Side
	Except    Side          // who is on neither side
	OneWay    bool          // only what goes from From to To is hit
	At, Until time.Duration // when it lasted; Until is 0 for one that lasts to the end of the run
	Seq       int           // the event with which the step began
}

// Hits tells whether the fault is about messages from one place to another.
func (c *Cut) Hits(from, to Place) bool {
	if c.Except.Has(from) || c.Except.Has(to) {
		return false
	}
	return c.From.Has(from) && c.To.Has(to) || !c.OneWay && c.From.Has(to) && c.To.Has(from)
}

// Lasts tells whether the fault is there at an instant of the run.
func (c *Cut) Lasts(at time.Duration) bool { return c.At <= at && (c.Until == 0 || at < c.Until) }
