package report

import (
	"bufio"
	"io"
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"statefulsim/scenarios/words"
)

// page is what a report is written on. Everything goes through put, which keeps to the page's width and lets no control
// character through.
type page struct {
	out    *bufio.Writer // keeps its first error until it is flushed
	width  int           // 0: without limit
	colour bool
}

func newPage(w io.Writer, o Options) *page {
	p := &page{out: bufio.NewWriter(w), colour: o.Colour}
	if o.Width > 0 {
		p.width = max(o.Width, leastWidth)
	}
	return p
}

// piece is text of one style.
type piece struct{ text, style string }

// The styles are ANSI's: attributes of a piece of text, not colours of a theme, so that they go with any background.
func plain(s string) piece { return piece{s, ""} }
func bold(s string) piece  { return piece{s, "\x1b[1m"} }
func faint(s string) piece { return piece{s, "\x1b[2m"} }
func good(s string) piece  { return piece{s, "\x1b[1;32m"} }
func bad(s string) piece   { return piece{s, "\x1b[1;31m"} }

const endOfStyle = "\x1b[0m"

// leastWidth is that of the narrowest page; on a terminal that is narrower still the lines run on.
const leastWidth = 20

// leastColumn is how narrow the last piece of a line may get before it moves below the others.
const leastColumn = 24

// hanging is the indent of what moved below.
const hanging = 4

// put writes a line. The last piece is wrapped into the columns that the others leave; if they leave too few it stands below
// them.
func (p *page) put(pieces ...piece) {
	last := len(pieces) - 1
	indent := 0
	for i := range pieces {
		pieces[i].text = words.Printable(pieces[i].text)
		if i < last {
			indent += columns(pieces[i].text)
		}
	}
	if left := p.room() - indent; indent > hanging && left < leastColumn && left < columns(pieces[last].text) {
		p.cut(pieces[:last]...)
		p.wrap(pieces[last], hanging, hanging)
		return
	}
	for _, piece := range pieces[:last] {
		p.write(piece)
	}
	p.wrap(pieces[last], 0, indent)
}

// wrap writes a piece that begins after indent columns, in as many lines as it takes. The first line is moved in by first.
func (p *page) wrap(text piece, first, indent int) {
	room := 0
	if p.width > 0 {
		room = p.width - indent
	}
	for i, line := range wrapped(text.text, room) {
		if i > 0 {
			first = indent
		}
		p.out.WriteString(strings.Repeat(" ", first))
		p.write(piece{line, text.style})
		p.out.WriteByte('\n')
	}
}

// cut writes a line and leaves out what is beyond the page's width.
func (p *page) cut(pieces ...piece) {
	room := p.room()
	for i, piece := range pieces {
		piece.text = words.Printable(piece.text)
		if i == len(pieces)-1 {
			piece.text = strings.TrimRight(piece.text, " ")
		}
		piece.text = shortened(piece.text, room)
		p.write(piece)
		room -= columns(piece.text)
	}
	p.out.WriteByte('\n')
}

// whole writes a line as it is, however long: one that people copy.
func (p *page) whole(text piece) {
	p.write(piece{words.Printable(text.text), text.style})
	p.out.WriteByte('\n')
}

// room is how many columns a line has.
func (p *page) room() int {
	if p.width == 0 {
		return math.MaxInt
	}
	return p.width
}

func (p *page) write(text piece) {
	if !p.colour || text.style == "" || text.text == "" {
		p.out.WriteString(text.text)
		return
	}
	p.out.WriteString(text.style + text.text + endOfStyle)
}

// gap leaves a line empty.
func (p *page) gap() { p.out.WriteByte('\n') }

// heading begins a section.
func (p *page) heading(title string) {
	p.gap()
	p.put(bold(title))
}

// wrapped breaks text into lines of so many columns, which are at least two, between words where that is possible. 0 is
// without limit.
func wrapped(text string, room int) []string {
	if room == 0 || columns(text) <= room {
		return []string{text}
	}
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && columns(line)+1+columns(word) > room {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
		for columns(line) > room {
			head := fitting(line, room)
			lines, line = append(lines, head), line[len(head):]
		}
	}
	return append(lines, line)
}

// fitting returns the beginning of s that fits into so many columns.
func fitting(s string, room int) string { return ansi.Truncate(s, max(room, 0), "") }

// shortened returns s with its end left out if it needs more columns.
func shortened(s string, room int) string { return ansi.Truncate(s, max(room, 0), "…") }

// padded fills s up with spaces to so many columns.
func padded(s string, width int) string { return s + strings.Repeat(" ", max(width-columns(s), 0)) }

// columns is how many columns of a terminal s takes.
func columns(s string) int { return ansi.StringWidth(s) }

// because adds what explains a sentence, and aside what stands beside a name, if there is anything.
func because(s string) string { return joined(": ", s, "") }
func aside(s string) string   { return joined(" (", s, ")") }

func joined(before, s, behind string) string {
	if s == "" {
		return ""
	}
	return before + s + behind
}
