package tui

import (
	"context"
	"errors"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim"
	"statefulsim/sim/story"
)

func TestOpensAtTheFirstFault(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	mark, ok := s.tale.Next(0, false, story.FaultMark)
	require.True(t, ok)
	require.Equal(t, mark.At, s.view.at)
	require.False(t, s.player.on)
	for _, text := range []string{"primary-crash", "seed 1", "76.718s", "passes", "cluster", "raft", "clients", "inspector", "events", "space play", "? help", "first fault"} {
		s.sees(text)
	}
	require.Empty(t, s.ticks, "nothing moves by itself")
}

func TestShowsAFrameWhileItRuns(t *testing.T) {
	o := options("primary-crash")
	s := &stage{t: t, hold: true}
	s.model = newModel(t.Context(), o)
	s.send(tea.WindowSizeMsg{Width: 100, Height: 30})
	s.do(s.Init())
	s.sees("running primary-crash")
	s.sees("esc cancels")
	s.press("space", "enter", "u", ":", "v", "f", "left") // nothing of this has anything to be about
	s.press("q")
	s.whole()
}

func TestEscapeCancelsARun(t *testing.T) {
	var cancelled error
	o := options("primary-crash")
	o.Run = func(ctx context.Context, _ *scenarios.Scenario) (*sim.Recording, error) {
		cancelled = ctx.Err()
		return nil, cancelled
	}
	s := &stage{t: t, hold: true}
	s.model = newModel(t.Context(), o)
	s.send(tea.WindowSizeMsg{Width: 100, Height: 30})
	s.do(s.Init())
	s.press("esc")
	s.release()
	require.ErrorIs(t, cancelled, context.Canceled)
	require.Nil(t, s.running)
	require.NotNil(t, s.chooser)
	s.sees("first steps") // of the library
}

func TestErrorOfTheFirstRunIsShown(t *testing.T) {
	o := options("primary-crash")
	o.Run = func(context.Context, *scenarios.Scenario) (*sim.Recording, error) {
		return nil, errors.New("no room for it")
	}
	s := opened(t, o, 100, 30)
	s.sees("no room for it")
}

func TestStepsFromEventToEvent(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	began := s.view.seq
	s.press("right")
	require.Greater(t, s.view.seq, began)
	require.Equal(t, sim.Headline, s.tale.Event(s.view.seq).Level)
	s.press("left")
	require.Equal(t, began, s.view.seq)
	s.press("l", "l", "right")
	require.Equal(t, began+1, s.view.seq, "all events are listed")
	s.press("l", "home")
	require.Zero(t, s.view.at)
	s.press("left", "left")
	require.Zero(t, s.view.at)
	s.press("end")
	require.Equal(t, s.tale.end(), s.view.at)
	last := s.view.seq
	s.press("right", "right", "left")
	require.LessOrEqual(t, s.view.seq, last)
}

// Going back from an instant between two events comes to the one before first.
func TestStepsBackFromBetween(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.press("l", "l")
	s.goTo(s.view.at + 5*time.Second)
	last := s.view.seq
	if s.tale.Event(last).At < s.view.at {
		s.press("left")
		require.Equal(t, last, s.view.seq)
	}
}

func TestJumps(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.press("home", "e")
	require.Equal(t, story.ElectionMark, s.tale.marked[s.view.seq])
	s.press("f")
	require.Equal(t, story.FaultMark, s.tale.marked[s.view.seq])
	s.press("f")
	s.sees("no fault after this instant")
	s.press("home", "x")
	require.Equal(t, story.LossMark, s.tale.marked[s.view.seq])
	s.press("c")
	require.Less(t, s.view.at, s.tale.end())
	s.press(".")
	at := s.view.at
	s.press(",")
	require.Equal(t, at-time.Second, s.view.at)
}

func TestCausesLeadToTheBeginning(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	for range 1000 {
		seq := s.view.seq
		s.press("c")
		if s.view.seq == seq {
			break
		}
		require.Less(t, s.view.seq, seq)
	}
	s.sees("it begins here")
}

