package report

import (
	"strings"

	"statefulsim/scenarios/words"
)

// leastBeside is the width of a page on which two texts stand beside each other.
const leastBeside = 120

// between is what divides two texts that stand beside each other.
const between = "  "

// beside writes two texts, each a list of paragraphs: beside each other, or below each other on a page that is narrow or without
// limit.
func (p *page) beside(first, second []piece) {
	if p.width < leastBeside {
		for _, text := range append(first, second...) {
			p.indented(text)
		}
		return
	}
	room := (p.width - columns(between)) / 2
	left, right := narrowed(first, room), narrowed(second, room)
	for i := range max(len(left), len(right)) {
		var l, r piece
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		if r.text == "" {
			p.cut(l)
			continue
		}
		l.text = padded(l.text, room)
		p.cut(l, plain(between), r)
	}
}

// indented writes a paragraph whose lines all begin where its first word does.
func (p *page) indented(text piece) {
	rest := strings.TrimLeft(text.text, " ")
	p.put(plain(text.text[:len(text.text)-len(rest)]), piece{rest, text.style})
}

// narrowed breaks paragraphs into lines of so many columns. Each line begins where the paragraph's first word does.
func narrowed(paragraphs []piece, room int) (lines []piece) {
	for _, text := range paragraphs {
		rest := strings.TrimLeft(text.text, " ")
		indent := text.text[:len(text.text)-len(rest)]
		for _, line := range wrapped(words.Printable(rest), room-len(indent)) {
			lines = append(lines, piece{indent + line, text.style})
		}
	}
	return lines
}
