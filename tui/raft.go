package tui

import (
	"slices"

	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/sim/story"
)

// drawRaft shows each raft group: who leads in which term, votes, log lengths, and who is behind.
func drawRaft(v *view, width, height int) drawing {
	var rows []row
	for i := range v.scene.Groups {
		g := &v.scene.Groups[i]
		rows = append(append(rows, v.leads(g)), v.peers(g, width)...)
		rows = append(append(rows, v.votes(g, width, max(2, height-len(rows)))...), nil)
	}
	if wide := width >= roomForLogs; wide && len(v.scene.Groups) > 0 && len(rows) < height {
		rows = append(rows, v.logLegend(), nil)
	}
	for i := range v.scene.Sets {
		s := &v.scene.Sets[i]
		if name := sim.DisplayName(s.Namespace, s.Name); !slices.ContainsFunc(v.scene.Groups, func(g story.Group) bool { return g.Set == name }) {
			rows = append(rows, v.withoutRaft(name, v.story.Rec.Scenario.Runs[s.Name], width)...)
		}
	}
	if len(rows) == 0 {
		rows = wrap(piece{}, v.theme.ink.faint, "There is no StatefulSet yet, and so nobody to elect.", width)
	}
	for len(rows) > 0 && rows[len(rows)-1] == nil {
		rows = rows[:len(rows)-1]
	}
	return v.draw(most(rows, height, v.theme.ink.faint), width, height)
}

// From roomForHeading on the length of a log says that it is one, and from roomForLogs on logs are drawn as bars; besideLogs is what stands
// beside those but for the pods' names.
const roomForHeading, roomForLogs, besideLogs = 50, 64, 46

// The signs of a log: entries that are applied, those that are committed too, and those that are not.
const applied, committed, uncommitted = "█", "▓", "░"

func (v *view) logLegend() row {
	return row{say(v.theme.ink.faint, "logs: "+applied+" applied  "+committed+" committed  "+uncommitted+" not committed")}
}

// leads says who leads a group in which term.
func (v *view) leads(g *story.Group) row {
	ink := &v.theme.ink
	r := row{say(ink.title, g.Set+"  ").of(thing{"statefulset", g.Set})}
	if g.Leader == "" {
		r = append(r, say(ink.bad, "nobody leads"), say(ink.term(g.Term), " in term "+count(g.Term)))
	} else {
		r = append(r, say(ink.term(g.Term), "★ "+g.Leader+" leads in term "+count(g.Term)))
	}
	return append(r, say(ink.faint, "  committed "+count(g.Commit)+" of "+count(g.Last)))
}

// peers tell of each peer its role, its term and its log.
func (v *view) peers(g *story.Group, width int) []row {
	ink := &v.theme.ink
	var lines [][]row
	names, heading := 0, "log "
	if width < roomForHeading {
		heading = ""
	}
	for i := range g.Peers {
		names = max(names, min(cells(g.Peers[i].Pod), max(8, width/4)))
	}
	for i := range g.Peers {
		p := &g.Peers[i]
		look := ink.term(p.Term)
		role := p.Role
		if !p.Runs {
			role, look = "down", ink.faint
		}
		log := row{say(ink.plain, heading+count(p.LastIndex))}
		if p.Behind > 0 {
			log = append(log, say(ink.warn, " behind "+count(p.Behind)))
		} else if p.Lag > 0 {
			log = append(log, say(ink.warn, " "+count(p.Lag)+" to apply"))
		}
		line := []row{
			{say(ink.states[peerState(p)], " "+peerSign(p)+" "), say(ink.plain, short(p.Pod, max(8, width/4))).of(thing{"pod", p.Pod})},
			{say(look, role)},
			{say(look, "term "+count(p.Term))},
		}
		if width >= roomForLogs {
			line = append(line, v.log(p, g.Last, min(40, max(6, width-besideLogs-names))))
		}
		lines = append(lines, append(line, log))
	}
	return table(lines)
}

// peerSign tells a peer's role in one cell.
func peerSign(p *story.Peer) string {
	switch {
	case !p.Runs:
		return "✗"
	case p.Role == "Leader":
		return "★"
	case p.Role == "Candidate":
		return "?"
	}
	return "●"
}

func peerState(p *story.Peer) story.State {
	switch {
	case !p.Runs:
		return story.Failed
	case p.Role == "Leader":
		return story.Primary
	case p.Role == "Candidate":
		return story.Unready
	}
	return story.Serving
}

