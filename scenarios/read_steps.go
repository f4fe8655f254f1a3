package scenarios

import (
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios/words"
)

// stepTimes are the keys of a step that say when it begins.
var stepTimes = []string{"at", "when", "follows"}

// readSteps reads the list of steps, and takes apart those that hold others.
func (r *reader) readSteps(n *node) {
	plans := planned(r.list(n, "steps"), "step ")
	for _, p := range plans {
		r.nameStep(p)
	}
	for _, p := range plans {
		if r.fits(p.n, &stepForm) {
			r.composed(p, r.moment(p.n))
		}
	}
	r.settleFollows()
}

// plain reads a step that holds no others, and begins at that moment.
func (r *reader) plain(p *stepPlan, from moment) {
	n := p.n
	s := Step{Name: p.name, At: from.at, When: from.when, After: from.after, Optional: p.optional, Pos: n.pos()}
	var does []string
	for _, k := range n.keys {
		if slices.Contains(actionNames(), k.name) {
			does = append(does, k.name)
		}
	}
	switch len(does) {
	case 0:
		r.wrong(n, "the step does nothing", "give it one of: "+words.OneOf(append(actionNames(), "sequence", "parallel")))
		return
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
		return
	}
	r.stepLength(n, &s)
	r.repetition(n, &s)
	r.addStep(p, s, from)
}

// moment is when a step begins: at an instant, or when a condition holds, or when others are over, and then so much later.
type moment struct {
	at      time.Duration
	when    *Expr
	follows []*stepPlan
	after   time.Duration
}

// later is the moment so much after m.
func (m moment) later(by time.Duration) moment {
	if m.when == nil && m.follows == nil {
		m.at += by
	} else {
		m.after += by
	}
	return m
}

// moment reads when a step of the list begins.
func (r *reader) moment(n *node) (m moment) {
	var given []*node
	var keys []string
	for _, key := range stepTimes {
		if v := n.value(key); v != nil {
			given, keys = append(given, v), append(keys, key)
		}
	}
	switch {
	case len(given) == 0:
		r.wrong(n, "the step does not say when it comes", "at: 20s, or when: 'set.mysql.readyReplicas == 3', or follows: the name of another step")
		return m
	case len(given) > 1:
		r.wrong(given[1], "the step has both "+keys[0]+" and "+keys[1], "keep one of them")
		return m
	}
	after := n.value("after")
	switch keys[0] {
	case "when":
		return moment{when: r.expr(given[0]), after: r.duration(after)}
	case "follows":
		return moment{follows: r.stepsNamed(given[0]), after: r.duration(after)}
	}
	if after != nil {
		r.wrong(after, "after means nothing with at", "add it to at")
	}
	return moment{at: r.instant(given[0])}
}

// instant reads the instant at which a step begins.
func (r *reader) instant(n *node) time.Duration {
	if d, err := time.ParseDuration(n.text); err == nil && d < 0 {
		r.wrong(n, "the step lies in the past: "+d.String()+" is before the run begins", "at counts from the beginning of the run")
		return 0
	}
	d := r.duration(n)
	r.withinRun(n, d)
	return d
}

// withinRun refuses a step that would come when the run is over.
func (r *reader) withinRun(n *node, at time.Duration) {
	if at >= r.scenario.For && r.scenario.For > 0 {
		r.wrong(n, "the step comes at "+at.String()+", and the run ends at "+r.scenario.For.String(), "let it come earlier, or the run be longer")
	}
}

// stepsNamed reads the name of a step, or a list of them.
func (r *reader) stepsNamed(n *node) (found []*stepPlan) {
	names := []*node{n}
	if n.kind == sequence {
		names = n.values
	}
	for _, v := range names {
		name := r.str(v)
		if problem, cure := missing("step", name, r.known.steps); problem != "" {
			r.wrong(v, problem, cure)
			continue
		}
		found = append(found, r.known.plans[name])
	}
	return found
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
	if kind := kindOfAction(s.Do); kind != nil && !kind.Lasts {
		r.wrong(v, "what the step does takes no time", "for belongs to kubectl and to faults that last, such as partition or crash")
	}
	s.For = r.positive(v)
}

// oftenest is how often a step can come at most.
const oftenest = time.Millisecond

// repetition reads how often a step comes, and until when.
func (r *reader) repetition(n *node, s *Step) {
	every, until := n.value("every"), n.value("until")
	if every == nil {
		if until != nil {
			r.wrong(until, "until means nothing without every", "for says how long a fault lasts")
		}
		return
	}
	s.Every = r.positive(every)
	switch {
	case s.Every > 0 && s.Every < oftenest:
		r.wrong(every, "the step comes more often than every "+oftenest.String(), "let it come less often")
	case s.Every > 0 && s.Every <= s.For:
		r.wrong(every, "the step comes every "+s.Every.String()+", and what it does lasts "+s.For.String(), "let every be longer than for")
	}
	if until == nil {
		return
	}
	s.Until = r.positive(until)
	if s.Until > 0 && s.Until <= s.At {
		r.wrong(until, "the step is to come until "+s.Until.String()+", and it begins at "+s.At.String(), "until is an instant of the run")
	}
}
