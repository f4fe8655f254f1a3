package scheduler

import (
	"cmp"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
)

// cluster is the scheduler's own picture of the nodes and of the pods on them, its assumptions among them. It is kept up
// with each change, so that placing a pod costs as much as the nodes that are looked at, however many pods they hold
// (pkg/scheduler/backend/cache).
type cluster struct {
	nodes map[string]*nodeInfo
	order []*nodeInfo // those whose Node object exists, by name
	round []*nodeInfo // the same in the order in which they are looked at; nil: to be worked out
	pods  map[store.Key]*podInfo

	topologies map[string]*topology
	selections map[string]*selection
	held       map[string]*heldTerm
	claims     map[store.Key]int // how many placed pods use a claim
}

// nodeInfo is one node with the sums over its pods.
type nodeInfo struct {
	name        string
	index       int          // its place in the order, if it exists
	node        *corev1.Node // nil when pods are left of a node that is gone
	allocatable resources
	maxPods     int64
	requested   resources // what its pods ask for
	scored      resources // the same for the scores: with something for containers that do not say
	pods        int64
	tally       map[*selection]tally
	holds       map[*heldTerm]holding
}

// tally counts the pods of a selection on one node.
type tally struct{ all, living int64 } // living: not being deleted

// heldTerm is an affinity term that pods on nodes have, as it looks to newcomers.
type heldTerm struct {
	term
	holders            int
	forbidding, weight *domains // see cluster.holders; nil until somebody asks
}

// holding is what the pods on one node that hold a term want of a newcomer that it matches.
type holding struct{ forbidding, weight int64 }

// podInfo is a pod with what the scheduler reads out of it.
type podInfo struct {
	pod       *corev1.Pod
	node      *nodeInfo // where it is, or is assumed to be; nil while it waits
	requested resources
	scored    resources
	terms     terms
	counted   []*selection // those that counted it, when it was placed
}

func newCluster() *cluster {
	return &cluster{
		nodes: map[string]*nodeInfo{}, pods: map[store.Key]*podInfo{}, topologies: map[string]*topology{},
		selections: map[string]*selection{}, held: map[string]*heldTerm{}, claims: map[store.Key]int{},
	}
}

func newPodInfo(pod *corev1.Pod) *podInfo {
	return &podInfo{pod: pod, requested: requests(pod, resources{}), scored: requests(pod, unstated), terms: termsOf(pod)}
}

func (c *cluster) info(name string) *nodeInfo {
	n, ok := c.nodes[name]
	if !ok {
		n = &nodeInfo{name: name, tally: map[*selection]tally{}, holds: map[*heldTerm]holding{}}
		c.nodes[name] = n
	}
	return n
}

func (c *cluster) setNode(node *corev1.Node) {
	n := c.info(node.Name)
	if n.node == nil {
		i, _ := c.position(node.Name)
		c.order = slices.Insert(c.order, i, n)
		c.number(i)
		c.divided()
	} else if !maps.Equal(n.node.Labels, node.Labels) {
		c.divided()
	}
	n.node = node
	n.allocatable = amounts(node.Status.Allocatable, resources{})
	pods := node.Status.Allocatable[corev1.ResourcePods]
	n.maxPods = pods.Value()
}

func (c *cluster) removeNode(name string) {
	if i, ok := c.position(name); ok {
		c.order[i].node = nil
		c.order = slices.Delete(c.order, i, i+1)
		c.number(i)
		c.divided()
	}
	c.drop(name)
}

// number tells the nodes their places in the order, from one place on.
func (c *cluster) number(from int) {
	for i := from; i < len(c.order); i++ {
		c.order[i].index = i
	}
}

func (c *cluster) position(name string) (int, bool) {
	return slices.BinarySearchFunc(c.order, name, func(n *nodeInfo, name string) int { return cmp.Compare(n.name, name) })
}

// drop forgets a node that neither exists nor has pods.
func (c *cluster) drop(name string) {
	if n := c.nodes[name]; n != nil && n.node == nil && n.pods == 0 {
		delete(c.nodes, name)
	}
}

