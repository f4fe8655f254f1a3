package battery

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// narrow is up to which width the table names drills, and says only in the list what they do.
const narrow = 100

// table writes one row a drill. The last column is wrapped, and so is what the drill does where there is room for it.
func (p page) table(rows []row) {
	p.section("Drills")
	heads := []string{"DRILL", "SURVIVED", "DOWN FOR", "RECOVERY", "LOST", "STUCK"}
	cells := make([][]string, len(rows))
	for i := range rows {
		r := &rows[i]
		cells[i] = []string{r.drill.ID, r.survived, r.down(), r.recovery(), r.lost(), r.stuck()}
		if p.width > narrow {
			cells[i][0] = fmt.Sprintf("%-15s %s", r.drill.ID, r.drill.What)
		}
	}
	widths := p.columns(heads, cells)
	p.row(widths, heads)
	for _, row := range cells {
		p.row(widths, row)
	}
}

// services tells, for each Service, how long it was down at worst, and in which drill.
func (p page) services(c *Card) {
	worst := c.worstOfServices()
	if len(c.Results) < 2 || len(worst) == 0 {
		return
	}
	p.section("Services, at their worst")
	cells := [][]string{{"SERVICE", "ITS CLIENT HAD NO SUCCESS FOR", "IT HAD NO READY ENDPOINT FOR"}}
	for _, s := range worst {
		cells = append(cells, []string{s.name, s.outage.String(), s.endpoints.String()})
	}
	widths := []int{0, 0}
	for _, row := range cells {
		for i := range widths {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	for _, row := range cells {
		p.line("  " + padded(row[0], widths[0]) + "  " + padded(row[1], widths[1]) + "  " + row[2])
	}
}

// columns are as wide as what they hold; the first is shortened, and the last takes what is left.
func (p page) columns(heads []string, rows [][]string) []int {
	widths := make([]int, len(heads))
	for i, head := range heads {
		widths[i] = len(head)
		for _, row := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	last := len(widths) - 1
	fixed := 2
	for _, w := range widths[1:last] {
		fixed += w + 2
	}
	const name, least = 14, 22 // for the drill's id, and for what is stuck
	widths[0] = max(min(widths[0], p.width-fixed-2-least), name)
	widths[last] = p.width - fixed - widths[0] - 2
	return widths
}

// row writes one, in several lines if the first or the last cell needs them.
func (p page) row(widths []int, cells []string) {
	last := len(cells) - 1
	first, end := hanging(cells[0], widths[0]), wrapped(cells[last], widths[last])
	for i := range max(len(first), len(end)) {
		line := "  " + padded(at(first, i), widths[0])
		for j := 1; j < last; j++ {
			cell := ""
			if i == 0 {
				cell = cells[j]
			}
			line += "  " + padded(cell, widths[j])
		}
		p.line(line + "  " + at(end, i))
	}
}

// hanging wraps "id              words" so that the words stay below each other.
func hanging(cell string, width int) []string {
	const indent = 16
	if utf8.RuneCountInString(cell) <= width || width <= indent+10 {
		return []string{cell}
	}
	lines := wrapped(cell[indent:], width-indent)
	for i := range lines {
		lines[i] = strings.Repeat(" ", indent) + lines[i]
	}
	lines[0] = cell[:indent] + lines[0][indent:]
	return lines
}

func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0))
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}
