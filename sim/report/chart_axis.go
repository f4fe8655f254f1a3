package report

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// steps of the time axis.
var ticks = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second, time.Minute,
	2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour}

// leastTick is how far apart the labels of the axis are, in columns.
const leastTick = 10

// axis writes instants below the rows, each beginning at its cell.
func (c *chart) axis() {
	step := ticks[len(ticks)-1]
	for _, tick := range slices.Backward(ticks) {
		if float64(tick)/float64(c.end)*float64(c.cells) >= leastTick {
			step = tick
		}
	}
	line := ""
	for at := time.Duration(0); at < c.end; at += step {
		label := "╵" + short(at, step)
		if column := c.cell(at); column >= columns(line) && column+columns(label) <= c.cells {
			line = padded(line, column) + label
		}
	}
	c.p.cut(faint(between + strings.Repeat(" ", c.label) + between + line))
}

// short writes an instant of an axis with such steps, as "90s", "5m" or "2h".
func short(at, step time.Duration) string {
	switch {
	case step%time.Hour == 0:
		return strconv.Itoa(int(at/time.Hour)) + "h"
	case step%time.Minute == 0:
		return strconv.Itoa(int(at/time.Minute)) + "m"
	}
	return strconv.Itoa(int(at/time.Second)) + "s"
}

// apart is what stands before each sign of the legend.
const apart = "  "

// legend says what the signs mean, of those that stand there.
func (c *chart) legend() {
	var says []string
	for _, look := range slices.Backward(looks) {
		if c.seen[look.state] {
			says = append(says, look.sign+" "+look.says)
		}
	}
	says = append(says, c.leaderLegend()...)
	for _, sign := range c.seenOf("▼", "△") {
		says = append(says, sign+map[string]string{"▼": " a step begins", "△": " is over"}[sign])
	}
	line := ""
	for _, sign := range says {
		if columns(line)+columns(apart+sign) > c.p.room() {
			c.p.cut(faint(line))
			line = ""
		}
		line += apart + sign
	}
	c.p.cut(faint(line))
}

// leaderLegend says what the signs in the rows of leaders mean.
func (c *chart) leaderLegend() (says []string) {
	ordinals := c.seenOf(strings.Split(ordinalSigns, "")...)
	switch n := len(ordinals); {
	case n > 0 && ordinals[n-1] >= "a":
		says = append(says, "0 to 9, a (10) to z (35) the pod that leads")
	case n > 0:
		says = append(says, "0 1 2 the pod that leads")
	}
	for _, sign := range c.seenOf("L", "·", "!") {
		says = append(says, sign+map[string]string{"L": " one leads", "·": " nobody leads", "!": " two lead"}[sign])
	}
	return says
}
