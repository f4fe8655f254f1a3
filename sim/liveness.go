package sim

import (
	"iter"
	"slices"
	"strings"
	"time"

	"statefulsim/scenarios"
)

// recovers is the invariant that a scenario sets itself: once nothing is broken any more, all is well again in time.
const (
	recovers    = "recovers"
	whyRecovers = "What faults have broken must mend by itself once they are over: a world that stays down waits for a person."
)

// liveness judges whether the world comes to rest after its last fault: all pods of all StatefulSets Ready and updated, one
// primary in each set that has one, and every client served.
//
// It has to stay so for a while: just after a machine has died all looks well, because nobody has noticed.
type liveness struct {
	w *world

	calm    time.Duration // when a step began, or a fault of one was healed, last
	whole   time.Duration // since when nothing is lacking of pods and primaries; never while something is
	reached time.Duration // since when the clients have succeeded too; never while one has not
	stale   bool          // something changed that decides these
	decided bool
	late    lateness // the zero value: all was well in time, or it is not decided
}

// lateness is that all was not well in time. A later step may mend it, so that it is told when no later step can come: what happens at an
// instant must not depend on what somebody does to the world afterwards.
type lateness struct {
	at   time.Duration
	what string
}

const never = time.Duration(-1)

// How long the world has to stay well. While a fault is in force or a machine is down it may be that nobody has noticed yet: the
// node lifecycle controller notices a dead kubelet within 50 s
// (pkg/controller/nodelifecycle/config/v1alpha1/defaults.go:NodeMonitorGracePeriod). When nothing is broken any more, what
// kubelets and probes find out is enough.
const (
	steady     = time.Minute
	steadyOnce = 15 * time.Second
)

// trial is how long the world has to stay well as things are.
func (l *liveness) trial() time.Duration {
	if len(l.w.faults) > 0 || slices.ContainsFunc(l.w.machines, func(m *machine) bool { return m.down != nil }) {
		return steady
	}
	return steadyOnce
}

// newLiveness returns nil for a scenario that does not ask for it; its methods then do nothing.
func newLiveness(w *world) *liveness {
	if w.scenario.Recovers == 0 {
		return nil
	}
	l := &liveness{w: w}
	l.disturbed() // the beginning of the world
	return l
}

// disturbed hears that a step began, or that what one broke was healed.
func (l *liveness) disturbed() {
	if l == nil {
		return
	}
	now := l.w.loop.Now()
	l.calm, l.whole, l.reached, l.stale, l.decided, l.late = now, never, never, true, false, lateness{}
	l.w.rec.RecoveredAt = 0
	l.w.loop.Push(now+l.w.scenario.Recovers, func() { l.stale = true })
}

// look judges the step that was just taken, by which those variables may have changed.
func (l *liveness) look(changed variables) {
	if l == nil || l.decided || !l.stale && changed&(pods|sets|clients) == 0 || slices.ContainsFunc(l.w.stages, l.w.goesOn) {
		return
	}
	l.stale = false
	l.measure()
	now := l.w.loop.Now()
	switch {
	case l.reached != never && now >= l.reached+l.trial() && l.forsaken():
		l.whole, l.reached = now, never
	case l.reached != never && now >= l.reached+l.trial():
		l.recovered()
	case l.reached == never && now >= l.calm+l.w.scenario.Recovers && len(l.w.judge.waiting) == 0:
		l.decided, l.late = true, l.lateFor(seconds(l.w.scenario.Recovers)+" after the last fault was over, ")
	}
}

// measure brings up to date since when all is well.
func (l *liveness) measure() {
	now := l.w.loop.Now()
	switch {
	case !l.w.allThere():
		l.whole, l.reached = never, never
		return
	case l.whole == never:
		l.whole = now
	}
	if l.reached != never {
		return
	}
	if some(l.unserved()) {
		return
	}
	l.reached = now
	l.w.loop.Push(now+l.trial(), func() { l.stale = true })
}

func (l *liveness) recovered() {
	l.decided = true
	w := l.w
	w.rec.RecoveredAt = l.reached
	w.because(w.healed, "liveness", func() {
		told := "all is well since " + seconds(l.reached)
		if slices.ContainsFunc(w.stages, func(s *stage) bool { return s.begun }) {
			told += ", " + seconds(l.reached-l.calm) + " after the last fault was over"
		}
		w.tell(Event{Verb: "recover", Kind: "World", Name: w.scenario.Name, Reason: "Recovered", Level: Headline, Detail: told})
	})
}

