package story

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"statefulsim/sim"
)

// The kinds of messages by which votes are asked for and given.
const (
	requestVote    = "RequestVote"
	requestPreVote = "RequestPreVote"
)

// ballot is a vote that was asked for, and what came of it.
type ballot struct {
	from, to       string
	pre, granted   bool
	term           uint64
	at             time.Duration
	asked          int // the event with which the question arrived, or was lost
	lost, answered int // the events with which it was lost, and with which the answer arrived; 0 if that did not happen
	dropped        int // the event by which the candidate had gone back to a leader of a lower term; 0 if it never did
	kept           int // the place of the one before it that was not dropped, -1 for none
}

// questions are the ballots of one kind that one peer asked another for, in their order. Those that were dropped at all were dropped in that
// order too.
type questions []ballot

// polls gathers the votes from the events, which come in their order.
type polls struct {
	events  []sim.Event
	follows map[string][]following
	ballots []ballot
	names   map[string]string // the pods of peers, by their addresses
	terms   map[string]uint64 // the term of each peer that was a candidate last
}

// ballotsOf gathers all votes, by the sets of those who asked.
func ballotsOf(rec *sim.Recording) map[string][]questions {
	p := polls{events: rec.Events, follows: followingsOf(rec.Frames), names: map[string]string{}, terms: map[string]uint64{}}
	for i := range rec.Events {
		switch e := &rec.Events[i]; e.Kind {
		case "Peer":
			p.peer(e)
		case "Message":
			p.message(e)
		}
	}
	return p.bySet()
}

// peer takes in where a peer listens, and in which term it asks for votes.
func (p *polls) peer(e *sim.Event) {
	switch {
	case e.Verb == "open" || e.Verb == "bootstrap":
		p.names[e.Detail] = e.Name
	case e.Verb == "become" && e.Reason == "Candidate":
		p.terms[e.Name] = termOf(e.Detail)
	}
}

// message takes in what became of a question or of its answer.
func (p *polls) message(e *sim.Event) {
	if e.Reason != requestVote && e.Reason != requestPreVote {
		return
	}
	from, to, _ := strings.Cut(e.Name, "→")
	to = cmp.Or(p.names[to], to)
	switch {
	case e.Verb == "deliver":
		p.ask(e, from, to, termOf(e.Detail))
	case e.Verb == "answer":
		if b := p.open(e, to, from); b != nil {
			b.answered, b.granted = e.Seq, strings.HasSuffix(e.Detail, " granted")
		}
	case e.Verb == "lose" && p.isAnswer(e, from, to):
		if b := p.open(e, to, from); b != nil {
			b.lost = e.Seq
		}
	case e.Verb == "lose":
		term := p.terms[from]
		if e.Reason == requestPreVote {
			term++ // it is for the term after the one that the candidate is in
		}
		p.ask(e, from, to, term).lost = e.Seq
	}
}

func (p *polls) ask(e *sim.Event, from, to string, term uint64) *ballot {
	p.ballots = append(p.ballots, ballot{term: term, from: from, to: to, pre: e.Reason == requestPreVote, at: e.At, asked: e.Seq})
	return &p.ballots[len(p.ballots)-1]
}

// open is the latest question of that kind from one peer to another that has no answer yet, or nil.
func (p *polls) open(e *sim.Event, from, to string) *ballot {
	for i := len(p.ballots) - 1; i >= 0; i-- {
		b := &p.ballots[i]
		if b.from == from && b.to == to && b.pre == (e.Reason == requestPreVote) {
			if b.answered > 0 || b.lost > 0 {
				return nil
			}
			return b
		}
	}
	return nil
}

// isAnswer tells an answer that was lost from a question: it was given because of a question of the same kind that went the other way.
func (p *polls) isAnswer(e *sim.Event, from, to string) bool {
	if e.Cause == 0 {
		return false
	}
	cause := &p.events[e.Cause-1]
	return cause.Kind == "Message" && cause.Verb == "deliver" && cause.Reason == e.Reason && cause.Name == to+"→"+from
}

