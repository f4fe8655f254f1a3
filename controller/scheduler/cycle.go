package scheduler

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"statefulsim/controller/store"
	"statefulsim/controller/volumebinding/pv"
)

// plugin is one reason for which a pod can wait, as a bit. The names are those of Kubernetes' plugins.
type plugin uint16

const (
	nodeUnschedulable plugin = 1 << iota
	taintToleration
	nodeAffinity
	nodeResourcesFit
	volumeRestrictions
	volumeBinding
	podTopologySpread
	interPodAffinity
	podClaims // VolumeBinding too, but only a change of the pod's own claims can help

	anyPlugin = ^plugin(0)
)

// cycle is one attempt to place one pod, with what is worked out once for all nodes.
type cycle struct {
	*cluster
	view    *store.View
	written pv.Written

	pod     *podInfo
	volumes volumes
	taken   bool // one of the pod's ReadWriteOncePod claims is in use by another pod

	named        []string   // the nodes that its node affinity names; nil: it names none
	affinity     []*domains // for each required affinity term: the pods that match all of them
	nobody       bool       // no pod anywhere matches the required affinity terms
	antiAffinity []*domains // for each required anti-affinity term: the pods that match it
	forbidden    []*domains // for each anti-affinity term of a placed pod that matches this one: its holders
	spread       []spreadConstraint
}

// prepare works out what the filters need. Its reason, if any, rules out every node.
func (c *cycle) prepare() (reason string, by plugin) {
	if reason := c.prepareNames(); reason != "" {
		return reason, nodeAffinity
	}
	if reason := c.prepareVolumes(); reason != "" {
		return reason, podClaims
	}
	c.prepareAffinity()
	c.prepareAntiAffinity()
	c.prepareSpread()
	return "", 0
}

func (c *cycle) prepareAffinity() {
	own := c.pod.terms.affinity
	if len(own) == 0 {
		return
	}
	all := make([]*matcher, 0, len(own))
	for i := range own {
		all = append(all, &own[i].matcher)
	}
	s := c.selection(c.view, all...)
	c.nobody = true
	for i := range own {
		d := c.members(s, own[i].topologyKey).all
		c.nobody = c.nobody && d.total == 0
		c.affinity = append(c.affinity, d)
	}
}

// prepareAntiAffinity looks both ways: at the pod's own terms, and at the terms of the pods that were there before.
func (c *cycle) prepareAntiAffinity() {
	own := c.pod.terms.antiAffinity
	for i := range own {
		c.antiAffinity = append(c.antiAffinity, c.members(c.selection(c.view, &own[i].matcher), own[i].topologyKey).all)
	}
	for _, h := range c.held {
		if !h.matches(c.pod.pod, c.view) {
			continue
		}
		if forbidding, _ := c.holders(h); forbidding.total > 0 {
			c.forbidden = append(c.forbidden, forbidding)
		}
	}
}

// attempt looks for a node. Either node or the failure is nil.
func (s *Scheduler) attempt(pod *corev1.Pod, view *store.View) (*nodeInfo, *cycle, *failure) {
	c := &cycle{cluster: s.cluster, view: view, written: s.written, pod: newPodInfo(pod)}
	if len(c.order) == 0 {
		return nil, c, &failure{message: "no nodes available to schedule pods", by: anyPlugin}
	}
	c.volumes.free = s.free
	if reason, by := c.prepare(); reason != "" {
		return nil, c, nowhere(len(c.order), reason, by)
	}
	feasible, failed := s.search(c)
	if len(feasible) == 0 {
		return nil, c, failed.failure(len(c.order))
	}
	return s.best(c, feasible), c, nil
}

// best returns the node with the highest score; among equals the choice decides.
func (s *Scheduler) best(c *cycle, feasible []*nodeInfo) *nodeInfo {
	if len(feasible) == 1 {
		return feasible[0]
	}
	scores := c.score(feasible)
	var top []*nodeInfo
	highest := int64(-1)
	for i, n := range feasible {
		if scores[i] > highest {
			highest, top = scores[i], top[:0]
		}
		if scores[i] == highest {
			top = append(top, n)
		}
	}
	if len(top) == 1 {
		return top[0]
	}
	slices.SortFunc(top, func(a, b *nodeInfo) int { return cmp.Compare(a.index, b.index) }) // wherever the search began
	return top[s.choose(store.KeyOf(c.pod.pod).String(), len(top))]
}
