package scenarios

import (
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios/words"
)

// actionNames are the keys of a step that say what it does; exactly one of them stands in a step.
var actionNames = []string{"kill", "kubectl", "crash", "reboot", "partition", "hold", "degrade", "heal"}

func (r *reader) readSteps(n *node) {
	items := r.list(n, "steps")
	for _, item := range items {
		if v := item.value("name"); v != nil {
			name := r.name(v, "a step")
			switch {
			case name == "all":
				r.wrong(v, `no step can be named "all"`, `"heal: all" means every step`)
			case name != "" && slices.Contains(r.known.steps, name):
				r.wrong(v, "two steps are named "+words.Quoted(name), "give each its own name")
			}
			r.known.steps = append(r.known.steps, name)
		}
	}
	for _, item := range items {
		if r.mapping(item, "a step", append([]string{"name", "at", "when", "after", "for", "fails"}, actionNames...)...) {
			r.scenario.Steps = append(r.scenario.Steps, r.step(item))
		}
	}
}

func (r *reader) step(n *node) Step {
	s := Step{Pos: r.pos(n)}
	if v := n.value("name"); v != nil {
		s.Name = v.text
	}
	r.stepTime(n, &s)
	var does []string
	for _, k := range n.keys {
		if slices.Contains(actionNames, k.name) {
			does = append(does, k.name)
		}
	}
	switch len(does) {
	case 0:
		r.wrong(n, "the step does nothing", "give it one of: "+words.OneOf(actionNames))
		return s
	case 1:
		s.Do = r.action(does[0], n)
		if v := n.value("fails"); v != nil {
			s.Fails = r.str(v)
			if does[0] != "kubectl" {
				r.wrong(v, "only a kubectl command can be expected to fail", "leave it out")
			}
		}
	default:
		r.wrong(n, "the step does several things: "+strings.Join(does, ", "), "make a step of each")
		return s
	}
	r.stepLength(n, &s)
	return s
}

func (r *reader) stepTime(n *node, s *Step) {
	at, when, after := n.value("at"), n.value("when"), n.value("after")
	switch {
	case at != nil && when != nil:
		r.wrong(when, "the step has both at and when", "keep one of them")
		return
	case at == nil && when == nil:
		r.wrong(n, "the step does not say when it comes", "at: 20s, or when: 'set.mysql.readyReplicas == 3'")
		return
	case after != nil && when == nil:
		r.wrong(after, "after means nothing without when", "add it to at")
	}
	if when != nil {
		s.When, s.After = r.expr(when), r.duration(after)
		return
	}
	if d, err := time.ParseDuration(at.text); err == nil && d < 0 {
		r.wrong(at, "the step lies in the past: "+d.String()+" is before the run begins", "at counts from the beginning of the run")
		return
	}
	if s.At = r.duration(at); s.At >= r.scenario.For && r.scenario.For > 0 {
		r.wrong(at, "the step comes at "+s.At.String()+", and the run ends at "+r.scenario.For.String(), "let it come earlier, or the run be longer")
	}
}

// usualReboot is how long a machine is down for a reboot of which the scenario says nothing else.
const usualReboot = time.Minute

// stepLength reads how long a fault lasts, for those that last.
func (r *reader) stepLength(n *node, s *Step) {
	v := n.value("for")
	if v == nil {
		if _, is := s.Do.(Reboot); is {
			s.For = usualReboot
		}
		return
	}
	switch s.Do.(type) {
	case Partition, Hold, Degrade, Crash, Reboot, Kubectl:
	default:
		r.wrong(v, "what the step does takes no time", "for belongs to partition, hold, degrade, crash, reboot and kubectl")
	}
	s.For = r.positive(v)
}

func (r *reader) action(name string, step *node) Action {
	n := step.value(name)
	switch name {
	case "kill":
		return r.kill(n)
	case "kubectl":
		return r.kubectl(n, step.value("fails") != nil)
	case "crash":
		return Crash{Target: r.target(n, machines...)}
	case "reboot":
		return Reboot{Target: r.target(n, machines...)}
	case "partition":
		r.mapping(n, "a partition", "from", "to", "oneWay")
		from, to := r.sides(n)
		return Partition{From: from, To: to, OneWay: r.boolean(n.value("oneWay"))}
	case "hold":
		r.mapping(n, "a hold", "from", "to")
		from, to := r.sides(n)
		return Hold{From: from, To: to}
	case "degrade":
		return r.degrade(n)
	}
	return r.heal(n)
}

func (r *reader) kill(n *node) Action {
	if n.kind != mapping {
		return Kill{Target: r.target(n, podTargets...)}
	}
	r.mapping(n, "a kill", "target", "container")
	target := r.required(n, "a kill", "target", "kill: the primary of mysql")
	if target == nil {
		return Kill{}
	}
	k := Kill{Target: r.target(target, podTargets...)}
	if v := n.value("container"); v != nil {
		k.Container = r.str(v)
		var known []string
		for _, set := range sortedKeys(r.known.sets) {
			known = append(known, containers(r.known.sets[set])...)
		}
		if problem, cure := missing("container", k.Container, known); problem != "" {
			r.wrong(v, problem, cure)
		}
	}
	return k
}

// sides reads the two ends of the links that a fault is about. Without to, they lead to everything else.
func (r *reader) sides(n *node) (from, to Target) {
	if n.kind != mapping {
		return
	}
	if v := r.required(n, "the fault", "from", "{from: node node-a, to: everything else}"); v != nil {
		from = r.target(v, places...)
	}
	to = Target{Kind: TargetRest, Text: string(TargetRest), Pos: r.pos(n)}
	if v := n.value("to"); v != nil {
		to = r.target(v, places...)
	}
	if from.Kind == TargetRest && to.Kind == TargetRest {
		r.wrong(n, "both sides are everything else", "let one side name something")
	}
	return from, to
}

func (r *reader) degrade(n *node) Action {
	r.mapping(n, "a degradation", "from", "to", "latency", "jitter", "loss", "duplicate")
	var d Degrade
	d.From, d.To = r.sides(n)
	d.Latency, d.Jitter = r.duration(n.value("latency")), r.duration(n.value("jitter"))
	if v := n.value("loss"); v != nil {
		d.Loss = r.number(v, 0, 1)
	}
	if v := n.value("duplicate"); v != nil {
		d.Duplicate = r.number(v, 0, 1)
	}
	if n.kind == mapping && d.Latency == 0 && d.Jitter == 0 && d.Loss == 0 && d.Duplicate == 0 {
		r.wrong(n, "the degradation makes nothing worse", "give it a latency, a jitter, a loss or a duplicate above 0")
	}
	return d
}

func (r *reader) heal(n *node) Action {
	step := r.str(n)
	if step == "all" {
		return Heal{}
	}
	if problem, cure := missing("step", step, append([]string{"all"}, r.known.steps...)); problem != "" {
		r.wrong(n, problem, cure)
	}
	return Heal{Step: step}
}