// bySet sorts the votes by the sets of those who ask and, within a set, by who asks whom for what.
func (p *polls) bySet() map[string][]questions {
	sets := map[string][]questions{}
	for _, b := range p.ballots {
		b.dropped, b.kept = p.dropped(&b), -1
		set := setOf(b.from)
		i := slices.IndexFunc(sets[set], func(q questions) bool { return q[0].from == b.from && q[0].to == b.to && q[0].pre == b.pre })
		if i < 0 {
			sets[set] = append(sets[set], questions{b})
			continue
		}
		q := sets[set][i]
		if last := len(q) - 1; q[last].dropped == 0 {
			b.kept = last
		} else {
			b.kept = q[last].kept
		}
		sets[set][i] = append(q, b)
	}
	return sets
}

// dropped is the event by which the candidate of a vote had gone back to a leader of a lower term, which makes an end of its attempt.
func (p *polls) dropped(b *ballot) int {
	all := p.follows[b.from]
	next := sort.Search(len(all), func(i int) bool { return all[i].seq > b.asked })
	if next > 0 && all[next-1].leader && all[next-1].term < b.term {
		return b.asked // its question took longer than its attempt
	}
	for _, f := range all[next:] {
		if f.leader {
			if f.term < b.term {
				return f.seq
			}
			return 0 // somebody has won
		}
	}
	return 0
}

// following is a peer that begins to follow a leader, or ends it.
type following struct {
	seq    int // the last event before that
	term   uint64
	leader bool // there is one
}

// followingsOf finds by the frames whom peers followed when.
func followingsOf(frames []sim.Frame) map[string][]following {
	follows := map[string][]following{}
	for i := range frames {
		if i > 0 && frames[i].SamePeers(&frames[i-1]) {
			continue
		}
		for _, p := range frames[i].Raft {
			now, all := following{frames[i].Seq, p.Term, p.Leader != ""}, follows[p.Pod]
			if n := len(all); n == 0 || all[n-1].leader != now.leader || all[n-1].term != now.term {
				follows[p.Pod] = append(all, now)
			}
		}
	}
	return follows
}

// termOf reads "term 3" and what may follow.
func termOf(detail string) uint64 {
	number, _, _ := strings.Cut(strings.TrimPrefix(detail, "term "), " ")
	term, _ := strconv.ParseUint(number, 10, 64)
	return term
}

// votes are those of a set's highest term by an event, oldest first: of those that one peer asked another for more than once the latest, and
// none that was dropped.
func (x *index) votes(set string, seq int) (votes []Vote) {
	var highest uint64
	for _, q := range x.ballots[set] {
		b := q.by(seq)
		if b == nil || b.term < highest {
			continue
		}
		if b.term > highest {
			highest, votes = b.term, votes[:0]
		}
		votes = append(votes, b.vote(seq))
	}
	slices.SortFunc(votes, func(a, b Vote) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Seq, b.Seq)) })
	return votes
}

// by is the ballot that counts after an event: the latest that was not dropped. It is nil if there is none.
func (q questions) by(seq int) *ballot {
	i := sort.Search(len(q), func(i int) bool { return q[i].asked > seq }) - 1
	if i >= 0 && q[i].dropped > 0 && q[i].dropped <= seq {
		i = q[i].kept
	}
	if i < 0 {
		return nil
	}
	return &q[i]
}

// vote is what was known of a ballot after an event.
func (b *ballot) vote(seq int) Vote {
	v := Vote{Term: b.term, From: b.from, To: b.to, Pre: b.pre, At: b.at, Seq: b.asked}
	if b.answered > 0 && b.answered <= seq {
		v.Answered, v.Granted, v.Seq = true, b.granted, b.answered
	}
	if b.lost > 0 && b.lost <= seq {
		v.Lost, v.Seq = true, b.lost
	}
	return v
}
