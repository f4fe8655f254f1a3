package tui

import (
	"bytes"
	"io"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/teatest/v2"
	"github.com/stretchr/testify/require"
)

// program is the real program, on a terminal that is not there.
func program(t *testing.T, o Options) *teatest.TestModel {
	return teatest.NewTestModel(t, newModel(t.Context(), o), teatest.WithInitialTermSize(120, 40))
}

func waitFor(t *testing.T, tm *teatest.TestModel, text string) {
	t.Helper()
	teatest.WaitFor(t, tm.Output(), func(out []byte) bool { return bytes.Contains(out, []byte(text)) },
		teatest.WithDuration(20*time.Second), teatest.WithCheckInterval(5*time.Millisecond))
}

func TestProgramPlaysActsSavesAndQuits(t *testing.T) {
	saved := make(chan string, 1)
	o := options("primary-crash")
	o.Write = func(file string, fill func(io.Writer) error) error {
		var b bytes.Buffer
		err := fill(&b)
		saved <- b.String()
		return err
	}
	tm := program(t, o)
	waitFor(t, tm, "first fault")
	tm.Send(keyOf("space"))
	waitFor(t, tm, "▶")
	tm.Send(keyOf("space"))
	waitFor(t, tm, "⏸")
	tm.Type(":delete pod mysql-1")
	tm.Send(keyOf("enter"))
	waitFor(t, tm, "done at")
	tm.Send(keyOf("w"))
	tm.Send(keyOf("enter"))
	waitFor(t, tm, "saved")
	require.Contains(t, <-saved, "mysql-1")
	tm.Send(keyOf("q"))
	tm.WaitFinished(t, teatest.WithFinalTimeout(20*time.Second))
}

// The terminal is put back in order after a panic too, and the panic is told.
func TestPanicLeavesTheTerminal(t *testing.T) {
	var out bytes.Buffer
	m := newModel(t.Context(), options("primary-crash"))
	p := tea.NewProgram(&fragile{m}, tea.WithInput(new(bytes.Buffer)), tea.WithOutput(&out), tea.WithWindowSize(80, 24), tea.WithoutSignals())
	_, err := p.Run()
	require.ErrorIs(t, err, tea.ErrProgramPanic)
	require.Contains(t, out.String(), "\x1b[?1049h", "it took the whole screen")
	require.Contains(t, out.String(), "\x1b[?1049l", "and gave it back")
	require.Contains(t, out.String(), "\x1b[?1002l", "the mouse too")
}

// fragile breaks a while after its story is there, when it has been seen.
type fragile struct{ *model }

func (f *fragile) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, is := msg.(tickMsg); is {
		panic("broken")
	}
	_, cmd := f.model.Update(msg)
	if f.tale != nil {
		cmd = tea.Tick(500*time.Millisecond, func(time.Time) tea.Msg { return tickMsg{} })
	}
	return f, cmd
}
