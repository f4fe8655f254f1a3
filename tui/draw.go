package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"statefulsim/scenarios/words"
)

// piece is some text in one ink, about a thing or about nothing in particular.
type piece struct {
	text  string
	cells int
	ink   ink
	about thing
}

// row is a line of a pane before it is cut to its width.
type row []piece

// say makes a piece of a text, which may come from a scenario.
func say(i ink, text string) piece {
	text = words.Printable(text)
	return piece{text: text, cells: cells(text), ink: i}
}

// of says what a piece is about: a click on it selects that.
func (p piece) of(t thing) piece {
	p.about = t
	return p
}

// gap is a piece of nothing.
func gap(n int) piece {
	n = max(n, 0)
	return piece{text: spaces(n), cells: n}
}

const blanks = "                                                                                                                                "

func spaces(n int) string {
	if n <= len(blanks) {
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// cells is how wide a text is in a terminal.
func cells(s string) int {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// short makes a name fit in so many cells: the middle is left out, as the ordinal at the end tells a set's pods apart.
func short(name string, width int) string {
	name = words.Printable(name)
	n := cells(name)
	if n <= width {
		return name
	}
	tail := min(6, width/3)
	return ansi.Truncate(name, width-tail-1, "") + "…" + ansi.TruncateLeft(name, n-tail, "")
}

// cells is how wide a row is.
func (r row) cells() (n int) {
	for i := range r {
		n += r[i].cells
	}
	return n
}

// fit cuts a row to a width; what is cut ends in "…".
func (r row) fit(width int) row {
	n := 0
	for i := range r {
		if n+r[i].cells > width {
			cut := r[i]
			cut.text = ansi.Truncate(cut.text, width-n, "…")
			cut.cells = cells(cut.text)
			return append(r[:i:i], cut)
		}
		n += r[i].cells
	}
	return r
}

// pad makes a row exactly as wide as it says.
func (r row) pad(width int) row {
	r = r.fit(width)
	if n := r.cells(); n < width {
		return append(r[:len(r):len(r)], gap(width-n))
	}
	return r
}

// beside puts columns of the same width next to each other.
func beside(columns [][]row, width, between int) (rows []row) {
	tallest := 0
	for _, column := range columns {
		tallest = max(tallest, len(column))
	}
	for y := range tallest {
		var line row
		for x, column := range columns {
			if x > 0 {
				line = append(line, gap(between))
			}
			var cell row
			if y < len(column) {
				cell = column[y]
			}
			line = append(line, cell.pad(width)...)
		}
		rows = append(rows, line)
	}
	return rows
}

// strip makes a row of n signs of one cell each; neighbours that look the same are one piece.
func strip(n int, cell func(x int) (sign string, look ink)) (r row) {
	var b strings.Builder
	var last piece
	for x := range n {
		sign, look := cell(x)
		if look != last.ink && last.cells > 0 {
			last.text = b.String()
			r, last.cells = append(r, last), 0
			b.Reset()
		}
		b.WriteString(sign)
		last.ink, last.cells = look, last.cells+1
	}
	if last.cells > 0 {
		last.text = b.String()
		r = append(r, last)
	}
	return r
}

// table lines up the cells of lines below each other, two cells apart. The last one of a line is as wide as it is.
func table(lines [][]row) (rows []row) {
	var widths []int
	for _, line := range lines {
		for x, cell := range line[:max(len(line)-1, 0)] {
			if x == len(widths) {
				widths = append(widths, 0)
			}
			widths[x] = max(widths[x], cell.cells())
		}
	}
	for _, line := range lines {
		var r row
		for x, cell := range line {
			if x == len(line)-1 {
				r = append(r, cell...)
			} else {
				r = append(append(r, cell.pad(widths[x])...), gap(2))
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// wrap breaks a text into rows at its spaces; those after the first begin as far in as the first piece is wide.
func wrap(first piece, i ink, text string, width int) (rows []row) {
	room := max(width-first.cells, 8)
	line := piece{ink: i}
	for word := range strings.FieldsSeq(words.Printable(text)) {
		n := cells(word)
		if line.cells > 0 && line.cells+1+n > room {
			rows, first, line = append(rows, row{first, line}), gap(first.cells), piece{ink: i}
		}
		for ; n > room; n = cells(word) { // a word that is longer than a line is broken
			part := ansi.Truncate(word, room, "")
			rows, first = append(rows, row{first, {text: part, cells: cells(part), ink: i}}), gap(first.cells)
			word = word[len(part):]
		}
		if line.cells > 0 {
			line.text, line.cells = line.text+" ", line.cells+1
		}
		line.text, line.cells = line.text+word, line.cells+n
	}
	return append(rows, row{first, line})
}

// most leaves the first n rows, and says how many more there are.
func most(rows []row, n int, faint ink) []row {
	if len(rows) <= n {
		return rows
	}
	if n <= 0 {
		return nil
	}
	left := len(rows) - (n - 1)
	return append(rows[:n-1:n-1], row{say(faint, "+"+count(left)+" more")})
}

// draw renders rows for a pane of a size.
func (v *view) draw(rows []row, width, height int) (d drawing) {
	if width <= 0 || height <= 0 {
		return drawing{}
	}
	var b strings.Builder
	for y, r := range rows[:min(len(rows), height)] {
		b.Reset()
		x := 0
		for _, p := range r.fit(width) {
			i := p.ink
			if p.about.kind != "" && p.cells > 0 {
				d.spots = append(d.spots, spot{p.about, x, y, p.cells})
				if p.about == v.selected {
					i = ink{i.on + v.theme.ink.cursor.on, v.theme.ink.cursor.off}
				}
			}
			b.WriteString(i.on)
			b.WriteString(p.text)
			b.WriteString(i.off)
			x += p.cells
		}
		d.lines = append(d.lines, b.String())
	}
	return d
}
