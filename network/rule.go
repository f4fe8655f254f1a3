package network

import (
	"fmt"
	"hash/fnv"
	"slices"
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

	// Except are places that the rule leaves alone though a side has them: a bridge, which still reaches both.
	Except Side

	kind    ruleKind
	oneWay  bool // cut: only from A to B
	quality Quality
	free    [2]time.Time // when the line from A to B and the one back have sent all that queued for them
	salt    uint64       // keeps its draws apart from those of other rules
}

// Cut loses every message between the two sides; if oneWay, only those from a to b. The places of except are on neither.
func (n *Network) Cut(name string, a, b, except Side, oneWay bool) {
	n.add(Rule{Name: name, A: a, B: b, Except: except, kind: cut, oneWay: oneWay})
}

// Hold keeps every message between the two sides back until the rule is healed. A cut wins over a hold.
func (n *Network) Hold(name string, a, b Side) {
	n.add(Rule{Name: name, A: a, B: b, kind: hold})
}

// Degrade makes the links between the two sides worse, in both directions. Several such rules add up; a message is
// duplicated once at most.
func (n *Network) Degrade(name string, a, b Side, q Quality) {
	n.add(Rule{Name: name, A: a, B: b, kind: degrade, quality: q})
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
	if !r.forth(from, to) && (r.oneWay || !r.forth(to, from)) {
		return false
	}
	return !r.Except.Has(from) && !r.Except.Has(to)
}

// forth tells whether the way leads from side A to side B.
func (r *Rule) forth(from, to Place) bool { return r.A.Has(from) && r.B.Has(to) }

// String returns what the rule does: "split: cut between zone a and everything but zone a".
func (r Rule) String() string {
	switch {
	case r.kind == hold:
		return fmt.Sprintf("%s: hold between %s and %s", r.Name, r.A, r.B)
	case r.kind == cut && r.oneWay:
		return fmt.Sprintf("%s: cut from %s to %s%s, one way", r.Name, r.A, r.B, r.exception())
	case r.kind == cut:
		return fmt.Sprintf("%s: cut between %s and %s%s", r.Name, r.A, r.B, r.exception())
	}
	return fmt.Sprintf("%s: degrade between %s and %s: %s", r.Name, r.A, r.B, r.quality)
}

func (r Rule) exception() string {
	if r.Except.empty() {
		return ""
	}
	return " except " + r.Except.String()
}