// log is a peer's log as a bar, as long as it is in relation to the longest.
func (v *view) log(p *story.Peer, longest uint64, width int) row {
	look := v.theme.ink.term(p.Term)
	if !p.Runs {
		look = v.theme.ink.faint
	}
	all := part(p.LastIndex, longest, width)
	known := part(min(p.Commit, p.LastIndex), longest, width)
	done := min(part(min(p.Applied, p.LastIndex), longest, width), known)
	return row{say(look, times(applied, done)+times(committed, known-done)+times(uncommitted, all-known)), gap(width - all)}
}

// asking is a time that somebody asked for votes: the first question, and all answers.
type asking struct {
	first   *story.Vote
	answers row
}

// votes tell of the last election who asked whom and what the answers were: a line for each time somebody asked, or two if that is too long.
// If there is too little room for all, the last ones stay, and those that count rather than pre-votes.
func (v *view) votes(g *story.Group, width, room int) []row {
	all, each := v.askings(g), 1
	if slices.ContainsFunc(v.asked(all, 1), func(r row) bool { return r.cells() > width }) {
		each = 2
	}
	const enough = 6
	most := min(enough, max(room/each, 1))
	if len(all) <= most {
		return v.asked(all, each)
	}
	skipped := 0
	for ; len(all) > max(most-1, 1); skipped++ {
		i := max(slices.IndexFunc(all, func(a asking) bool { return a.first.Pre }), 0)
		all = slices.Delete(all, i, i+1)
	}
	rows := v.asked(all, each)
	if len(rows) < room {
		rows = append(rows, row{say(v.theme.ink.faint, " … asked "+count(skipped)+" times more")})
	}
	return rows
}

// askings are the times that somebody asked for votes, in their order.
func (v *view) askings(g *story.Group) (all []asking) {
	for i := range g.Votes {
		vote := &g.Votes[i]
		at := slices.IndexFunc(all, func(a asking) bool { return sameAsking(a.first, vote) })
		if at < 0 {
			all = append(all, asking{vote, v.answer(vote)})
			continue
		}
		all[at].answers = append(append(all[at].answers, say(v.theme.ink.faint, ", ")), v.answer(vote)...)
	}
	return all
}

// asked draws each time that somebody asked in so many lines.
func (v *view) asked(all []asking, lines int) (rows []row) {
	var single [][]row
	for _, a := range all {
		if lines > 1 {
			rows = append(rows, v.asks(a.first), append(row{gap(5)}, a.answers...))
			continue
		}
		single = append(single, []row{v.asks(a.first), a.answers})
	}
	return append(rows, table(single)...)
}

// asks says when somebody asked for votes, in which term, and who.
func (v *view) asks(first *story.Vote) row {
	ink := &v.theme.ink
	what := "  vote      "
	if first.Pre {
		what = "  pre-vote  "
	}
	return row{say(ink.faint, " "+seconds(first.At)+"  "), say(ink.term(first.Term), "term "+count(first.Term)), say(ink.faint, what),
		say(ink.plain, short(first.From, 20)).of(thing{"pod", first.From}), say(ink.faint, " asks:")}
}

// sameAsking tells whether two votes were asked for by the same peer in the same round.
func sameAsking(a, b *story.Vote) bool {
	return a.From == b.From && a.Term == b.Term && a.Pre == b.Pre
}

// answer says what came of asking for a vote.
func (v *view) answer(vote *story.Vote) row {
	ink := &v.theme.ink
	said := say(ink.warn, " no answer")
	switch {
	case vote.Answered && vote.Granted:
		said = say(ink.good, " yes")
	case vote.Answered:
		said = say(ink.bad, " no")
	case vote.Lost:
		said = say(ink.warn, " lost")
	}
	return row{say(ink.plain, vote.To).of(thing{"pod", vote.To}), said}
}

// withoutRaft tells of a set whose pods are no raft peers: which of them leads, if they replicate, and since when.
func (v *view) withoutRaft(set string, p scenarios.Process, width int) (rows []row) {
	ink := &v.theme.ink
	title := say(ink.title, set+"  ").of(thing{"statefulset", set})
	if p.Kind != scenarios.Replicated {
		return wrap(title, ink.faint, "elects nobody: its pods run a plain program", width)
	}
	look, leads := ink.bad, "nobody leads"
	if span := v.span(thing{string(story.LeaderLane), set}); span != nil {
		look, leads = ink.term(span.Term), "★ "+span.Text
		if span.State == story.Broken {
			look, leads = ink.bad, "TWO PRIMARIES: "+span.Text
		}
		leads += ", since " + seconds(span.From)
	}
	rows = wrap(title, look, leads, width)
	return append(rows, wrap(gap(1), ink.faint, "It replicates ("+p.Replication.Mode+"): no votes are cast. An operator makes one pod the primary, and the others copy its log.", width)...)
}
