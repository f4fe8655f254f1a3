package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"unicode"

	"golang.org/x/term"

	"statefulsim/sim"
	"statefulsim/sim/report"
)

// textOptions fits a report to where it goes: a terminal has a width and can show colours, unless the user wants none.
func textOptions(out *os.File, c report.Context, level sim.Level) report.Options {
	o := report.Options{Context: c, Level: level}
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

// harmless returns a text of several lines with everything else that a terminal might obey, rather than show, written as an
// escape: file names and arguments may hold anything.
func harmless(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar || r == '\n' || r == '\t' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
