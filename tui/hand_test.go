package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
)

// where finds a text on the screen.
func (s *stage) where(text string) (x, y int) {
	s.t.Helper()
	for y, line := range strings.Split(s.screen(), "\n") {
		if before, _, found := strings.Cut(line, text); found {
			return cells(before), y
		}
	}
	s.t.Fatalf("%q is not on the screen:\n%s", text, s.screen())
	return 0, 0
}

func (s *stage) click(text string, button tea.MouseButton) {
	s.t.Helper()
	x, y := s.where(text)
	s.send(tea.MouseClickMsg{X: x, Y: y, Button: button})
}

func TestMouse(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.click("mysql-2 replica", tea.MouseLeft)
	require.Equal(t, thing{"pod", "mysql-2"}, s.view.selected)
	require.Nil(t, s.popup)
	s.click("mysql-2 replica", tea.MouseLeft)
	require.NotNil(t, s.popup, "the second click opens what can be done")
	s.click("kill its process", tea.MouseLeft)
	require.Equal(t, "kill mysql-2", s.session.deeds()[0].line)
	s.press("u")

	s.click("node-c", tea.MouseRight)
	require.Equal(t, thing{"node", "node-c"}, s.view.selected)
	require.NotNil(t, s.popup)
	s.press("esc")

	r := s.layout.scrubber
	s.send(tea.MouseClickMsg{X: r.x, Y: r.y, Button: tea.MouseLeft})
	require.Zero(t, s.view.at)
	s.send(tea.MouseMotionMsg{X: r.x + r.w - 1, Y: r.y, Button: tea.MouseLeft})
	require.Greater(t, s.view.at, s.tale.end()*9/10, "dragging the line of time goes there")
	before := s.view.seq
	s.send(tea.MouseWheelMsg{X: r.x, Y: r.y, Button: tea.MouseWheelUp})
	require.Less(t, s.view.seq, before)
}

func TestCommandsAreRecalled(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.press(":")
	s.typed("kill mysql-1")
	s.press("enter", ":")
	s.typed("nonsense")
	s.press("enter")
	s.sees("no command is named")
	s.press("esc", ":", "up")
	require.Equal(t, "nonsense", s.prompt.input.Value())
	s.press("up")
	require.Equal(t, "kill mysql-1", s.prompt.input.Value())
	s.press("up")
	require.Equal(t, "kill mysql-1", s.prompt.input.Value(), "there is nothing before it")
	s.press("down", "down")
	require.Empty(t, s.prompt.input.Value())
}

func TestRefusedCommandSaysWhy(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.press("end", ":")
	s.typed("transfer mysql-2")
	s.press("enter")
	s.sees("the story ends here")
	s.press("esc", ",", ":", "up", "enter")
	s.sees("refused: pod mysql-2 is the primary already; u takes the command back")
	require.True(t, s.tale.Rec.Passed(), "what the world refuses fails nothing")
}

func TestLaterCommandsAreLeftOut(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.press("end", ",", ",", ",", ",", ":")
	s.typed("kill mysql-1")
	s.press("enter", "home", ".", ":")
	s.typed("cut node-a for 1s")
	s.press("enter")
	s.sees("1 later command is left out, u brings them back")
	require.Len(t, s.session.deeds(), 1)
	s.press("u")
	require.Equal(t, "kill mysql-1", s.session.deeds()[0].line)
}

// Trying something again and again does not move it.
func TestTakingBackGoesBack(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	var first time.Duration
	for i := range 4 {
		s.press(":")
		s.typed("kill mysql-1")
		s.press("enter")
		at := s.session.deeds()[0].at
		if i == 0 {
			first = at
		}
		require.Equal(t, first, at)
		s.press("u")
	}
}

func TestSavesToAnotherFileEachTime(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.press("w", "enter", "w", "enter")
	require.Contains(t, s.files, "primary-crash-session.yaml")
	require.Contains(t, s.files, "primary-crash-session-2.yaml")
}

// What a scenario says of itself can be anything, and stays within its place.
func TestHostileTitle(t *testing.T) {
	o := options("primary-crash")
	hostile := *o.Runs[0]
	hostile.Title = "日本語 \x1b[31m\x07\n🦀" + strings.Repeat("長", 200)
	o.Runs[0] = &hostile
	for _, size := range sizes {
		s := opened(t, o, size.width, size.height)
		s.whole()
		require.NotContains(t, s.screen(), "\x07")
		require.Equal(t, size.height-1, strings.Count(s.screen(), "\n"))
	}
}

// The first frame is drawn before the terminal's size is known.
func TestFrameWithoutASize(t *testing.T) {
	for _, runs := range [][]*scenarios.Scenario{nil, {recorded("primary-crash").Scenario}} {
		m := newModel(t.Context(), Options{Runs: runs, Open: scenarios.Find})
		m.Init()
		require.NotPanics(t, func() { m.View() })
	}
}
