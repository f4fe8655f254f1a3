package scenarios

import (
	"strings"
	"unicode"

	"statefulsim/scenarios/words"
)

// Problem is one thing that is wrong with a file, or worth telling about it.
type Problem struct {
	Pos     Pos
	What    string // what is wrong, as one clause
	Cure    string // what to write instead; may be empty
	excerpt string // the line it is about, with a caret below; empty if there is none to show
}

// String returns "file:line:column: what", the line with a caret below the column, and the cure. Nothing that stands in a
// file reaches a terminal through it other than as printable text.
func (p Problem) String() string {
	var b strings.Builder
	if at := p.Pos.String(); at != "" {
		b.WriteString(words.Printable(at) + ": ")
	}
	b.WriteString(words.Printable(p.What))
	if p.excerpt != "" {
		b.WriteString("\n" + p.excerpt)
	}
	if p.Cure != "" {
		b.WriteString("\n  cure: " + words.Printable(p.Cure))
	}
	return b.String()
}

// Problems is all that is wrong with a scenario and its manifests, as an error.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return strings.Join(lines, "\n")
}

// excerptWidth is how many characters of a long line an excerpt shows.
const excerptWidth = 100

// excerpt shows a line and points at one of its characters, counted from 1.
func excerpt(line string, column int) string {
	runes := []rune(strings.TrimRight(line, "\r\n"))
	at := min(max(column-1, 0), len(runes))
	from := 0
	if at > excerptWidth*3/4 {
		from = at - excerptWidth/2
	}
	shown := runes[from:min(len(runes), from+excerptWidth)]
	return "    | " + masked(string(shown)) + "\n    | " + strings.Repeat(" ", at-from) + "^"
}

// masked puts one visible character in the place of each that is not printable, so that columns stay what they are.
func masked(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return '·'
		}
		return r
	}, s)
}

// obeyed is true for what a terminal might obey in a text of several lines.
func obeyed(r rune) bool { return r != '\n' && r != '\t' && words.Unprintable(r) }
