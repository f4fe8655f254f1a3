// Package words is how the project talks to people: text of theirs made harmless for a terminal, the nearest of the names that
// are known, and amounts.
package words

import (
	"fmt"
	"strings"
	"unicode"
)

// Printable returns s with each character that a terminal might obey, rather than show, written as an escape.
func Printable(s string) string {
	if strings.IndexFunc(s, Unprintable) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if Unprintable(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Unprintable is true for control characters, for those that turn the direction of writing, and for broken UTF-8.
func Unprintable(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }

// Quoted returns s in double quotes, shortened if it is long, and harmless to a terminal.
func Quoted(s string) string {
	const most = 80
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// OneOf lists what is known, for a cure.
func OneOf(known []string) string {
	const most = 30
	if len(known) > most {
		return strings.Join(known[:most], ", ") + ", …"
	}
	return strings.Join(known, ", ")
}

// DidYouMean returns a cure for a name that is not among the known ones: the nearest of them, or else all of them. Of
// several that are equally near the first wins.
func DidYouMean(name string, known []string) string {
	if best := Nearest(name, known); best != "" {
		return "did you mean " + Quoted(best) + "?"
	}
	if len(known) == 0 {
		return ""
	}
	return "known are: " + OneOf(known)
}

// Nearest returns the known name with the smallest edit distance to name, or "" if none is near enough to be meant.
func Nearest(name string, known []string) string {
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
