package tui

import (
	"context"
	"io"
	"sync"

	tea "charm.land/bubbletea/v2"

	"statefulsim/scenarios"
	"statefulsim/sim"
)

// Options say what the program shows, and lend it what it cannot do by itself.
type Options struct {
	// Runs are those to choose from; a single one is opened at once, and with none the library is shown to choose from.
	Runs []*scenarios.Scenario
	// Open reads all runs of an embedded scenario that was chosen from the library.
	Open func(name string) ([]*scenarios.Scenario, error)
	// Run runs a scenario. It may take long, and ends soon after its context does.
	Run func(ctx context.Context, s *scenarios.Scenario) (*sim.Recording, error)
	// Write makes a new file and has it filled. It is an error, and nothing is touched, if there is a file of that name.
	Write func(file string, fill func(io.Writer) error) error

	NoColour bool // tell everything by signs and words alone
}

// Run shows runs on a terminal until the user quits or the context ends. An error tells that the program broke; the terminal is as it was before in
// any case.
func Run(ctx context.Context, o Options, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	var underWay sync.RWMutex // a run reads it
	start := o.Run
	o.Run = func(ctx context.Context, s *scenarios.Scenario) (*sim.Recording, error) {
		underWay.RLock()
		defer underWay.RUnlock()
		return start(ctx, s)
	}
	_, err := tea.NewProgram(newModel(ctx, o), tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithFPS(framesPerSecond)).Run()
	stop()
	underWay.Lock() // until each run has tidied up behind itself, and none begins any more
	return err
}