func TestPlays(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	at := s.view.at
	s.press("space")
	require.True(t, s.player.on)
	require.Len(t, s.ticks, 1)
	now := time.Unix(0, 0)
	for range 30 { // one second
		now = now.Add(time.Second / 30)
		_, cmd := s.Update(tickMsg{s.player.turn, now})
		require.NotNil(t, cmd)
	}
	require.InDelta(t, 5, (s.view.at - at).Seconds(), 0.1, "five virtual seconds a second")
	s.press("space")
	_, cmd := s.Update(tickMsg{s.player.turn, now})
	require.Nil(t, cmd, "it does not tick while it stands still")
	s.press("+", "+", "+", "+", "+", "+")
	s.sees("60x")
	for range 20 {
		s.press("-")
	}
	s.sees("0.1x")
	s.press("end", "space")
	require.Zero(t, s.view.at, "from the end it plays from the beginning")
}

func TestSearches(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.press("home", "/")
	s.typed("becomes leader")
	s.press("enter")
	first := s.view.seq
	require.Contains(t, story.Sentence(s.tale.Event(first), sim.Detail), "becomes Leader")
	s.press("n")
	require.Greater(t, s.view.seq, first)
	s.press("N")
	require.Equal(t, first, s.view.seq)
	s.press("/")
	s.typed("AppendEntries")
	s.press("enter")
	require.Equal(t, sim.Detail, s.level, "what only the whole trace has is found too")
	s.press("/")
	s.typed("no such thing")
	s.press("enter")
	s.sees("no event has")
}

func TestSelectsAndOpensTheMenu(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	first := s.view.selected
	require.Equal(t, "pod", first.kind)
	s.press("down")
	require.NotEqual(t, first, s.view.selected)
	s.press("up")
	require.Equal(t, first, s.view.selected)
	s.press("enter")
	require.NotNil(t, s.popup)
	s.sees(s.popup.choices[0].title)
	s.press("tab")
	require.Nil(t, s.popup)
	require.NotEmpty(t, s.prompt.input.Value(), "the command can be edited")
	s.press("esc")
	require.Nil(t, s.prompt)
}

func TestTurnsToOtherPanes(t *testing.T) {
	s := opened(t, options("primary-crash"), 80, 24)
	for p := range pane(panes) {
		require.Equal(t, p, s.focus)
		s.sees("[" + count(p+1) + " " + paneNames[p] + "]")
		s.press("tab")
	}
	s.press("shift+tab")
	require.Equal(t, inspectorPane, s.focus)
	s.press("2", "v")
	require.True(t, s.zoomed)
	s.press("esc")
	require.False(t, s.zoomed)
}

func TestHelpNamesEveryKey(t *testing.T) {
	s := opened(t, options("primary-crash"), 200, 60)
	s.press("?")
	for _, g := range bindings {
		s.sees(g.title)
		for _, b := range g.bindings {
			s.sees(b.what)
		}
	}
	s.press("esc")
	require.Nil(t, s.help)
}

func TestEveryKeyDoesOneThing(t *testing.T) {
	known := map[string]bool{}
	for _, g := range bindings {
		for _, b := range g.bindings {
			for _, k := range b.keys {
				require.False(t, known[k], k)
				known[k] = true
			}
		}
	}
}

func TestChooser(t *testing.T) {
	o := options("primary-crash")
	run := o.Runs[0]
	o.Runs = nil
	o.Open = func(name string) ([]*scenarios.Scenario, error) {
		if name == "primary-crash" {
			return []*scenarios.Scenario{run}, nil
		}
		return scenarios.Find(name)
	}
	s := opened(t, o, 100, 30)
	s.typed("another takes over")
	s.sees("primary-crash")
	s.press("enter")
	require.NotNil(t, s.tale)
	s.press("o")
	require.NotNil(t, s.chooser)
	s.press("esc")
	require.Nil(t, s.chooser, "back to the story")
}

func TestChoosesOneOfSeveralRuns(t *testing.T) {
	o := options("primary-crash")
	other := *o.Runs[0]
	other.Variant = "cure"
	o.Runs = []*scenarios.Scenario{o.Runs[0], &other}
	s := opened(t, o, 100, 30)
	s.sees("as it is")
	s.press("down", "enter")
	require.Equal(t, "cure", s.session.base.Variant)
}

func TestSmallScreens(t *testing.T) {
	s := opened(t, options("primary-crash"), 30, 5)
	s.sees("76.718s")
	s.sees("40×10")
	s.whole()
	s.send(tea.WindowSizeMsg{Width: 40, Height: 10})
	s.sees("cluster")
	s.whole()
}
