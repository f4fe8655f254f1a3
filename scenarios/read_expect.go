package scenarios

import (
	"strings"

	"statefulsim/scenarios/words"
)

func (r *reader) readExpectations(n *node) {
	for _, item := range r.list(n, "expectations") {
		if r.mapping(item, "an expectation", "name", "finally", "at", "that", "always", "never", "eventually", "by") {
			r.scenario.Expect = append(r.scenario.Expect, r.expectation(item))
		}
	}
}

func (r *reader) expectation(n *node) Expectation {
	e := Expectation{Pos: r.pos(n)}
	var condition *node
	for _, form := range []struct {
		key  string
		mode Mode
	}{{"finally", Finally}, {"that", AtInstant}, {"always", Always}, {"never", Never}, {"eventually", Eventually}} {
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
		r.wrong(n, "the expectation has no condition", "finally: EXPRESSION, or always, never, eventually, or at: 30s with that: EXPRESSION")
		return e
	}
	e.That = r.expr(condition)
	r.expectedWhen(n, &e)
	if v := n.value("name"); v != nil {
		e.Name = r.line(v)
	} else if e.That != nil {
		e.Name = string(e.Mode) + " " + strings.Join(strings.Fields(words.Printable(e.That.text)), " ")
	}
	return e
}

// expectedWhen reads the instants that belong to some of the modes.
func (r *reader) expectedWhen(n *node, e *Expectation) {
	at, by := n.value("at"), n.value("by")
	switch {
	case e.Mode == AtInstant && at == nil:
		r.wrong(n, "the expectation does not say at which instant", "at: 30s")
	case e.Mode != AtInstant && at != nil:
		r.wrong(at, "at does not go with "+string(e.Mode), "at: 30s goes with that: EXPRESSION")
	case e.Mode != Eventually && by != nil:
		r.wrong(by, "by does not go with "+string(e.Mode), "by: 60s goes with eventually: EXPRESSION")
	}
	e.At, e.By = r.duration(at), r.duration(by)
	for _, v := range []*node{at, by} {
		if v != nil && max(e.At, e.By) > r.scenario.For && r.scenario.For > 0 {
			r.wrong(v, "the instant lies after the end of the run, which is at "+r.scenario.For.String(), "")
		}
	}
}
