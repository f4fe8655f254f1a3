// Package network decides what becomes of a message between two places: whether it is lost, held back or duplicated, and
// how long each copy of it takes. It delivers nothing and has no clock: whoever sends asks with the instant in hand, and
// queues what is to arrive.
//
// Places are pods, nodes, clients and the control plane. What goes wrong between them is said by named rules (Cut, Hold,
// Degrade) over two sides, which compose and are taken back by name (Heal).
//
// A fate depends on the seed, the two ends, the kind of message and how many of that kind went the same way before, and on
// nothing else: more traffic on one link, or another rule, moves no draw of any other. Only where a rule limits the bandwidth
// does a message wait, besides, for what queues before it on the same line.
//
// Messages of one kind from one place to another keep their order, as on one TCP connection: a message never arrives
// before one that was sent earlier, however lucky its own draw. Order is not kept between kinds (they use connections of
// their own), nor by the second copy of a duplicated message, nor by one that a rule reorders, nor across Heal: what a healed
// rule had slowed down does not hold up what is sent afterwards, as after a reconnect. A lost message is not sent again by
// the network; the sender's timeout deals with it.
package network

import (
	"strings"
	"time"
)

// Network holds the rules in force and counts what went over each link. See New.
type Network struct {
	draw    func(purpose string, n uint64) uint64
	latency func(name string, bits uint64) time.Duration

	rules  []Rule
	healed int // how often rules were taken back: order is not kept across it
	links  map[way]*link
}

// way is one kind of message in one direction.
type way struct {
	from, to Place
	kind     string
}

// link is what the network remembers of a way.
type link struct {
	purpose string // what its draws are for
	class   string // which latency it has
	near    bool   // both ends are on one node
	sent    uint64
	healed  int              // Network.healed when last was noted
	last    time.Time        // when the latest message so far arrives
	copies  [2]time.Duration // backs Fate.Copies
}

// New returns a network without rules.
//
// draw returns 64 seeded bits for the n-th draw of a purpose. latency turns bits into a one-way delay; it is asked for
// "networkOutside" if an end is a client outside the cluster, for "networkZones" if the ends are in different zones, and
// for "network" otherwise. Between two ends on one node a message takes a tenth of "network".
func New(draw func(purpose string, n uint64) uint64, latency func(name string, bits uint64) time.Duration) *Network {
	return &Network{draw: draw, latency: latency, links: map[way]*link{}}
}

// Fate is what becomes of one message. Either Lost or Held is set, or Copies has one delay or two.
type Fate struct {
	Lost string // name of the rule that loses it
	Held string // name of the rule that holds it back; once that is healed the message is to be sent again

	// Copies are the delays of what arrives, the first copy first; a second one arrives later than the first. The slice is
	// valid until the next message of that kind is sent the same way.
	Copies []time.Duration
}

// What the bits of one message are used for. Rules have salts of their own.
const (
	forLatency = iota + 1
	forNanoseconds
	forDuplicate
)

// sameNode is how much faster than "network" a message is that does not leave its node.
const sameNode = 10

// Send decides the fate of a message of that kind, and of so many bytes, which leaves now. Every message has to be asked for
// exactly once.
func (n *Network) Send(now time.Time, from, to Place, kind string, size int) Fate {
	l := n.link(way{from, to, kind})
	bits := n.draw(l.purpose, l.sent)
	l.sent++

	if rule := n.first(cut, from, to); rule != nil {
		return Fate{Lost: rule.Name}
	}
	if rule := n.first(hold, from, to); rule != nil {
		return Fate{Held: rule.Name}
	}
	var extra, queued time.Duration
	var twice, overtakes bool
	for i := range n.rules {
		rule := &n.rules[i]
		if rule.kind != degrade || !rule.touches(from, to) {
			continue
		}
		if rule.loses(bits) {
			return Fate{Lost: rule.Name}
		}
		if rule.reorders(bits) {
			overtakes = true
		} else {
			extra += rule.delays(bits)
		}
		queued += rule.queues(now.Add(queued), from, to, size)
		twice = twice || rule.duplicates(bits)
	}

	l.copies[0] = n.base(l, mix(bits, forLatency)) + queued + extra + nanoseconds(bits)
	if !overtakes {
		l.copies[0] = n.ordered(l, now, l.copies[0])
	}
	if !twice {
		return Fate{Copies: l.copies[:1]}
	}
	l.copies[1] = l.copies[0] + n.base(l, mix(bits, forDuplicate)) + 1
	return Fate{Copies: l.copies[:2]}
}

func (n *Network) link(w way) *link {
	l := n.links[w]
	if l == nil {
		l = &link{purpose: w.purpose(), class: class(w.from, w.to), near: w.from.Node != "" && w.from.Node == w.to.Node}
		n.links[w] = l
	}
	return l
}

// purpose is unlike that of any other way: names hold no zero byte.
func (w way) purpose() string {
	b := strings.Builder{}
	b.WriteString("network\x00" + w.kind)
	for _, p := range []Place{w.from, w.to} {
		for _, part := range []string{p.Pod, p.Node, p.Zone, p.Client} {
			b.WriteString("\x00" + part)
		}
		if p.ControlPlane {
			b.WriteString("\x00control plane")
		}
	}
	return b.String()
}

func class(from, to Place) string {
	switch {
	case from.outside() || to.outside():
		return "networkOutside"
	case from.Zone != "" && to.Zone != "" && from.Zone != to.Zone:
		return "networkZones"
	}
	return "network" // a control plane without a zone is near to every zone
}

// base draws the delay that a message has without any rule.
func (n *Network) base(l *link, bits uint64) time.Duration {
	d := n.latency(l.class, bits)
	if l.near {
		d /= sameNode
	}
	return d
}

// ordered lengthens a delay so that the message arrives after those that went the same way before it.
func (n *Network) ordered(l *link, now time.Time, delay time.Duration) time.Duration {
	if l.healed == n.healed && !now.Add(delay).After(l.last) {
		delay = l.last.Sub(now) + 1
	}
	l.healed, l.last = n.healed, now.Add(delay)
	return delay
}

// nanoseconds spreads arrivals over a microsecond, since a latency may be constant and two causes must not fall into one
// instant.
func nanoseconds(bits uint64) time.Duration {
	return 1 + time.Duration(mix(bits, forNanoseconds)%999)
}

// mix makes new bits of a message's bits, for one more use of them (the finalizer of splitmix64).
func mix(bits, salt uint64) uint64 {
	bits += salt * 0x9e3779b97f4a7c15
	bits = (bits ^ bits>>30) * 0xbf58476d1ce4e5b9
	bits = (bits ^ bits>>27) * 0x94d049bb133111eb
	return bits ^ bits>>31
}

// unit maps bits to [0, 1).
func unit(bits uint64) float64 { return float64(bits>>11) / (1 << 53) }
