package scenarios

import (
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios/words"
)

func (r *reader) readExpectations(n *node) {
	for _, item := range r.list(n, "expectations") {
		if r.fits(item, &expectationForm) {
			r.scenario.Expect = append(r.scenario.Expect, r.expectation(item))
		}
	}
}

// expectation reads one expectation, which has one of the keys that name a mode.
func (r *reader) expectation(n *node) Expectation {
	e := Expectation{Pos: n.pos()}
	var condition *node
	for _, form := range []struct {
		key  string
		mode Mode
	}{{"finally", Finally}, {"that", AtInstant}, {"always", Always}, {"never", Never}, {"eventually", Eventually}, {"inOrder", InOrder}} {
		v := n.value(form.key)
		switch {
		case v == nil:
		case condition != nil:
			r.wrong(v, "the expectation has two conditions", "make two expectations of it")
			return e
		default:
			condition, e.Mode = v, form.mode
		}
	}
	if condition == nil {
		r.wrong(n, "the expectation has no condition", "finally: EXPRESSION, or always, never, eventually, inOrder, or at: 30s with that: EXPRESSION")
		return e
	}
	if e.Mode == InOrder {
		e.Order = r.order(condition)
	} else {
		e.That = r.expr(condition)
	}
	r.expectedWhen(n, &e)
	if v := n.value("name"); v != nil {
		e.Name = r.line(v)
	} else {
		e.Name = e.called()
	}
	return e
}

// order reads the conditions that come one after the other.
func (r *reader) order(n *node) (conditions []*Expr) {
	for _, item := range r.list(n, "the conditions of inOrder") {
		conditions = append(conditions, r.expr(item))
	}
	if (n.kind == sequence || n.kind == null) && len(conditions) < 2 {
		r.wrong(n, "an order needs two conditions", "inOrder: [EXPRESSION, EXPRESSION]")
	}
	return conditions
}

// called is what an expectation without a name is called.
func (e *Expectation) called() string {
	var texts []string
	for _, condition := range e.Conditions() {
		if condition != nil {
			texts = append(texts, strings.Join(strings.Fields(words.Printable(condition.text)), " "))
		}
	}
	return string(e.Mode) + " " + strings.Join(texts, ", then ")
}

// expectedWhen reads the instants that belong to some of the modes.
func (r *reader) expectedWhen(n *node, e *Expectation) {
	for _, k := range []struct {
		key   string
		modes []Mode
		cure  string
	}{
		{"at", []Mode{AtInstant}, "at: 30s goes with that: EXPRESSION"},
		{"by", []Mode{Eventually, InOrder}, "by: 60s goes with eventually: EXPRESSION, and with inOrder"},
		{"from", []Mode{Always, Never}, "from: 30s goes with always: EXPRESSION, and with never"},
		{"until", []Mode{Always, Never}, "until: 60s goes with always: EXPRESSION, and with never"},
		{"after", []Mode{Always, Never, Eventually, InOrder}, "after: STEP goes with always, never, eventually and inOrder"},
		{"within", []Mode{Always, Never, Eventually, InOrder}, "within: 30s goes with always, never, eventually and inOrder"},
	} {
		if v := n.value(k.key); v != nil && !slices.Contains(k.modes, e.Mode) {
			r.wrong(v, k.key+" does not go with "+string(e.Mode), k.cure)
		}
	}
	if e.Mode == AtInstant && n.value("at") == nil {
		r.wrong(n, "the expectation does not say at which instant", "at: 30s")
	}
	r.stretch(n, e)
	e.At = r.judgedAt(n.value("at"))
}

// stretch reads in which part of the run an expectation is judged.
func (r *reader) stretch(n *node, e *Expectation) {
	e.From = r.judgedAt(n.value("from"))
	e.Until = max(r.judgedAt(n.value("until")), r.judgedAt(n.value("by")))
	if e.Until > 0 && e.From >= e.Until {
		r.wrong(n.value("from"), "the expectation is judged from "+e.From.String()+" until "+e.Until.String(), "let it begin before it ends")
	}
	after, within := n.value("after"), n.value("within")
	if after != nil {
		for _, p := range r.stepsNamed(after) {
			for _, i := range p.steps {
				e.After = append(e.After, r.scenario.Steps[i].Name)
			}
		}
		if from := n.value("from"); from != nil {
			r.wrong(from, "the expectation has both after and from", "keep one of them")
		}
	}
	if within == nil {
		return
	}
	e.Within = r.positive(within)
	if after == nil {
		r.wrong(within, "within does not say of what", "after: STEP says from when on; an instant of the run is by: 60s, or until: 60s")
	}
}

// judgedAt reads an instant at which an expectation can be judged.
func (r *reader) judgedAt(n *node) time.Duration {
	d := r.duration(n)
	if n != nil && d > r.scenario.For && r.scenario.For > 0 {
		r.wrong(n, "the instant lies after the end of the run, which is at "+r.scenario.For.String(), "")
	}
	return d
}
