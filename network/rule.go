package network

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

type ruleKind uint8

const (
	cut ruleKind = iota
	hold
	degrade
)

// Rule is something that is wrong with the links between two sides. It is made by Cut, Hold and Degrade.
type Rule struct {
	Name string
	A, B Side

	kind            ruleKind
	oneWay          bool // cut: only from A to B
	latency, jitter time.Duration
	loss, duplicate float64
	salt            uint64 // keeps its draws apart from those of other rules
}

// Cut loses every message between the two sides; if oneWay, only those from a to b.
func (n *Network) Cut(name string, a, b Side, oneWay bool) {
	n.add(Rule{Name: name, A: a, B: b, kind: cut, oneWay: oneWay})
}

// Hold keeps every message between the two sides back until the rule is healed. A cut wins over a hold.
func (n *Network) Hold(name string, a, b Side) {
	n.add(Rule{Name: name, A: a, B: b, kind: hold})
}

// Degrade makes the links between the two sides worse, in both directions: each message takes longer by latency and by
// something from [0, jitter), is lost with probability loss, and arrives twice with probability duplicate. Several such
// rules add up; a message is duplicated once at most.
func (n *Network) Degrade(name string, a, b Side, latency, jitter time.Duration, loss, duplicate float64) {
	n.add(Rule{Name: name, A: a, B: b, kind: degrade, latency: latency, jitter: jitter, loss: loss, duplicate: duplicate})
}

func (n *Network) add(rule Rule) {
	text := fnv.New64a()
	text.Write([]byte(rule.String()))
	rule.salt = text.Sum64()
	n.rules = append(n.rules, rule)
}

// Heal takes back all rules of that name, and tells whether there were any.
func (n *Network) Heal(name string) bool {
	before := len(n.rules)
	n.rules = slices.DeleteFunc(n.rules, func(r Rule) bool { return r.Name == name })
	if len(n.rules) == before {
		return false
	}
	n.healed++
	return true
}

// Rules lists the rules in force, in the order in which they were made.
func (n *Network) Rules() []Rule { return slices.Clone(n.rules) }

// Cuts tells whether messages from one place to the other are all lost, and by which rule: the first made of those.
func (n *Network) Cuts(from, to Place) (rule string, isCut bool) {
	if r := n.first(cut, from, to); r != nil {
		return r.Name, true
	}
	return "", false
}

func (n *Network) first(kind ruleKind, from, to Place) *Rule {
	for i := range n.rules {
		if rule := &n.rules[i]; rule.kind == kind && rule.touches(from, to) {
			return rule
		}
	}
	return nil
}

// touches tells whether the rule is about messages in that direction. What a place tells itself never leaves it, and so is
// out of reach of every rule.
func (r *Rule) touches(from, to Place) bool {
	if from == to {
		return false
	}
	return r.A.Has(from) && r.B.Has(to) || !r.oneWay && r.B.Has(from) && r.A.Has(to)
}

func (r *Rule) loses(bits uint64) bool      { return unit(mix(bits, r.salt+1)) < r.loss }
func (r *Rule) duplicates(bits uint64) bool { return unit(mix(bits, r.salt+2)) < r.duplicate }

func (r *Rule) delays(bits uint64) time.Duration {
	return r.latency + time.Duration(unit(mix(bits, r.salt+3))*float64(r.jitter))
}

// String returns what the rule does: "split: cut between zone a and everything but zone a".
func (r Rule) String() string {
	switch {
	case r.kind == hold:
		return fmt.Sprintf("%s: hold between %s and %s", r.Name, r.A, r.B)
	case r.kind == cut && r.oneWay:
		return fmt.Sprintf("%s: cut from %s to %s, one way", r.Name, r.A, r.B)
	case r.kind == cut:
		return fmt.Sprintf("%s: cut between %s and %s", r.Name, r.A, r.B)
	}
	return fmt.Sprintf("%s: degrade between %s and %s: %s", r.Name, r.A, r.B, r.quality())
}

func (r Rule) quality() string {
	var parts []string
	if r.latency > 0 {
		parts = append(parts, fmt.Sprintf("latency +%s", r.latency))
	}
	if r.jitter > 0 {
		parts = append(parts, fmt.Sprintf("jitter %s", r.jitter))
	}
	if r.loss > 0 {
		parts = append(parts, fmt.Sprintf("loss %g%%", r.loss*100))
	}
	if r.duplicate > 0 {
		parts = append(parts, fmt.Sprintf("duplicate %g%%", r.duplicate*100))
	}
	return strings.Join(parts, ", ")
}
