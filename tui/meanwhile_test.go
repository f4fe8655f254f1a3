package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// Runs, files and lists take a while, and people do not wait for them.

func TestUndoAgainBeforeItsRunHasEnded(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.command("kill mysql-1")
	s.command("kill mysql-2")
	after := s.tale.Rec.Hash
	s.hold = true
	s.press("u", "u")
	require.Empty(t, s.session.deeds())
	s.press("esc")
	require.Len(t, s.session.deeds(), 2, "what was cancelled is not done, and both were")
	s.press("u", "u", "ctrl+r")
	require.Len(t, s.session.deeds(), 1)
	s.release()
	require.Nil(t, s.running)
	require.NotEqual(t, after, s.tale.Rec.Hash)
	require.Equal(t, "kill mysql-1", s.session.deeds()[0].line)
}

func TestUndoLeavesOutWhatWaitsFirst(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.hold = true
	s.command("kill mysql-1")
	s.command("kill mysql-2")
	s.press("u")
	s.sees("not done: kill mysql-2")
	s.release()
	require.Len(t, s.session.deeds(), 1)
	require.Equal(t, "kill mysql-1", s.session.deeds()[0].line)
}

func TestWhatWaitsInVainIsForgotten(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.hold = true
	s.command("kill mysql-1")
	s.waiting = []order{{s.view.at, "kill nobody"}, {s.view.at, "kill mysql-2"}}
	s.release()
	s.sees("not done: kill nobody")
	require.Empty(t, s.waiting, "or it would be done after some other run")
	require.Len(t, s.session.deeds(), 1)
}

func TestWhoLooksElsewhereStaysThere(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.hold = true
	s.command("kill mysql-1")
	s.press("end", ",")
	at := s.view.at
	s.release()
	require.Equal(t, at, s.view.at)
	require.Len(t, s.session.deeds(), 1)
	require.Equal(t, s.tale.Story, s.view.story, "of the new story")
}

func TestOpeningAnotherScenarioEndsTheRun(t *testing.T) {
	var contexts []context.Context
	o := options("primary-crash")
	whole := o.Run
	o.Run = func(ctx context.Context, s *scenarios.Scenario) (*sim.Recording, error) {
		contexts = append(contexts, ctx)
		return whole(context.WithoutCancel(ctx), s)
	}
	s := opened(t, o, 120, 40)
	s.hold = true
	s.command("kill mysql-1")
	first := s.session
	s.do(s.open(o.Runs[0]))
	require.Empty(t, first.deeds())
	s.release()
	require.Len(t, contexts, 3)
	require.Error(t, contexts[1].Err(), "the run of what was left")
	require.Nil(t, s.running)
	require.NotNil(t, s.tale)
}

func TestListThatComesLate(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.hold = true
	s.press("o", "esc")
	s.release()
	require.Nil(t, s.chooser, "it was closed")

	s.hold = true
	s.press("o")
	s.typed("dead node")
	s.sees("esc back")
	s.release()
	require.Equal(t, "dead node", s.chooser.filter)
	s.sees("dead-node-terminating-forever")
}

func TestOpensWhatWasChosenLast(t *testing.T) {
	o := options("primary-crash")
	o.Open = func(name string) ([]*scenarios.Scenario, error) {
		run := *o.Runs[0]
		run.Title = "chosen: " + name
		return []*scenarios.Scenario{&run}, nil
	}
	s := opened(t, o, 120, 40)
	s.press("o")
	s.hold = true
	s.press("home", "enter", "end", "enter")
	last := s.chooser.opening
	s.release()
	require.Equal(t, "chosen: "+last, s.session.base.Title)
}

func TestFileThatFailsLate(t *testing.T) {
	o := options("primary-crash")
	o.Write = func(string, func(io.Writer) error) error { return errors.New("the disk is full") }
	s := opened(t, o, 120, 40)
	s.hold = true
	s.press("w", "enter")
	s.do(s.open(o.Runs[0]))
	s.release()
	require.Nil(t, s.prompt, "it is another story")
}

func TestFirstRunThatFailsLeadsToTheLibrary(t *testing.T) {
	o := options("primary-crash")
	o.Run = func(context.Context, *scenarios.Scenario) (*sim.Recording, error) { return nil, errors.New("no room") }
	s := opened(t, o, 120, 40)
	s.sees("no room")
	s.sees("dead-node-terminating-forever")
	s.press("down")
	s.sees("esc quit")
}

// Nothing completes a text to search for.
func TestTabWithoutCompletions(t *testing.T) {
	s := opened(t, options("primary-crash"), 120, 40)
	s.press("home", "/")
	s.typed("becomes leader")
	s.press("tab", "enter")
	require.Nil(t, s.prompt)
	require.NotZero(t, s.view.at)
}

// What a run has on disk is gone before the program is.
func TestRunsTidyUpBeforeTheEnd(t *testing.T) {
	ctx, quit := context.WithCancel(t.Context())
	tidy := false
	o := options("primary-crash")
	o.Run = func(run context.Context, _ *scenarios.Scenario) (*sim.Recording, error) {
		quit()
		<-run.Done()
		time.Sleep(20 * time.Millisecond)
		tidy = true
		return nil, run.Err()
	}
	require.ErrorIs(t, Run(ctx, o, new(bytes.Buffer), new(bytes.Buffer)), tea.ErrProgramKilled)
	require.True(t, tidy)
}
