package scheduler

// topology divides the nodes into domains: those with the same value of one label. It is worked out when somebody first
// asks for a key, and again after a node came, went or got other labels.
type topology struct {
	domain   []int // of the node at that place in the cluster's order; outside if it lacks the label
	size     int   // how many domains there are
	complete bool  // no node is outside
}

const outside = -1

// topology returns the division of the nodes by a label.
func (c *cluster) topology(key string) *topology {
	if t, ok := c.topologies[key]; ok {
		return t
	}
	t := &topology{domain: make([]int, len(c.order)), complete: true}
	numbers := map[string]int{}
	for i, n := range c.order {
		value, ok := n.node.Labels[key]
		if !ok {
			t.domain[i] = outside
			t.complete = false
			continue
		}
		number, known := numbers[value]
		if !known {
			number = len(numbers)
			numbers[value] = number
		}
		t.domain[i] = number
	}
	t.size = len(numbers)
	c.topologies[key] = t
	return t
}

// divided forgets the divisions of the nodes, and all that was counted by them: nodes came, went or got other labels.
func (c *cluster) divided() {
	clear(c.topologies)
	for _, s := range c.selections {
		clear(s.domains)
	}
	for _, h := range c.held {
		h.forbidding, h.weight = nil, nil
	}
	c.round = nil
}

// domains counts something in each domain of a topology.
type domains struct {
	*topology
	count []int64
	total int64 // over all domains
}

func newDomains(t *topology) *domains { return &domains{topology: t, count: make([]int64, t.size)} }

// add counts by more at a node; a node that does not exist, or is in no domain, does not count.
func (d *domains) add(n *nodeInfo, by int64) {
	if n.node == nil {
		return
	}
	if number := d.domain[n.index]; number != outside {
		d.count[number] += by
		d.total += by
	}
}

// at returns the count in a node's domain, and whether the node is in one.
func (d *domains) at(n *nodeInfo) (int64, bool) {
	number := d.domain[n.index]
	if number == outside {
		return 0, false
	}
	return d.count[number], true
}

// by sums up over the nodes.
func (c *cluster) by(key string, of func(*nodeInfo) int64) *domains {
	d := newDomains(c.topology(key))
	for _, n := range c.order {
		if k := of(n); k != 0 {
			d.add(n, k)
		}
	}
	return d
}

// counted is the pods of a selection in each domain of one topology.
type counted struct{ all, living *domains }

// members counts the pods of a selection by a label of their nodes: those that are being deleted too in all, the others in
// living. From the first question on, each pod is counted as it comes and goes.
func (c *cluster) members(s *selection, key string) counted {
	d, ok := s.domains[key]
	if !ok {
		d = counted{
			all:    c.by(key, func(n *nodeInfo) int64 { return n.tally[s].all }),
			living: c.by(key, func(n *nodeInfo) int64 { return n.tally[s].living }),
		}
		s.domains[key] = d
	}
	return d
}

// holders counts what the pods that hold a term want of a newcomer, by the term's own topology: how many forbid it, and the
// weight of those that would have it there. It is kept up like members.
func (c *cluster) holders(h *heldTerm) (forbidding, weight *domains) {
	if h.forbidding == nil {
		h.forbidding = c.by(h.topologyKey, func(n *nodeInfo) int64 { return n.holds[h].forbidding })
		h.weight = c.by(h.topologyKey, func(n *nodeInfo) int64 { return n.holds[h].weight })
	}
	return h.forbidding, h.weight
}