// observe takes in the state of a pod that is bound to a node. Most changes are of the status and touch no sum.
func (c *cluster) observe(pod *corev1.Pod, view *store.View) {
	key := store.KeyOf(pod)
	p := c.pods[key]
	if p != nil && p.pod.UID == pod.UID && p.node.name == pod.Spec.NodeName && maps.Equal(p.pod.Labels, pod.Labels) &&
		(p.pod.DeletionTimestamp == nil) == (pod.DeletionTimestamp == nil) {
		p.pod = pod
		return
	}
	c.remove(key)
	c.place(newPodInfo(pod), pod.Spec.NodeName, view)
}

// place counts a pod on a node.
func (c *cluster) place(p *podInfo, node string, view *store.View) {
	n := c.info(node)
	p.node = n
	c.pods[store.KeyOf(p.pod)] = p
	n.pods++
	n.requested.add(p.requested)
	n.scored.add(p.scored)
	for _, s := range c.selections {
		if s.contains(p.pod, view) {
			p.counted = append(p.counted, s)
			n.count(s, p.pod, 1)
		}
	}
	c.hold(p, 1)
	c.use(p.pod, 1)
}

// remove takes a pod off its node, if it is on one.
func (c *cluster) remove(key store.Key) bool {
	p, ok := c.pods[key]
	if !ok {
		return false
	}
	delete(c.pods, key)
	n := p.node
	n.pods--
	n.requested.sub(p.requested)
	n.scored.sub(p.scored)
	for _, s := range p.counted {
		n.count(s, p.pod, -1)
	}
	c.hold(p, -1)
	c.use(p.pod, -1)
	c.drop(n.name)
	return true
}

func (n *nodeInfo) count(s *selection, pod *corev1.Pod, by int64) {
	t := n.tally[s]
	t.all += by
	living := pod.DeletionTimestamp == nil
	if living {
		t.living += by
	}
	for _, d := range s.domains {
		d.all.add(n, by)
		if living {
			d.living.add(n, by)
		}
	}
	if t.all == 0 {
		delete(n.tally, s)
		return
	}
	n.tally[s] = t
}

// use counts the pod among those of its claims.
func (c *cluster) use(pod *corev1.Pod, by int) {
	for name := range claimNames(pod) {
		key := store.Key{Kind: store.PersistentVolumeClaim, Namespace: pod.Namespace, Name: name}
		if c.claims[key] += by; c.claims[key] == 0 {
			delete(c.claims, key)
		}
	}
}

// hold adds the pod's own terms to those that newcomers have to heed, or takes them away.
func (c *cluster) hold(p *podInfo, by int64) {
	for i := range p.terms.antiAffinity {
		c.holdTerm(p.node, &p.terms.antiAffinity[i], holding{forbidding: by}, int(by))
	}
	for i := range p.terms.affinity {
		c.holdTerm(p.node, &p.terms.affinity[i], holding{weight: by * hardAffinityWeight}, int(by))
	}
	for i := range p.terms.preferred {
		t := &p.terms.preferred[i]
		c.holdTerm(p.node, t, holding{weight: by * t.weight}, int(by))
	}
}

func (c *cluster) holdTerm(n *nodeInfo, t *term, change holding, by int) {
	id := t.topologyKey + "\x00" + t.id
	h, ok := c.held[id]
	if !ok {
		h = &heldTerm{term: *t}
		c.held[id] = h
	}
	sum := n.holds[h]
	sum.forbidding += change.forbidding
	sum.weight += change.weight
	n.holds[h] = sum
	if h.forbidding != nil {
		h.forbidding.add(n, change.forbidding)
		h.weight.add(n, change.weight)
	}
	if sum == (holding{}) {
		delete(n.holds, h)
	}
	if h.holders += by; h.holders == 0 {
		delete(c.held, id)
	}
}

// selection returns the counted set of the pods that all these matchers match. The first time that anyone asks for it,
// all pods are looked at; from then on each pod is counted as it comes and goes.
func (c *cluster) selection(view *store.View, all ...*matcher) *selection {
	id := ""
	for _, m := range all {
		id += m.id + "\x01"
	}
	s, ok := c.selections[id]
	if !ok {
		s = &selection{all: all, domains: map[string]counted{}}
		c.selections[id] = s
		for _, p := range c.pods {
			if s.contains(p.pod, view) {
				p.counted = append(p.counted, s)
				p.node.count(s, p.pod, 1)
			}
		}
	}
	return s
}
