package tui

import (
	"context"
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// command gives a command as one types it.
func (s *stage) command(line string) {
	s.press(":")
	s.typed(line)
	s.press("enter")
}

func TestActsUndoesAndSaves(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.press("home", "e", ".", ".", ".", ".")
	at, before := s.view.at, s.tale.Rec.Hash
	s.command("delete pod mysql-0")
	require.NotEqual(t, before, s.tale.Rec.Hash)
	require.GreaterOrEqual(t, s.view.at, at, "it is looked at where it was done")
	s.sees("+1 command")
	s.sees("delete pod mysql-0")
	after := s.tale.Rec.Hash

	s.press("u")
	require.Equal(t, before, s.tale.Rec.Hash)
	s.press("ctrl+r")
	require.Equal(t, after, s.tale.Rec.Hash)

	s.press("q")
	require.False(t, s.gone)
	s.sees("not saved")
	s.press("w", "enter")
	require.Len(t, s.files, 1)
	for file, text := range s.files {
		s.sees("sim run " + file)
		again, err := scenarios.Parse(file, []byte(text), nil)
		require.NoError(t, err)
		rec, err := sim.Run(t.Context(), again, sim.Options{Seed: 1})
		require.NoError(t, err)
		require.Equal(t, after, rec.Hash, "the saved scenario replays exactly")
	}
	s.press("w", "ctrl+u")
	s.typed("primary-crash-session.yaml")
	s.press("enter")
	s.sees("exists already")
	require.NotNil(t, s.prompt, "another name is asked for")
	s.press("esc", "q")
	require.True(t, s.gone)
}

func TestWrongCommandStaysToBePutRight(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.command("frobnicate everything")
	require.NotNil(t, s.prompt)
	require.Equal(t, wrong, s.note.tone)
	require.Empty(t, s.session.deeds())
}

func TestRunThatFailsTakesTheCommandBack(t *testing.T) {
	o := options("primary-crash")
	whole := o.Run
	o.Run = func(ctx context.Context, sc *scenarios.Scenario) (*sim.Recording, error) {
		if len(sc.Steps) > len(o.Runs[0].Steps) {
			return nil, errors.New("the world would not have it")
		}
		return whole(ctx, sc)
	}
	s := opened(t, o, 120, 40)
	s.command("delete pod mysql-0")
	s.sees("the world would not have it")
	require.Empty(t, s.session.deeds())
}

func TestSecondCommandWaitsForTheFirst(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.hold = true
	s.command("delete pod mysql-1")
	s.command("delete pod mysql-2")
	require.Len(t, s.session.deeds(), 1)
	s.sees("running")
	s.release()
	require.Len(t, s.session.deeds(), 2)
	require.Nil(t, s.running)
}

func TestEscapeTakesBackWhatRuns(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	before := s.tale.Rec.Hash
	s.hold = true
	s.command("delete pod mysql-1")
	s.press("esc")
	s.release()
	require.Empty(t, s.session.deeds())
	require.Equal(t, before, s.tale.Rec.Hash)
	s.sees("as it was")
}

func TestRaftKeys(t *testing.T) {
	for key, line := range map[string]string{"T": "timers mysql together", "S": "timers mysql apart", "K": "kill the primary of mysql"} {
		s := opened(t, options("primary-crash"), 120, 40)
		s.press("home", "e", ".", ".", key)
		require.Len(t, s.session.deeds(), 1, key)
		require.Equal(t, line, s.session.deeds()[0].line)
		require.NotEqual(t, wrong, s.note.tone, s.note.text)
	}
}

func TestMenuActs(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.press("home", "e", ".", ".", "enter", "enter")
	require.Len(t, s.session.deeds(), 1)
}

func TestCompletion(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.press(":")
	s.typed("del")
	s.press("tab")
	require.Contains(t, s.prompt.input.Value(), "delete")
	s.send(tea.PasteMsg{Content: "pod\x1b[31m\nmysql-0"})
	require.NotContains(t, s.prompt.input.Value(), "\x1b")
	s.whole()
}

// A narrow screen has room for all of an error: what to do stands at its end.
func TestLongErrorIsShownWhole(t *testing.T) {
	s := opened(t, options("primary-crash"), 40, 12)
	s.command("restart kube-scheduler")
	s.whole()
	require.Contains(t, strings.Join(strings.Fields(s.screen()), " "), "a component is stopped, and is back after a while: stop kube-scheduler for 1s")
}
