package tui

import (
	"slices"

	"statefulsim/scenarios"
	"statefulsim/sim/story"
)

// drawRaft shows each raft group: who leads in which term, votes, log lengths, and who is behind.
func drawRaft(v *view, width, height int) drawing {
	var rows []row
	for i := range v.scene.Groups {
		g := &v.scene.Groups[i]
		rows = append(append(rows, v.leads(g)), v.peers(g, width)...)
		rows = append(append(rows, v.votes(g)...), nil)
	}
	if wide := width >= roomForLogs; wide && len(v.scene.Groups) > 0 && len(rows) < height {
		rows = append(rows, v.logLegend(), nil)
	}
	for i := range v.scene.Sets {
		s := &v.scene.Sets[i]
		if name := fullName(s.Namespace, s.Name); !slices.ContainsFunc(v.scene.Groups, func(g story.Group) bool { return g.Set == name }) {
			rows = append(rows, wrap(say(v.theme.ink.title, name+"  ").of(thing{"statefulset", name}), v.theme.ink.faint, insteadOfRaft(v.story.Rec.Scenario.Runs[s.Name]), width)...)
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

// roomForLogs is the width from which on logs are drawn as bars.
const roomForLogs = 58

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
	for i := range g.Peers {
		p := &g.Peers[i]
		look := ink.term(p.Term)
		role := p.Role
		if !p.Runs {
			role, look = "not running", ink.faint
		}
		log := row{}
		if p.Behind > 0 {
			log = row{say(ink.warn, "behind by "+count(p.Behind))}
		} else if p.Lag > 0 {
			log = row{say(ink.warn, count(p.Lag)+" to apply")}
		}
		line := []row{
			{say(ink.states[peerState(p)], " "+peerSign(p)+" "), say(ink.plain, short(p.Pod, max(8, width/4))).of(thing{"pod", p.Pod})},
			{say(look, role)},
			{say(look, "term "+count(p.Term))},
		}
		if width >= roomForLogs {
			line = append(line, v.log(p, g.Last, min(40, width-roomForLogs+4)))
		}
		lines = append(lines, append(line, append(row{say(ink.plain, count(p.LastIndex)+" ")}, log...)))
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

// votes tell of the last election who asked whom and what the answers were, a line for each time somebody asked.
func (v *view) votes(g *story.Group) []row {
	ink := &v.theme.ink
	var lines [][]row
	for i := 0; i < len(g.Votes); {
		first := &g.Votes[i]
		asks := " asks:"
		if first.Pre {
			asks = " asks (pre-vote):"
		}
		var answers row
		for ; i < len(g.Votes) && sameAsking(first, &g.Votes[i]); i++ {
			if len(answers) > 0 {
				answers = append(answers, say(ink.faint, ", "))
			}
			answers = append(answers, v.answer(&g.Votes[i])...)
		}
		lines = append(lines, []row{
			{gap(3), say(ink.plain, short(first.From, 20)).of(thing{"pod", first.From}), say(ink.faint, asks)}, answers,
			{say(ink.term(first.Term), "term "+count(first.Term)), say(ink.faint, " at "+seconds(first.At))},
		})
	}
	rows := table(lines)
	const enough = 6
	if skipped := len(rows) - enough; skipped > 0 {
		rows = rows[skipped:]
		rows[0] = row{say(ink.faint, "   … "+count(skipped+1)+" times before")}
	}
	return rows
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

// insteadOfRaft says how a set that does not run raft comes to its primary.
func insteadOfRaft(p scenarios.Process) string {
	if p.Kind == scenarios.Replicated {
		return "replicates (" + p.Replication.Mode + "): no votes are cast; an operator makes one pod the primary, and the others copy its log"
	}
	return "elects nobody: its pods run a plain program, and all are equal"
}
