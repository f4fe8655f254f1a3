package report

import (
	"slices"
	"strconv"
	"strings"

	"statefulsim/sim/story"
)

// leads draws who leads: the leader's ordinal, "!" where there are two, and "·" where there was one before and is none.
// What is wrong is seen however short it is.
func (c *chart) leads(lane *story.Lane) []piece {
	row := blank(c.cells)
	for i := range lane.Spans {
		c.cover(&lane.Spans[i], func(cell int) { row[cell] = leaderSign(&lane.Spans[i]) })
	}
	for i := range lane.Spans {
		gap := story.Span{From: lane.Spans[i].Until, Until: c.end}
		if i+1 < len(lane.Spans) {
			gap.Until = lane.Spans[i+1].From
		}
		if gap.From < gap.Until {
			c.cover(&gap, func(cell int) { row[cell] = faint("·") })
		}
	}
	for i := range lane.Spans {
		if span := &lane.Spans[i]; span.State == story.Broken {
			c.cover(span, func(cell int) { row[cell] = leaderSign(span) })
		}
	}
	return row
}

// ordinalSigns are the ordinals from 0 on in a column each.
const ordinalSigns = "0123456789abcdefghijklmnopqrstuvwxyz"

// leaderSign is the ordinal of the pod that leads in a span, or L if it has none that fits.
func leaderSign(span *story.Span) piece {
	if span.State == story.Broken {
		return bad("!")
	}
	name, _, _ := strings.Cut(span.Text, " ")
	ordinal, err := strconv.Atoi(name[strings.LastIndexByte(name, '-')+1:])
	sign := "L"
	if err == nil && ordinal >= 0 && ordinal < len(ordinalSigns) {
		sign = ordinalSigns[ordinal : ordinal+1]
	}
	return piece{sign, termStyles[span.Term%uint64(len(termStyles))]}
}

// termStyles tell the terms of leaders apart.
var termStyles = []string{"\x1b[34m", "\x1b[36m", "\x1b[32m", "\x1b[35m", "\x1b[33m"}

// faults draws all faults in one row: where one begins and where one is over, and that one lasts.
func (c *chart) faults(lanes []*story.Lane, marks []story.Mark) []piece {
	row := blank(c.cells)
	for _, lane := range lanes {
		for i := range lane.Spans {
			c.cover(&lane.Spans[i], func(i int) { row[i] = piece{"─", "\x1b[31m"} })
		}
	}
	for _, kind := range []story.MarkKind{story.HealMark, story.FaultMark} {
		for i := range marks {
			switch m := &marks[i]; {
			case m.Kind != kind:
			case kind == story.HealMark:
				row[c.cell(m.At)] = good("△")
			default:
				row[c.cell(m.At)] = bad("▼")
			}
		}
	}
	return row
}

// noted remembers which signs stand in the row of a leader or of the faults, for the legend.
func (c *chart) noted(row []piece) []piece {
	for _, sign := range row {
		c.signs[sign.text] = true
	}
	return row
}

// seenOf returns those of some signs that stand in such rows.
func (c *chart) seenOf(signs ...string) []string {
	return slices.DeleteFunc(signs, func(sign string) bool { return !c.signs[sign] })
}