// lateFor is that it is late now, with what is lacking.
func (l *liveness) lateFor(when string) lateness { return lateness{l.w.loop.Now(), when + l.lacking()} }

// lost tells whether all was not well in time, and no step is to come that may mend it.
func (l *liveness) lost() bool { return l != nil && l.late != lateness{} && !l.w.stepsToCome() }

// stuck holds it against the world that it was late.
func (l *liveness) stuck(late lateness) {
	w := l.w
	w.breach(Violation{Invariant: recovers, Why: whyRecovers, At: late.at, Message: late.what})
	w.because(w.healed, "invariant", func() {
		w.tell(Event{Verb: "violate", Kind: "Invariant", Name: recovers, Reason: "Violated", Detail: late.what, Level: Headline})
	})
}

// end decides what is open when the run is over, and tells of what came too late.
func (l *liveness) end() {
	switch {
	case l == nil:
	case l.late != lateness{}:
		l.stuck(l.late)
	case l.decided:
	case l.w.stepsToCome():
		l.stuck(l.lateFor("the run ended before the last fault was over: "))
	case l.reached != never:
		l.recovered()
	default:
		l.stuck(l.lateFor("when the run ended, " + seconds(l.w.loop.Now()-l.calm) + " after the last fault was over, "))
	}
}

// mayStop tells whether the rest of the run can show nothing new: all is well, and nothing is to come or to be judged later.
func (l *liveness) mayStop() bool {
	if l == nil || !l.decided || l.w.rec.RecoveredAt == 0 || len(l.w.judge.waiting) > 0 || l.w.stepsToCome() {
		return false
	}
	for _, p := range l.w.judge.pending {
		if p.Mode == scenarios.AtInstant && p.At > l.w.loop.Now() || p.Mode == scenarios.Eventually {
			return false
		}
	}
	return true
}

// active tells whether a client is one that ought to succeed now.
func (c *client) active() bool {
	now := c.w.loop.Now()
	return c.spec.From <= now && (c.spec.Until == 0 || now < c.spec.Until)
}

// forsaken tells whether a client succeeds no more, though it did when the world seemed well. One that is slow is given the time
// of three operations.
func (l *liveness) forsaken() bool {
	now := l.w.loop.Now()
	return slices.ContainsFunc(l.w.clients, func(c *client) bool {
		slow := time.Duration(3 / c.spec.Rate * float64(time.Second))
		return c.active() && now-c.served > max(l.trial()/2, slow)
	})
}

// stepsToCome tells whether a step begins later for sure, or a fault is healed at its time.
func (w *world) stepsToCome() bool {
	return slices.ContainsFunc(w.stages, func(s *stage) bool {
		// The instant of one that has not begun is known, unless it is that of a condition or of another step's end.
		return w.goesOn(s) || !s.begun && s.When == nil && s.waits == 0
	})
}

// goesOn tells whether it follows from what has happened that the step does something later: it is about to begin, it comes again, or its
// fault is healed at its time.
func (w *world) goesOn(s *stage) bool {
	if s.begun {
		return s.next != nil || s.For > 0 && w.underWay(s.name)
	}
	return s.due || len(s.Follows) > 0 && s.waits == 0
}

// lacking says in words what is not well.
func (l *liveness) lacking() string {
	const most = 5 // a reader sees what is going on by then
	var told []string
	for _, all := range []iter.Seq[lack]{l.w.absent(), l.unserved()} {
		for lack := range all {
			if len(told) == most {
				return strings.Join(told, "; ") + "; and more"
			}
			told = append(told, lack.what+" "+lack.name+" "+lack.state)
		}
	}
	if told == nil {
		return "it had not been well for " + seconds(l.trial())
	}
	return strings.Join(told, "; ")
}

// unserved lists the clients that are active and have not succeeded since pods and primaries are as they should be or, while
// they are not, since the last fault was over.
func (l *liveness) unserved() iter.Seq[lack] {
	return func(yield func(lack) bool) {
		for _, c := range l.w.clients {
			switch {
			case !c.active() || c.served >= max(l.whole, l.calm) && c.result.Acknowledged > 0:
			case c.result.Acknowledged == 0 && !yield(lack{"client", c.spec.Name, "has never succeeded"}):
				return
			case c.result.Acknowledged > 0 && !yield(lack{"client", c.spec.Name, "has not succeeded since " + seconds(c.served)}):
				return
			}
		}
	}
}
