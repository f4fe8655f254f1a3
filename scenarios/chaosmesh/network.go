package chaosmesh

import (
	"strconv"

	"statefulsim/scenarios"
)

// side is one side of a fault of the network.
type side struct {
	pods    []selector
	outside []string // names or addresses that are no pods
	rest    bool     // all that is not on the other side
}

// apiServer is the name by which pods reach the API server.
const apiServer = "kubernetes.default.svc"

// sideOf finds a side; known is false if it cannot be said, which is then noted.
func (x *export) sideOf(p *placed, t scenarios.Target) (s side, known bool) {
	switch t.Kind {
	case scenarios.TargetRest:
		return side{rest: true}, true
	case scenarios.TargetControlPlane:
		return side{outside: []string{apiServer}}, true
	}
	gaps := len(x.gaps)
	s.pods = x.pods(p, t)
	for _, g := range x.gaps[gaps:] {
		if !g.Partly {
			return s, false
		}
	}
	if onlyMachines(t) {
		x.partly(p, "pods alone are hit: what uses the network of a machine itself, as kubelets do, is not", "a rule of the machine's firewall")
	}
	return s, true
}

// onlyMachines tells whether a target means machines, with all on them.
func onlyMachines(t scenarios.Target) bool {
	switch t.Kind {
	case scenarios.TargetNode, scenarios.TargetNodeOf, scenarios.TargetNodesOf, scenarios.TargetNodesWith, scenarios.TargetEveryNode,
		scenarios.TargetZone, scenarios.TargetZoneOf:
		return true
	}
	for _, of := range t.Among {
		if onlyMachines(of) {
			return true
		}
	}
	return false
}

// links are the experiments between two sides: one for each selector of the one and each of the other. The direction is "to" or
// "both", as the first side sees it.
func (x *export) links(p *placed, a, b side, direction string, what object) (all []experiment) {
	if len(a.pods) == 0 {
		a, b = b, a
		if direction == "to" {
			direction = "from"
		}
	}
	if len(a.pods) == 0 {
		x.gap(p, "neither side is made of pods", "a rule of the firewall between the machines")
		return nil
	}
	for _, source := range a.pods {
		spec := append(append(object{}, what...), source.fields()...)
		if b.rest || len(b.outside) > 0 {
			all = append(all, experiment{kind: "NetworkChaos", spec: x.outward(p, spec, direction, b)})
			continue
		}
		for _, target := range b.pods {
			both := append(append(object{}, spec...), field{"direction", direction}, field{"target", target.fields()})
			all = append(all, experiment{kind: "NetworkChaos", spec: both})
		}
	}
	return all
}

// outward completes the spec of an experiment whose other side are no pods. Source: NetworkChaosSpec.Validate.
func (x *export) outward(p *placed, spec object, direction string, to side) object {
	if action := spec[0].value; action != "partition" && direction != "to" {
		x.partly(p, "netem touches only what pods send to others that are not selected as pods, and not what they receive", "")
		direction = "to"
	}
	if len(to.outside) > 0 {
		x.partly(p, "of the control plane it is the API server alone, as pods reach it", "")
	}
	return append(spec, field{"direction", direction}, field{"externalTargets", texts(to.outside...)})
}

func (x *export) partition(p *placed, a scenarios.Partition) []experiment {
	from, known := x.sideOf(p, a.From)
	to, also := x.sideOf(p, a.To)
	if !known || !also {
		return nil
	}
	if a.Except.Kind != "" {
		from, to = x.except(p, from, to, a.Except)
	}
	direction := "both"
	if a.OneWay {
		direction = "to"
	}
	return x.links(p, from, to, direction, object{{"action", "partition"}})
}

// except leaves pods out of both sides.
func (x *export) except(p *placed, from, to side, t scenarios.Target) (side, side) {
	names := podNames(t)
	if t.Kind == scenarios.TargetPod {
		names = []string{t.Name}
	}
	if len(names) == 0 || len(from.pods) == 0 || len(to.pods) == 0 {
		x.partly(p, quotedTarget(t)+" is cut off as the others are", "name pods on both sides, and in except")
		return from, to
	}
	for _, s := range []*side{&from, &to} {
		var left []selector
		for _, pods := range s.pods {
			if rest, there := pods.without(names); there {
				left = append(left, rest)
			}
		}
		s.pods = left
	}
	return from, to
}

func (x *export) degrade(p *placed, a scenarios.Degrade) []experiment {
	from, known := x.sideOf(p, a.From)
	to, also := x.sideOf(p, a.To)
	if !known || !also {
		return nil
	}
	what := object{{"action", "netem"}}
	if a.Latency > 0 || a.Jitter > 0 || a.Reorder > 0 {
		what = append(what, field{"delay", x.delay(p, a)})
	}
	if a.Loss > 0 {
		what = append(what, field{"loss", object{{"loss", percent(a.Loss)}, {"correlation", "0"}}})
	}
	if a.Duplicate > 0 {
		what = append(what, field{"duplicate", object{{"duplicate", percent(a.Duplicate)}, {"correlation", "0"}}})
	}
	if a.Bandwidth > 0 {
		what = append(what, field{"rate", object{{"rate", strconv.FormatInt(a.Bandwidth, 10) + "bps"}}})
	}
	return x.links(p, from, to, "both", what)
}

// delay writes latency and jitter. In the scenario jitter adds up to so much, and netem varies by so much to both sides: the middle
// is the same.
func (x *export) delay(p *placed, a scenarios.Degrade) object {
	delay := object{{"latency", length(a.Latency + a.Jitter/2)}, {"jitter", length(a.Jitter / 2)}, {"correlation", "0"}}
	if a.Reorder > 0 {
		if a.Latency == 0 {
			x.partly(p, "packets overtake only those that are delayed, and there is no latency", "give the step a latency")
		}
		delay = append(delay, field{"reorder", object{{"reorder", percent(a.Reorder)}, {"correlation", "0"}, {"gap", 1}}})
	}
	return delay
}

// percent writes a probability as Chaos Mesh reads it: 0 to 100, as a text.
func percent(probability float64) string { return strconv.FormatFloat(probability*100, 'f', -1, 64) }
