package scheduler

// topology divides the nodes into domains: those with the same value of one label. It is worked out when somebody first
// asks for a key, and again after a node came, went or got other labels.
type topology struct {
	domain []int // of the node at that place in the cluster's order; outside if it lacks the label
	size   int   // how many domains there are
}

const outside = -1

// topology returns the division of the nodes by a label.
func (c *cluster) topology(key string) *topology {
	if t, ok := c.topologies[key]; ok {
		return t
	}
	t := &topology{domain: make([]int, len(c.order))}
	numbers := map[string]int{}
	for i, n := range c.order {
		n.index = i
		value, ok := n.node.Labels[key]
		if !ok {
			t.domain[i] = outside
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

// domains counts something in each domain of a topology.
type domains struct {
	*topology
	count []int64
	empty bool // nothing was counted anywhere
}

// at returns the count in a node's domain, and whether the node is in one.
func (d domains) at(n *nodeInfo) (int64, bool) {
	number := d.domain[n.index]
	if number == outside {
		return 0, false
	}
	return d.count[number], true
}

// by sums up over the nodes.
func (c *cluster) by(key string, of func(*nodeInfo) int64) domains {
	t := c.topology(key)
	d := domains{topology: t, count: make([]int64, t.size), empty: true}
	for i, n := range c.order {
		if number := t.domain[i]; number != outside {
			if k := of(n); k != 0 {
				d.count[number] += k
				d.empty = false
			}
		}
	}
	return d
}
