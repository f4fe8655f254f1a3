package html

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"statefulsim/scenarios/words"
	"statefulsim/sim/report"
	"statefulsim/sim/story"
)

// stateTexts are the states in the order of the legend, in few words: those of pods if pods can be in them. What a state means may depend
// on the kind of lane; "" is any other.
var stateTexts = []struct {
	state story.State
	kind  story.LaneKind
	text  string
}{
	{story.Primary, "", report.StateWord(story.Primary)}, {story.Serving, "", report.StateWord(story.Serving)},
	{story.Starting, "", report.StateWord(story.Starting)}, {story.Waiting, "", report.StateWord(story.Waiting)},
	{story.Unready, "", report.StateWord(story.Unready)}, {story.Ending, "", report.StateWord(story.Ending)},
	{story.Failed, "", report.StateWord(story.Failed)},
	{story.Apart, story.NodeLane, "cordoned"}, {story.Apart, "", "not attached"},
	{story.Broken, story.LeaderLane, "two leaders"}, {story.Broken, "", "fault in force"},
}

// stateText says what a state means in a lane of a kind.
func stateText(kind story.LaneKind, state story.State) string {
	for _, st := range stateTexts {
		if st.state == state && (st.kind == kind || st.kind == "") {
			return st.text
		}
	}
	return ""
}

// markTexts are the signs of the legend in few words.
var markTexts = []struct {
	kind story.MarkKind
	text string
}{
	{story.FaultMark, "a step begins"}, {story.HealMark, "is over"}, {story.LossMark, "primary lost"}, {story.ElectionMark, "elected"},
	{story.RecoverMark, "writes again"}, {story.PassMark, "holds"}, {story.FailMark, "fails"},
}

// spans draws the states of a lane, and adds those that need a word in the legend to seen.
func (c *chart) spans(l *story.Lane, seen map[legend]bool) (all []span) {
	const brief = 0.002 // of the axis
	for _, s := range l.Spans {
		until := min(s.Until, c.Length)
		class, sign := "s-"+string(s.State), s.State != story.Serving && s.State != story.Primary
		if l.Kind == story.LeaderLane && s.Term > 0 && s.State != story.Broken {
			class, sign = "term-"+strconv.FormatUint(s.Term%6, 10), false
		} else {
			seen[legend{class, stateText(l.Kind, s.State)}] = true
		}
		long, label := float64(until-s.From)/float64(c.Length), words.Printable(labelOf(l, &s))
		all = append(all, span{X: c.share(s.From), Width: c.share(until - s.From), Class: class, Label: label, Seq: s.Seq, Sign: sign,
			Text:  fmt.Sprintf("%s: %s, %s to %s", words.Printable(l.Name), words.Printable(s.Text), words.Millis(s.From), words.Millis(until)),
			Brief: long < brief, Tight: long*paper < labelWidth(label)})
	}
	return all
}

// paper is how long the axis is on a sheet of A4, in pixels.
const paper = 540

// labelWidth is how many pixels a label takes, with those beside it. The script knows it too.
func labelWidth(label string) float64 { return 6.2*float64(utf8.RuneCountInString(label)) + 12 }

// labelOf is what fits into a span: the state of a pod in a word, or who leads, what fails, where a volume is.
func labelOf(l *story.Lane, s *story.Span) string {
	if l.Kind == story.PodLane || l.Kind == story.LeaderLane && s.State == story.Broken {
		return stateText(l.Kind, s.State)
	}
	return s.Text
}

// marks draws the instants of a run, in as few lines below one another as keep different signs apart.
func (c *chart) marks(s *story.Story) []mark {
	const (
		most  = 3     // lines
		high  = 14    // pixels
		apart = 0.016 // of the axis: a sign and a little
	)
	all, events := s.Marks, s.Rec.Events
	marks := make([]mark, len(all))
	var last [most]*story.Mark // of each line
	for i := range all {
		m := &all[i]
		line := 0
		for l := range last {
			if last[l] == nil || last[l].At == m.At && last[l].Kind == m.Kind || float64(m.At-last[l].At) >= apart*float64(c.Length) {
				line = l
				break
			}
			if last[l].At < last[line].At {
				line = l
			}
		}
		last[line] = m
		marks[i] = mark{c.share(m.At), string(m.Kind), words.Millis(m.At) + ", " + words.Printable(events[m.Seq-1].Actor+": "+m.Text), m.Seq, rowHeight/2 + high*line}
	}
	return marks
}
