package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/term"
)

// shown is when the line that tells how far something has come was last written; zero if there is none.
var shown time.Time

// progressLine tells somebody who sits before a terminal how far something long has come, a few times a second.
func progressLine(text string) {
	if time.Since(shown) < 200*time.Millisecond || !term.IsTerminal(int(os.Stderr.Fd())) {
		return
	}
	shown = time.Now()
	fmt.Fprintf(os.Stderr, "\r\x1b[K%s", text)
}

// clearLine takes the line away again.
func clearLine() {
	if !shown.IsZero() {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
		shown = time.Time{}
	}
}
