package scenarios

import (
	"fmt"
	"strings"
	"unicode"
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
		b.WriteString(Printable(at) + ": ")
	}
	b.WriteString(Printable(p.What))
	if p.excerpt != "" {
		b.WriteString("\n" + p.excerpt)
	}
	if p.Cure != "" {
		b.WriteString("\n  cure: " + Printable(p.Cure))
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

// Printable returns s with each character that a terminal might obey, rather than show, written as an escape.
func Printable(s string) string {
	if strings.IndexFunc(s, unprintable) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unprintable(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unprintable is true for control characters, for those that turn the direction of writing, and for broken UTF-8.
func unprintable(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }

// obeyed is true for what a terminal might obey in a text of several lines.
func obeyed(r rune) bool { return r != '\n' && r != '\t' && unprintable(r) }

// quoted returns s in double quotes, shortened if it is long, and harmless to a terminal.
func quoted(s string) string {
	const most = 80
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// oneOf lists what is known, for a cure.
func oneOf(known []string) string {
	const most = 30
	if len(known) > most {
		return strings.Join(known[:most], ", ") + ", …"
	}
	return strings.Join(known, ", ")
}

// didYouMean returns a cure for a name that is not among the known ones: the nearest of them, or else all of them. Of
// several that are equally near the first wins.
func didYouMean(name string, known []string) string {
	if best := nearest(name, known); best != "" {
		return "did you mean " + quoted(best) + "?"
	}
	if len(known) == 0 {
		return ""
	}
	return "known are: " + oneOf(known)
}

// nearest returns the known name with the smallest edit distance to name, or "" if none is near enough to be meant.
func nearest(name string, known []string) string {
	const longest = 64 // nobody misspells a longer name, and the distance costs the product of the lengths
	if len(name) > longest {
		return ""
	}
	best, least := "", max(len(name)/3, 1)+1
	for _, k := range known {
		if len(k) > longest {
			continue
		}
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < least && d < len(name) {
			best, least = k, d
		}
	}
	return best
}

// distance is how many characters have to be inserted, removed, replaced or swapped with their neighbour to make b of a.
func distance(a, b string) int {
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replaced := above[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			row[j] = min(above[j]+1, row[j-1]+1, replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
