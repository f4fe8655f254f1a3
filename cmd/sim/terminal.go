package main

import (
	"os"
	"runtime"

	"golang.org/x/term"

	"statefulsim/sim"
	"statefulsim/sim/report"
)

// textOptions fits a report to where it goes: a terminal has a width and can show colours, unless the user wants none.
func textOptions(out *os.File, c report.Context, verbose int) report.Options {
	o := report.Options{Context: c, Level: min(sim.Headline+sim.Level(min(verbose, int(sim.Detail))), sim.Detail)}
	if term.IsTerminal(int(out.Fd())) {
		o.Colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && understandsColours()
		if width, _, err := term.GetSize(int(out.Fd())); err == nil {
			o.Width = width
		}
	}
	return o
}

// understandsColours is false for the old console of Windows, which shows escape sequences rather than obey them.
func understandsColours() bool { return runtime.GOOS != "windows" || os.Getenv("WT_SESSION") != "" }
