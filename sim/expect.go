package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios"
	"statefulsim/sim/engine"
)

// pending is an expectation that is not decided yet.
type pending struct {
	*scenarios.Expectation
	reads    variables
	outcome  *Outcome
	open     bool          // it is judged now: the stretch of the run in which it is has begun
	opened   time.Duration // … at this instant
	fresh    bool          // it is to be judged whatever has changed
	until    time.Duration // the last instant at which it is judged; 0: the end of the run
	deadline *engine.Event
	reached  []moment // InOrder: when the conditions held first, as far as they have
}

// moment is an instant of the run, and the last event until then.
type moment struct {
	at  time.Duration
	seq int
}

func (m moment) String() string { return fmt.Sprintf("%s, after event %d", seconds(m.at), m.seq) }

// now is the moment that is being judged.
func (j *judge) now() moment { return moment{j.w.loop.Now(), len(j.w.rec.Events)} }

// expectAll takes in what the scenario expects.
func (j *judge) expectAll() {
	w := j.w
	w.rec.Expectations = make([]Outcome, len(w.scenario.Expect))
	for i := range w.scenario.Expect {
		e := &w.scenario.Expect[i]
		p := &pending{Expectation: e, outcome: &w.rec.Expectations[i]}
		p.outcome.Name = e.Name
		for _, condition := range e.Conditions() {
			p.reads |= readsOf(condition)
		}
		j.pending = append(j.pending, p)
		switch {
		case e.Mode == scenarios.AtInstant:
			w.loop.Push(e.At, func() { j.decideAt(p) })
		case e.Mode == scenarios.Finally, len(e.After) > 0:
		case e.From > 0:
			w.loop.Push(e.From, func() { j.openStretch(p) })
		default:
			j.openStretch(p)
		}
	}
}

// openStretch begins to judge an expectation.
func (j *judge) openStretch(p *pending) {
	now := j.w.loop.Now()
	p.open, p.fresh, p.opened, p.until = true, true, now, p.Until
	if within := now + p.Within; p.Within > 0 && (p.until == 0 || within < p.until) {
		p.until = within
	}
	if p.until > 0 {
		p.deadline = j.w.loop.Push(max(p.until, now), func() {}) // so that it is judged at that instant
	}
}

// stepBegan begins to judge what is expected from that step on.
func (j *judge) stepBegan(name string) {
	for _, p := range j.pending {
		if !p.open && slices.Contains(p.After, name) {
			j.openStretch(p)
		}
	}
}

func (j *judge) judgeExpectations() {
	for i := 0; i < len(j.pending); i++ {
		p := j.pending[i]
		if !p.open {
			continue
		}
		var passed, decided bool
		var message string
		if p.fresh || j.dirty&p.reads != 0 {
			p.fresh = false
			passed, decided, message = j.look(p)
		}
		if !decided && p.until > 0 && j.w.loop.Now() >= p.until {
			decided = true
			passed, message = j.closing(p)
		}
		if decided {
			j.decide(i, passed, message)
			i--
		}
	}
}

// look judges an expectation after a step.
func (j *judge) look(p *pending) (passed, decided bool, message string) {
	switch p.Mode {
	case scenarios.Eventually:
		holds := j.holds(p.That)
		return holds, holds, ""
	case scenarios.Always:
		if !j.holds(p.That) {
			return false, true, j.saw(p.That)
		}
	case scenarios.Never:
		if j.holds(p.That) {
			return false, true, j.saw(p.That)
		}
	case scenarios.InOrder:
		return j.lookAtOrder(p)
	}
	return false, false, ""
}

// lookAtOrder sees which of the conditions hold that did not hold before. One that holds before its turn breaks the order.
func (j *judge) lookAtOrder(p *pending) (passed, decided bool, message string) {
	for len(p.reached) < len(p.Order) && j.holds(p.Order[len(p.reached)]) {
		p.reached = append(p.reached, j.now())
	}
	if len(p.reached) == len(p.Order) {
		return true, true, ""
	}
	for _, later := range p.Order[len(p.reached)+1:] {
		if j.holds(later) {
			return false, true, j.toldOrder(p) + "; " + later.String() + " held before that, at " + j.now().String()
		}
	}
	return false, false, ""
}

// toldOrder says which conditions were reached when, and why the next one does not hold.
func (j *judge) toldOrder(p *pending) string {
	var parts []string
	for i, m := range p.reached {
		parts = append(parts, p.Order[i].String()+" held first at "+m.String())
	}
	next := p.Order[len(p.reached)]
	return strings.Join(append(parts, next.String()+" has not held: "+next.Seen(facts{j.w})), "; ")
}

// closing is the verdict on an expectation that was not decided while it was judged.
func (j *judge) closing(p *pending) (passed bool, message string) {
	switch p.Mode {
	case scenarios.Always, scenarios.Never:
		return true, ""
	case scenarios.InOrder:
		return false, j.toldOrder(p)
	}
	stretch := "by " + seconds(j.w.loop.Now())
	if p.opened > 0 {
		stretch = "from " + seconds(p.opened) + " to " + seconds(j.w.loop.Now())
	}
	return false, "did not hold " + stretch + "; then, " + j.saw(p.That)
}

// saw says when a condition did not hold as it should, and the values that decided it.
func (j *judge) saw(e *scenarios.Expr) string {
	return "at " + j.now().String() + ": " + e.Seen(facts{j.w})
}

// holds judges an expression; one that cannot be judged does not hold.
func (j *judge) holds(e *scenarios.Expr) bool {
	holds, err := e.Holds(facts{j.w})
	return err == nil && holds
}

// verdict judges an expression, and says what it saw if it does not hold.
func (j *judge) verdict(e *scenarios.Expr) (bool, string) {
	if j.holds(e) {
		return true, ""
	}
	return false, j.saw(e)
}

// decide gives the i-th pending expectation its verdict.
func (j *judge) decide(i int, passed bool, message string) {
	p := j.pending[i]
	j.pending = append(j.pending[:i], j.pending[i+1:]...)
	if p.deadline != nil {
		p.deadline.Cancel()
	}
	j.conclude(p.outcome, passed, message)
}

func (j *judge) conclude(o *Outcome, passed bool, message string) {
	o.Passed, o.At, o.Message = passed, j.w.loop.Now(), message
	j.w.broken = j.w.broken || !passed
	reason := map[bool]string{true: "Passed", false: "Failed"}[passed]
	j.w.because(0, "expectation", func() {
		j.w.tell(Event{Verb: "judge", Kind: "Expectation", Name: o.Name, Reason: reason, Detail: message, Level: Headline})
	})
}

func (j *judge) decideAt(p *pending) {
	holds, saw := j.verdict(p.That)
	j.decide(slices.Index(j.pending, p), holds, saw)
}

// endExpectations decides what is still open when the run is over.
func (j *judge) endExpectations() {
	for len(j.pending) > 0 {
		passed, message := j.last(j.pending[0])
		j.decide(0, passed, message)
	}
}

// last is the verdict on an expectation at the end of the run.
func (j *judge) last(p *pending) (passed bool, message string) {
	switch {
	case p.Mode == scenarios.Finally:
		return j.verdict(p.That)
	case p.Mode == scenarios.AtInstant:
		return false, "the run ended before " + seconds(p.At)
	case !p.open && len(p.After) > 0 && (p.Mode == scenarios.Eventually || p.Mode == scenarios.InOrder):
		return false, strings.Join(p.After, " and ") + " never began, and with that it was to begin"
	case !p.open:
		return true, ""
	}
	if passed, decided, message := j.look(p); decided {
		return passed, message
	}
	return j.closing(p)
}
