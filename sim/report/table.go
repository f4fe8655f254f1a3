package report

import (
	"strings"

	"statefulsim/scenarios/words"
)

// table is rows of cells; the first row names the columns.
type table struct {
	rows    [][]string
	numbers map[int]bool // the columns that stand at the right
}

func (t *table) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = words.Printable(cell)
		if cell == "" {
			cells[i] = "-"
		}
	}
	t.rows = append(t.rows, cells)
}

// table writes a table. What goes beyond the page's width is left out.
func (p *page) table(t *table) {
	widths := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	for i, row := range t.rows {
		var line strings.Builder
		for j, cell := range row {
			line.WriteString("  ")
			if t.numbers[j] {
				line.WriteString(strings.Repeat(" ", widths[j]-columns(cell)) + cell)
			} else {
				line.WriteString(padded(cell, widths[j]))
			}
		}
		if i == 0 {
			p.cut(faint(line.String()))
		} else {
			p.cut(plain(line.String()))
		}
	}
}
