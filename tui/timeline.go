package tui

import (
	"slices"
	"strings"
	"time"

	"statefulsim/sim/story"
)

// scrubber is what of the time line only changes with the story, the width and the theme.
type scrubber struct {
	of     *tale
	width  int
	theme  *theme
	marks  string
	ruler  string
	absent []bool // by column: a primary is missing
}

// ranks orders marks by how much it matters to see them: where several fall into a column, the first kind is shown.
var ranks = []story.MarkKind{
	story.FailMark, story.FaultMark, story.LossMark, story.ElectionMark, story.RecoverMark, story.HealMark, story.PassMark,
}

func (s *scrubber) prepare(t *tale, width int, theme *theme) {
	if s.of == t && s.width == width && s.theme == theme {
		return
	}
	*s = scrubber{of: t, width: width, theme: theme}
	if width <= 0 {
		return
	}
	s.drawMarks()
	s.drawRuler()
	s.findAbsence()
}

// column is where an instant stands.
func (s *scrubber) column(at time.Duration) int {
	end := max(s.of.end(), 1)
	return int(float64(min(at, end)) / float64(end) * float64(s.width-1))
}

// instant is when a column begins.
func (s *scrubber) instant(column int) time.Duration {
	part := float64(min(max(column, 0), s.width-1)) / float64(max(s.width-1, 1))
	return time.Duration(part * float64(s.of.end())).Round(time.Millisecond)
}

func (s *scrubber) drawMarks() {
	kinds := make([]story.MarkKind, s.width)
	for _, mark := range s.of.Marks {
		at := &kinds[s.column(mark.At)]
		if *at == "" || slices.Index(ranks, mark.Kind) < slices.Index(ranks, *at) {
			*at = mark.Kind
		}
	}
	var b strings.Builder
	for _, kind := range kinds {
		if kind == "" {
			b.WriteByte(' ')
		} else {
			b.WriteString(s.theme.marks[kind].Render(markSign(kind)))
		}
	}
	s.marks = b.String()
}

// steps are the distances that the ruler may have.
var steps = []time.Duration{
	second, 2 * second, 5 * second, 10 * second, 20 * second, 30 * second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
	20 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

func (s *scrubber) drawRuler() {
	const apart = 10 // cells at least
	step := steps[len(steps)-1]
	for _, candidate := range slices.Backward(steps) {
		if s.column(candidate) >= apart {
			step = candidate
		}
	}
	var b strings.Builder
	for at, x := time.Duration(0), 0; at <= s.of.end(); at += step {
		label := "╵" + compact(at)
		if column := s.column(at); column >= x && column+cells(label) <= s.width {
			b.WriteString(spaces(column-x) + label)
			x = column + cells(label)
		}
	}
	s.ruler = s.theme.faint.Render(b.String())
}

// compact writes a whole instant: "90s" is "1m30s", and a minute "1m".
func compact(d time.Duration) string {
	text := d.String()
	if d >= time.Minute {
		text = strings.TrimSuffix(text, "m0s") + strings.Repeat("m", strings.Count(text, "m0s"))
	}
	if d >= time.Hour {
		text = strings.TrimSuffix(text, "h0m") + strings.Repeat("h", strings.Count(text, "h0m"))
	}
	return text
}

// findAbsence marks the columns in which a primary is lost and nobody has taken its place.
func (s *scrubber) findAbsence() {
	s.absent = make([]bool, s.width)
	from := -1
	for _, mark := range s.of.Marks {
		switch mark.Kind {
		case story.LossMark:
			from = s.column(mark.At)
		case story.RecoverMark:
			s.fill(from, s.column(mark.At))
			from = -1
		}
	}
	s.fill(from, s.width-1)
}

func (s *scrubber) fill(from, until int) {
	for x := from; from >= 0 && x <= until; x++ {
		s.absent[x] = true
	}
}

// bar draws the line of time with the cursor on it.
func (s *scrubber) bar(at time.Duration) string {
	var b strings.Builder
	cursor := s.column(at)
	for x := 0; x < s.width; {
		if x == cursor {
			b.WriteString(s.theme.strong.Render("●"))
			x++
			continue
		}
		until := x + 1
		for until < s.width && until != cursor && s.absent[until] == s.absent[x] {
			until++
		}
		b.WriteString(s.stretch(until-x, x < cursor, s.absent[x]))
		x = until
	}
	return b.String()
}

// stretch draws a part of the bar that is all alike.
func (s *scrubber) stretch(n int, past, absent bool) string {
	switch {
	case absent && past:
		return s.theme.bad.Render(times("╍", n))
	case absent:
		return s.theme.bad.Render(times("╌", n))
	case past:
		return s.theme.title.Render(times("━", n))
	}
	return s.theme.faint.Render(times("─", n))
}

// lines are as many lines of the scrubber as there is room for.
func (s *scrubber) lines(at time.Duration, height int) []string {
	if s.of == nil {
		return nil
	}
	if height < 3 {
		return []string{s.bar(at)}
	}
	return []string{s.marks, s.bar(at), s.ruler}
}
