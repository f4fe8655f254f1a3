package explore

import (
	"fmt"
	"maps"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"statefulsim/scenarios"
	"statefulsim/sim/engine"
)

// configure draws what the world is made of: how many replicas each set has, and in which order they come, how many nodes there are
// in each zone, and how long things take.
func configure(s *scenarios.Scenario, seed uint64) {
	dice := &drawer{engine.NewDice(seed)}
	s.Objects = slices.Clone(s.Objects)
	most := 0
	for i := range s.Objects {
		if set, is := s.Objects[i].Object.(*appsv1.StatefulSet); is {
			set = configured(dice, set)
			s.Objects[i].Object, most = set, max(most, replicas(set))
		}
	}
	s.Cluster.Nodes = slices.Clip(s.Cluster.Nodes)
	for range dice.below("nodes", 3) {
		double(&s.Cluster)
	}
	for len(s.Cluster.Nodes) < most {
		double(&s.Cluster) // pods that keep apart from each other need a node each
	}
	s.Latencies = maps.Clone(s.Latencies)
	if s.Latencies == nil {
		s.Latencies = map[string]scenarios.Distribution{}
	}
	for _, t := range timings {
		if dice.below("other "+t.hop, 3) == 0 {
			least := dice.duration("latency of "+t.hop, t.least, t.most)
			s.Latencies[t.hop] = scenarios.Uniform(least, 2*least)
		}
	}
}

// double gives each node a twin in its zone.
func double(c *scenarios.Cluster) {
	for _, n := range c.Nodes {
		n.Name = fmt.Sprintf("more-%d", len(c.Nodes))
		c.Nodes = append(c.Nodes, n)
	}
}

// timings are the hops that differ most from cluster to cluster, and between which bounds: not so slow that raft with its usual
// timeouts could not elect, or that a startup probe of the usual length would end a process again and again.
var timings = []struct {
	hop         string
	least, most time.Duration
}{
	{"watch", time.Millisecond, time.Second}, {"apiCall", time.Millisecond, time.Second}, {"reconcile", time.Millisecond, 2 * time.Second},
	{"attach", 100 * time.Millisecond, time.Minute}, {"detach", 100 * time.Millisecond, time.Minute},
	{"imagePull", 100 * time.Millisecond, time.Minute}, {"processStart", 100 * time.Millisecond, 10 * time.Second},
	{"processStop", 10 * time.Millisecond, 20 * time.Second}, {"networkZones", time.Millisecond, 30 * time.Millisecond},
	{"disk", time.Millisecond, 20 * time.Millisecond},
}

// configured returns a set with other replicas and another order.
func configured(dice *drawer, set *appsv1.StatefulSet) *appsv1.StatefulSet {
	set = set.DeepCopy()
	if n := 1 + dice.below("replicas", 5); n > replicas(set) { // fewer would leave targets without a pod
		set.Spec.Replicas = new(int32(n))
	}
	set.Spec.PodManagementPolicy = appsv1.OrderedReadyPodManagement
	if dice.below("policy", 2) == 0 {
		set.Spec.PodManagementPolicy = appsv1.ParallelPodManagement
	}
	return set
}
