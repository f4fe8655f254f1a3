package story

import (
	"strconv"
	"strings"
	"time"

	"statefulsim/sim"
)

// lead is the turn of a leader.
type lead struct {
	pod  string // "" for nobody
	turn string // "term 2", or "timeline 2" of a replicated database
	term uint64 // the number of that
}

// leadership is who leads a set.
type leadership struct {
	lead
	seq   int    // the event with which it began
	split string // what is told of those who take writes, while they are several
}

// leaderOf is the leadership of a set that has one.
func (l *loom) leaderOf(set string) *leadership {
	s := l.leading[set]
	if s == nil {
		s = &leadership{}
		l.leading[set] = s
		l.leaders.named(set)
	}
	return s
}

// led draws who leads a set from an instant on.
func (l *loom) led(set string, at time.Duration) {
	switch s := l.leading[set]; {
	case s.split != "":
		l.leaders[set].become(Span{From: at, State: Broken, Text: s.split, Seq: s.seq})
	case s.pod == "":
		l.leaders[set].end(at)
	default:
		l.leaders[set].become(Span{From: at, State: Serving, Text: s.pod + " leads in " + s.turn, Seq: s.seq, Term: s.term})
	}
}

// peers looks at the raft peers of a frame, if they are not those of the frame before.
func (l *loom) peers(frame int) {
	f, before := &l.rec.Frames[frame], &sim.Frame{}
	if frame > 0 {
		before = &l.rec.Frames[frame-1]
	}
	if f.SamePeers(before) {
		return
	}
	is := ledBy(f.Raft)
	for set := range ledBy(before.Raft) {
		if _, there := is[set]; !there {
			is[set] = nil
		}
	}
	for set, leader := range is {
		s := l.leaderOf(set)
		if leader == nil {
			s.lead = lead{}
		} else if s.pod != leader.Pod || s.term != leader.Term {
			s.lead = lead{leader.Pod, "term " + strconv.FormatUint(leader.Term, 10), leader.Term}
			s.seq = l.election(leader.Pod, before.Seq, f.Seq)
		}
		l.led(set, f.At)
	}
}

// ledBy finds the leaders of the sets whose peers these are, nil for one that has none. Of two that take themselves for the leader, as may
// be for a while, the one of the later term is it.
func ledBy(peers []sim.PeerState) map[string]*sim.PeerState {
	leaders := map[string]*sim.PeerState{}
	for i := range peers {
		p, set := &peers[i], setOf(peers[i].Pod)
		leader := leaders[set]
		if p.Role == "Leader" && (leader == nil || leader.Term < p.Term) {
			leader = p
		}
		leaders[set] = leader
	}
	return leaders
}

// election finds the event after one and not after another with which a peer became what it is.
func (l *loom) election(pod string, after, until int) int {
	for seq := until; seq > after; seq-- {
		if e := &l.rec.Events[seq-1]; e.Kind == "Peer" && e.Name == pod {
			return seq
		}
	}
	return until
}

// leader takes in an event about an instance of a replicated database, or about who is a set's primary. Who leads raft peers is seen in
// frames alone, and one whom the operator has given up leads for as long as it takes writes.
func (l *loom) leader(e *sim.Event) {
	set := e.Name
	if e.Kind == "Instance" {
		set = setOf(e.Name)
	}
	s := l.leaderOf(set)
	switch e.Kind + " " + e.Verb {
	case "Instance serve":
		l.served[e.Name] = served(e)
		s.lead, s.seq = l.served[e.Name], e.Seq
	case "Instance close":
		s.gone(e.Name)
	case "Primary lose":
		if pod, why, _ := strings.Cut(e.Detail, ": "); strings.HasPrefix(e.Actor, "database/") && !strings.HasPrefix(why, "the operator") {
			s.gone(pod)
		}
	case "Primary split":
		s.split, s.seq = e.Detail, e.Seq
	case "Primary unite":
		s.split, s.seq = "", e.Seq
		if left, ok := l.served[strings.TrimPrefix(e.Actor, "database/")]; ok {
			s.lead = left
		}
	default:
		return
	}
	l.led(set, l.at)
}

// served reads since when an instance leads: "timeline 3, 12 entries".
func served(e *sim.Event) lead {
	turn, _, _ := strings.Cut(e.Detail, ",")
	term, _ := strconv.ParseUint(strings.TrimPrefix(turn, "timeline "), 10, 64)
	return lead{e.Name, turn, term}
}

// gone takes in that a pod leads no longer, if it did.
func (s *leadership) gone(pod string) {
	if s.pod == pod {
		s.lead = lead{}
	}
}
