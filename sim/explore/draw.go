package explore

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"statefulsim/scenarios"
	"statefulsim/sim/engine"
)

// The bounds of what is drawn. A world that is healed must be well within patience, which is longer than the slowest of
// Kubernetes' timers: the six minutes until a volume is detached by force, the five of evictions and of back-offs.
const (
	mostSteps   = 6
	longestGap  = 20 * time.Second
	longestLast = time.Minute
	patience    = 15 * time.Minute
	horizon     = 45 * time.Minute
)

// stage is the scenario that faults are drawn for, and what can be hit in it.
type stage struct {
	base    *scenarios.Scenario
	settled *scenarios.Expr
	kinds   []scenarios.ActionKind
	targets map[string][]string // by the type of a field
	choices []command           // what somebody with kubectl may do
}

// settled is the condition that begins a schedule of faults: everything that is wanted is there.
const settled = "sets.all(s, s.readyReplicas == s.replicas)"

func newStage(base *scenarios.Scenario, faults []string) (*stage, error) {
	condition, err := scenarios.Condition(settled)
	if err != nil {
		return nil, err
	}
	s := &stage{base: base, settled: condition, targets: map[string][]string{}}
	for _, kind := range scenarios.Actions() {
		if slices.Contains(faults, kind.Key) && (kind.Key != "timers" || len(s.groups()) > 0) {
			s.kinds = append(s.kinds, kind)
		}
	}
	s.collectTargets()
	if slices.Contains(faults, kubectlSteps) {
		s.choices = commands(base, s.named())
	}
	return s, nil
}

// collectTargets lists what the fields of faults can name in this scenario.
func (s *stage) collectTargets() {
	var pods, machines, places []string
	for _, m := range s.base.Objects {
		set, is := m.Object.(*appsv1.StatefulSet)
		if !is {
			continue
		}
		for i := range replicas(set) {
			pods = append(pods, fmt.Sprintf("%s-%d", set.Name, i+firstOrdinal(set)))
		}
		if runs := s.base.Runs[set.Name]; runs.Leads() {
			pods = append(pods, "the primary of "+set.Name, "a replica of "+set.Name, "the pods of "+set.Name)
			machines = append(machines, "the node of the primary of "+set.Name, "the nodes of "+set.Name)
			places = append(places, "the primary of "+set.Name)
		}
	}
	zones := map[string]bool{}
	for _, n := range s.base.Cluster.Nodes {
		machines = append(machines, "node "+n.Name)
		if n.Zone != "" && !zones[n.Zone] {
			zones[n.Zone] = true
			machines = append(machines, "zone "+n.Zone)
		}
	}
	for _, c := range s.base.Clients {
		places = append(places, "client "+c.Name)
	}
	s.targets["pods"], s.targets["machines"] = pods, machines
	s.targets["places"] = slices.Concat(places, machines, pods, []string{"the control plane"})
}

// groups lists the sets whose pods run raft.
func (s *stage) groups() (sets []string) {
	for _, m := range s.base.Objects {
		if set, is := m.Object.(*appsv1.StatefulSet); is && s.base.Runs[set.Name].Kind == scenarios.Raft {
			sets = append(sets, set.Name)
		}
	}
	return sets
}

func replicas(set *appsv1.StatefulSet) int {
	if set.Spec.Replicas == nil {
		return 1
	}
	return int(*set.Spec.Replicas)
}

func firstOrdinal(set *appsv1.StatefulSet) int {
	if set.Spec.Ordinals == nil {
		return 0
	}
	return int(set.Spec.Ordinals.Start)
}

// draw makes the scenario of a seed: the base without its own steps and without what it expects of them, and a schedule of faults
// that are all healed, with the judgement that the world recovers.
func (s *stage) draw(seed uint64) *scenarios.Scenario {
	dice := &drawer{engine.NewDice(seed)}
	drawn := *s.base
	drawn.For, drawn.Recovers, drawn.Steps, drawn.Breaks, drawn.Links = horizon, patience, nil, nil, nil
	drawn.Expect = slices.DeleteFunc(slices.Clone(s.base.Expect), func(e scenarios.Expectation) bool {
		return e.Mode != scenarios.Always && e.Mode != scenarios.Never
	})
	drawn.Clients, drawn.Runs = steady(s.base.Clients), unhurried(s.base.Runs)
	after, taken := time.Duration(0), false
	for i := range 1 + dice.below("steps", mostSteps) {
		if taken && !s.harmsOtherwise() {
			break
		}
		after += dice.duration("gap", time.Millisecond, longestGap)
		step := s.step(dice, taken)
		step.Name, step.After = fmt.Sprintf("f%d", i+1), after
		taken = taken || takesPods(step.Do)
		drawn.Steps = append(drawn.Steps, step)
	}
	drawn.Steps = append(drawn.Steps, s.undoing(drawn.Steps)...)
	return &drawn
}

