package check

import (
	"fmt"
	"time"
)

// life is one life of a peer's process.
type life struct {
	pod     string
	started time.Duration
}

func (p *Peer) life() life { return life{p.Pod, p.Started} }

var logMatching = Invariant{
	Name: "log-matching",
	Why: "If two logs have an entry of the same index and term, they are the same up to there: without that a leader could not " +
		"tell from one entry that a follower has all before it, and peers would apply different histories.",
	New: func() Judge {
		var sets clusters[logs]
		return func(step *Step) (breaches []string) {
			sets.visit(step.Peers, func(known *logs, p *Peer) {
				if p.Log == nil || !known.changed(p) {
					return
				}
				for i := range step.Peers {
					other := &step.Peers[i]
					if other.Set != p.Set || other.Log == nil || other.life() == p.life() {
						continue
					}
					if breach := known.compare(p, other); breach != "" {
						breaches = append(breaches, breach)
					}
				}
			})
			return breaches
		}
	},
}

// logs is what is known of the logs of a set's peers.
type logs struct {
	writes map[life]uint64  // the changes of each log up to which it was compared
	told   map[[2]life]bool // pairs whose breach has been told and lasts; the first of them is the lesser
}

// changed tells whether a log has changed since it was last compared with the others.
func (l *logs) changed(p *Peer) bool {
	if l.writes == nil {
		l.writes, l.told = map[life]uint64{}, map[[2]life]bool{}
	}
	before, writes := l.writes[p.life()], p.Log.Writes()
	l.writes[p.life()] = writes
	return writes != before
}

func (l *logs) compare(a, b *Peer) (breach string) {
	if b.Pod < a.Pod || b.Pod == a.Pod && b.Started < a.Started {
		a, b = b, a
	}
	pair := [2]life{a.life(), b.life()}
	agree, differ := contradict(a.Log, b.Log)
	if differ == 0 {
		delete(l.told, pair)
		return ""
	}
	if l.told[pair] {
		return ""
	}
	l.told[pair] = true
	term, _ := a.Log.At(agree)
	return fmt.Sprintf("%s and %s both have an entry %d of term %d in their logs, and entry %d differs", a.Pod, b.Pod, agree, term, differ)
}

// contradict returns the latest entry whose term two logs agree on and, if the entries up to that are not all the same, the
// first that differs; else 0. Of the oldest entry that both know only the term can be compared.
func contradict(a, b Log) (agree, differ uint64) {
	firstA, lastA := a.Span()
	firstB, lastB := b.Span()
	first, at := max(firstA, firstB), min(lastA, lastB)
	for at > first && !sameTerm(a, b, at) {
		at--
	}
	if at <= first || sameStretch(a, b, first, at) {
		return at, 0
	}
	for differ = first + 1; sameStretch(a, b, first, differ); differ++ {
	}
	return at, differ
}

func sameTerm(a, b Log, index uint64) bool {
	termA, _ := a.At(index)
	termB, _ := b.At(index)
	return termA == termB
}

// sameStretch tells whether two logs have the same entries behind one index up to another.
func sameStretch(a, b Log, from, to uint64) bool {
	_, beginA := a.At(from)
	_, beginB := b.At(from)
	_, endA := a.At(to)
	_, endB := b.At(to)
	return endA-beginA == endB-beginB
}

var leaderCompleteness = Invariant{
	Name: "leader-completeness",
	Why: "A leader has every entry that was committed before its term: an elected peer without one of them makes the others " +
		"forget it, although a client was told that it is written.",
	New: func() Judge {
		var sets clusters[committed]
		return func(step *Step) (breaches []string) {
			sets.visit(step.Peers, func(known *committed, p *Peer) { known.learn(p) })
			sets.visit(step.Peers, func(known *committed, p *Peer) {
				if breach := known.missing(p); breach != "" {
					breaches = append(breaches, breach)
				}
			})
			return breaches
		}
	},
}

// committed is the latest entry of a set that any peer is known to have taken for committed.
type committed struct {
	index   uint64
	term    uint64 // of the entry; 0 if no log told
	knownIn uint64 // the term of the peer that knew it: the entry was committed then or before
	told    map[uint64]bool
}

func (c *committed) learn(p *Peer) {
	if p.Commit <= c.index {
		return
	}
	c.index, c.term, c.knownIn = p.Commit, 0, p.Term
	if term, known := termAt(p, p.Commit); known {
		c.term = term
	}
}

// missing tells what a leader lacks. One of an earlier term is not judged: it was deposed, and may not know it yet.
func (c *committed) missing(p *Peer) (breach string) {
	if p.State != "Leader" || p.Term < c.knownIn || c.told[p.Term] {
		return ""
	}
	term, known := termAt(p, c.index)
	switch {
	case p.LastIndex < c.index:
		breach = fmt.Sprintf("%s leads in term %d with a log that ends at entry %d, though entry %d was committed", p.Pod, p.Term, p.LastIndex, c.index)
	case known && c.term != 0 && term != c.term:
		breach = fmt.Sprintf("%s leads in term %d with an entry %d of term %d, though one of term %d was committed there", p.Pod, p.Term, c.index, term, c.term)
	default:
		return ""
	}
	if c.told == nil {
		c.told = map[uint64]bool{}
	}
	c.told[p.Term] = true
	return breach
}

// termAt returns the term of an entry in a peer's log, if that is known.
func termAt(p *Peer, index uint64) (term uint64, known bool) {
	if p.Log == nil {
		return 0, false
	}
	if first, last := p.Log.Span(); index < first || index > last {
		return 0, false
	}
	term, _ = p.Log.At(index)
	return term, true
}
