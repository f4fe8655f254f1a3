package main

import (
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/report"
)

// textOptions fits a report to where it goes: a terminal has a width, is looked at rather than read by a program, and can show colours,
// unless the user wants none.
func textOptions(out *os.File, c report.Context, level sim.Level) report.Options {
	o := report.Options{Context: c, Level: level}
	if term.IsTerminal(int(out.Fd())) {
		o.Chart = true
		o.Colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && understandsColours()
		if width, _, err := term.GetSize(int(out.Fd())); err == nil {
			o.Width = width
		}
	}
	return o
}

// understandsColours is false for the old console of Windows, which shows escape sequences rather than obey them.
func understandsColours() bool { return runtime.GOOS != "windows" || os.Getenv("WT_SESSION") != "" }

// harmless returns a text of several lines, and perhaps tabs, with everything else that a terminal might obey written as an
// escape: file names and arguments may hold anything.
func harmless(s string) string {
	return betweenEach(s, "\n", func(line string) string { return betweenEach(line, "\t", words.Printable) })
}

// betweenEach changes what stands between separators, and leaves these.
func betweenEach(s, separator string, change func(string) string) string {
	parts := strings.Split(s, separator)
	for i, part := range parts {
		parts[i] = change(part)
	}
	return strings.Join(parts, separator)
}