// steady returns the clients as they are for a search: all the time, and at a pace that leaves time for more runs.
func steady(clients []scenarios.Client) []scenarios.Client {
	const pace = 1 // operations a second
	clients = slices.Clone(clients)
	for i := range clients {
		clients[i].From, clients[i].Until, clients[i].Rate = 0, 0, min(clients[i].Rate, pace)
	}
	return clients
}

// unhurried returns the processes as they are for a search. With raft's own commit timeout of 50 ms two thirds of all that happens
// is that idle leaders repeat their commit index, which leaves time for fewer runs. Entries are sent at once all the same.
func unhurried(runs map[string]scenarios.Process) map[string]scenarios.Process {
	const commit = 250 * time.Millisecond
	runs = maps.Clone(runs)
	for set, is := range runs {
		if is.Kind == scenarios.Raft {
			is.CommitTimeout = cmp.Or(is.CommitTimeout, commit)
			runs[set] = is
		}
	}
	return runs
}

// step draws one fault, or one command unless pods were taken away already. What has no target when it comes is left out.
//
// A database whose pods are Ready only while a majority runs, in a set that makes its pods in their order, may not come back
// when several of its pods are taken away at once: the first is not Ready without the others, and those are not made before it is.
// That is the manifest's fault, and known well enough.
func (s *stage) step(dice *drawer, taken bool) scenarios.Step {
	step := scenarios.Step{When: s.settled, Optional: true}
	known := len(s.kinds)
	if len(s.choices) > 0 {
		known += len(forms)
	}
	for {
		kind := dice.below("kind", known)
		if kind >= len(s.kinds) {
			step.Do, step.For = kubectlLine(s.command(dice, forms[kind-len(s.kinds)]).line), 0
		} else {
			step.Do, step.For = s.action(dice, s.kinds[kind]), 0
			if s.kinds[kind].Lasts {
				step.For = dice.duration("for", 500*time.Millisecond, longestLast)
			}
		}
		if !taken || !takesPods(step.Do) {
			return step
		}
	}
}

// harmsOtherwise tells whether there are faults to draw that take no pods away.
func (s *stage) harmsOtherwise() bool {
	return slices.ContainsFunc(s.kinds, func(k scenarios.ActionKind) bool { return k.Key != "evict" })
}

// takesPods tells whether an action takes pods away, so that others have to be made.
func takesPods(do scenarios.Action) bool {
	_, command := do.(scenarios.Kubectl)
	_, evicts := do.(scenarios.Evict)
	return command || evicts
}

// named are the pods that a command can name.
func (s *stage) named() []string {
	return slices.DeleteFunc(slices.Clone(s.targets["pods"]), func(t string) bool { return strings.Contains(t, " ") })
}

// action draws the fields of an action: those that are required, and each of the others half of the time.
func (s *stage) action(dice *drawer, kind scenarios.ActionKind) scenarios.Action {
	for {
		values := map[string]string{}
		for _, f := range kind.Fields {
			if f.Required || f.Type == "places" && f.Key == "to" || f.Type != "container" && f.Key != "except" && dice.below("has "+f.Key, 2) == 0 {
				values[f.Key] = s.field(dice, kind.Key, f)
			}
		}
		if a, err := kind.Make(values); err == nil {
			return a
		}
	}
}

// field draws the text of a field.
func (s *stage) field(dice *drawer, key string, f scenarios.Field) string {
	switch f.Type {
	case "pods", "machines", "places":
		return dice.oneOf("target", s.targets[f.Type])
	case "set":
		return dice.oneOf("set", s.groups())
	case "component":
		return dice.oneOf("component", scenarios.Components())
	case "duration":
		return dice.duration("by", 10*time.Millisecond, longestLast/2).String()
	case "probability":
		return dice.oneOf("probability", []string{"0.01", "0.1", "0.5"})
	case "bytes":
		return dice.oneOf("bytes", []string{"2000", "20000", "200000"})
	case "boolean":
		return strconv.FormatBool(dice.below("boolean", 2) == 0)
	}
	switch {
	case key == "disk" && f.Key == "fault":
		return dice.oneOf("fault", []string{"full", "readOnly", "slow"}) // the others take what raft relies on
	case len(f.OneOf) > 0:
		return dice.oneOf("word", f.OneOf)
	}
	return "*"
}

// drawer draws from the dice of a seed.
type drawer struct{ dice *engine.Dice }

// below draws a number from 0 to n-1.
func (d *drawer) below(purpose string, n int) int { return d.dice.Choose("explore", purpose, n) }

func (d *drawer) oneOf(purpose string, of []string) string { return of[d.below(purpose, len(of))] }

// duration draws from a range of which each order of magnitude is as likely as every other, in whole milliseconds.
func (d *drawer) duration(purpose string, least, most time.Duration) time.Duration {
	for 2*least < most && d.below(purpose+" doubled", 5) > 0 {
		least *= 2
	}
	return (least + time.Duration(d.dice.Throw("explore", purpose)%uint64(least))).Round(time.Millisecond)
}
