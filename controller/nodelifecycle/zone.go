package nodelifecycle

import (
	"cmp"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// zoneState is how much of a zone is left (pkg/controller/nodelifecycle/node_lifecycle_controller.go:ZoneState).
type zoneState uint8

const (
	initial zoneState = iota
	normal
	partialDisruption // more than two nodes and 55 % of them are not Ready
	fullDisruption    // no node is Ready
)

// zone is the queue of a zone's nodes that are to get a NoExecute taint, with the rate at which they may
// (pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go:RateLimitedTimedQueue).
type zone struct {
	state    zoneState
	up, down int       // the nodes that this pass found Ready, and those that it did not
	rate     float64   // nodes per second; 0 is none at all
	token    time.Time // when the next node may be tainted; the bucket holds one token
	queue    []queued  // in the order of their times
	// handled holds the nodes that went through the queue, or are in it: a node is queued once until it is removed.
	handled map[string]bool
}

type queued struct {
	node string
	at   time.Time
}

func newZone() *zone { return &zone{rate: evictionRate, handled: map[string]bool{}} }

// zoneKey names a zone.
type zoneKey struct{ region, zone string }

func (k zoneKey) compare(other zoneKey) int {
	return cmp.Or(strings.Compare(k.region, other.region), strings.Compare(k.zone, other.zone))
}

// zoneOf names the zone of a node (component-helpers node/topology/helpers.go:GetZoneKey). The labels from before 1.17 come
// first.
func zoneOf(node *corev1.Node) zoneKey {
	label := func(beta, stable string) string {
		if v, ok := node.Labels[beta]; ok {
			return v
		}
		return node.Labels[stable]
	}
	return zoneKey{
		region: label(corev1.LabelFailureDomainBetaRegion, corev1.LabelTopologyRegion),
		zone:   label(corev1.LabelFailureDomainBetaZone, corev1.LabelTopologyZone),
	}
}

func (z *zone) add(node string, now time.Time) {
	if !z.handled[node] {
		z.handled[node] = true
		z.queue = append(z.queue, queued{node: node, at: now})
	}
}

// remove takes a node out, so that it can be added again.
func (z *zone) remove(node string) {
	delete(z.handled, node)
	for i := range z.queue {
		if z.queue[i].node == node {
			z.queue = append(z.queue[:i:i], z.queue[i+1:]...)
			return
		}
	}
}

// due tells when the queue's head may be tainted; ok is false if there is none, or the zone taints nothing.
func (z *zone) due() (at time.Time, ok bool) {
	if len(z.queue) == 0 || z.rate == 0 {
		return time.Time{}, false
	}
	at = z.queue[0].at
	if z.token.After(at) {
		at = z.token
	}
	return at, true
}

// accept takes the zone's token if it has one (client-go util/flowcontrol/throttle.go: a token bucket of size 1).
func (z *zone) accept(now time.Time) bool {
	if z.rate == 0 || now.Before(z.token) {
		return false
	}
	z.token = now.Add(period(z.rate))
	return true
}

func period(rate float64) time.Duration { return time.Duration(float64(time.Second) / rate) }

// swap changes the zone's rate. A bucket that was empty is replaced by an empty one
// (rate_limited_queue.go:SwapLimiter).
func (z *zone) swap(rate float64, now time.Time) {
	if z.rate == rate {
		return
	}
	full := z.accept(now)
	z.rate, z.token = rate, time.Time{}
	if rate > 0 && !full {
		z.token = now.Add(period(rate))
	}
}

// drain taints the nodes whose turn it is: taint is given each and says whether it is done with; otherwise the node is
// tried again 50 ms later (rate_limited_queue.go:Try).
func (z *zone) drain(now time.Time, taint func(node string) (done bool)) {
	for len(z.queue) > 0 && z.accept(now) {
		head := z.queue[0]
		if now.Before(head.at) {
			return
		}
		z.queue = z.queue[1:]
		if !taint(head.node) {
			z.queue = append(z.queue, queued{node: head.node, at: now.Add(50 * time.Millisecond)})
		}
	}
}

// count takes in the condition Ready of one of the zone's nodes.
func (z *zone) count(ready corev1.ConditionStatus) {
	if ready == corev1.ConditionTrue {
		z.up++
	} else {
		z.down++
	}
}

// disruption judges a zone by its nodes' Ready conditions (node_lifecycle_controller.go:ComputeZoneState).
func (z *zone) disruption() zoneState {
	switch {
	case z.up == 0 && z.down > 0:
		return fullDisruption
	case z.down > 2 && float64(z.down)/float64(z.up+z.down) >= unhealthyThreshold:
		return partialDisruption
	}
	return normal
}

// rateIn is how many nodes per second may be tainted in a zone of that size and state
// (node_lifecycle_controller.go:setLimiterInZone, ReducedQPSFunc).
func rateIn(state zoneState, size int) float64 {
	switch {
	case state != partialDisruption:
		return evictionRate
	case size > largeZone:
		return secondaryEvictionRate
	}
	return 0
}
